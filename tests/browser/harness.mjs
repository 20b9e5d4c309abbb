// Builds apps with vinext, serves them on a free port, and opens Chromium.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));

/** The root of the checkout. */
export const root = join(here, "../..");

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}; \`cargo xtask test\` does`);
  return value;
}

/** Runs the binary to its end. */
export function vinext(arguments_, options = {}) {
  const result = spawnSync(required("VINEXT"), arguments_, { encoding: "utf8", timeout: 60_000, ...options });
  if (result.error) throw result.error;
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** A copy of an app in a folder of its own, with the suite's packages. */
export function copyOf(source, context) {
  const dir = mkdtempSync(join(tmpdir(), "vinext-"));
  cpSync(source, dir, { recursive: true, filter: (path) => !/\/(node_modules|\.vinext)$/.test(path) });
  if (!existsSync(join(dir, "node_modules"))) symlinkSync(join(here, "node_modules"), join(dir, "node_modules"));
  // A server that still runs may write meanwhile.
  context.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }));
  return dir;
}

/** Builds an app; fails with what the build said. */
export function build(dir) {
  const { status, stdout, stderr } = vinext(["build", dir]);
  if (status !== 0) throw new Error(`vinext build failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** Serves a built app; stops with the test. */
export async function start(dir, context, flags = []) {
  const child = spawn(required("VINEXT"), ["start", dir, "-H", "127.0.0.1", "-p", "0", ...flags]);
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  const origin = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const match = /http:\/\/[^\s]+/.exec(text);
      if (match) resolve(match[0]);
    });
    child.on("exit", (code) => reject(new Error(`vinext start ended with ${code}:\n${text}${log}`)));
  });
  context.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    await gone;
  });
  child.removeAllListeners("exit");
  return { origin, child, log: () => log };
}

/** Starts Chromium. */
export function launch() {
  return chromium.launch({
    executablePath: required("CHROMIUM"),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"],
  });
}

/** Opens Chromium; a page collects everything that should not have been said. */
export async function openBrowser(context) {
  const browser = await launch();
  context.after(() => browser.close());
  return {
    async page() {
      const page = await browser.newPage();
      const complaints = [];
      page.on("console", (message) => {
        // Browsers ask for it whether or not a page has one.
        if (message.location().url.endsWith("/favicon.ico")) return;
        if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
      page.setDefaultTimeout(15_000);
      return { page, complaints };
    },
  };
}

/** Waits until React has taken over the document. */
export async function hydrated(page) {
  await page.waitForFunction(() => Object.keys(document).some((key) => key.startsWith("__reactContainer")) || Object.keys(document.documentElement).some((key) => key.startsWith("__react")));
}

/** A port that nobody listens on, or (with `hold`) a server that does. */
export async function takenPort(context) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return server.address().port;
}
