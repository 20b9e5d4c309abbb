// Builds and serves a fixture, on either side.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fixturesFolder, here } from "./folders.mjs";

/** A build that ended with an error, and what it said. */
export class BuildFailure extends Error {}

/** Runs a build to its end. What it asks of the upstream is answered meanwhile. */
async function run(program, arguments_, cwd) {
  const child = spawn(program, arguments_, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" } });
  const status = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), status]);
  if (code !== 0) throw new BuildFailure(`${program} ${arguments_.join(" ")} failed:\n${said}${complained}`);
}

/** A copy of the fixture below a folder whose packages it then finds. */
function copy(name, side) {
  const dir = join(side === "next" ? join(here, "next") : here, "work", name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(join(fixturesFolder, name), dir, { recursive: true, filter: (path) => !path.endsWith("oracle.mjs") });
  return dir;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function started(child, pattern) {
  let text = "";
  const origin = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      text += chunk;
      const match = pattern.exec(text);
      if (match) resolve(match[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`the server ended:\n${text}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.on("exit", resolve);
      child.kill("SIGTERM");
    });
  return { origin, stop };
}

export async function serveOnNext(name) {
  const dir = copy(name, "next");
  const next = join(here, "next/node_modules/.bin/next");
  await run(next, ["build"], dir);
  const port = await freePort();
  const child = spawn(next, ["start", "-p", String(port), "-H", "127.0.0.1"], { cwd: dir, env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } });
  const { stop } = await started(child, /Ready in/);
  return { origin: `http://127.0.0.1:${port}`, stop };
}

export async function serveOnVinext(name) {
  const dir = copy(name, "vinext");
  await run(process.env.VINEXT, ["build", dir], dir);
  return started(spawn(process.env.VINEXT, ["start", dir, "-H", "127.0.0.1", "-p", "0"]), /http:\/\/127[^\s]+/);
}
