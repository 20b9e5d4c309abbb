// Builds and serves a fixture, on either side.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { hostFiles, linkable } from "./files.mjs";
import { fixturesFolder, here } from "./folders.mjs";

/** A build that ended with an error, and what it said. */
export class BuildFailure extends Error {}

/** Runs a build to its end, and gives what it said. What it asks of the upstream is answered meanwhile. */
async function run(program, arguments_, cwd) {
  const child = spawn(program, arguments_, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" } });
  const status = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), status]);
  if (code !== 0) throw new BuildFailure(`${program} ${arguments_.join(" ")} failed:\n${said}${complained}`);
  return said + complained;
}

/** A copy of the fixture below a folder whose packages it then finds, with further files laid over it. */
function copy(name, side, files) {
  const dir = join(side === "next" ? join(here, "next") : here, "work", name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(join(fixturesFolder, name), dir, { recursive: true, filter: (path) => !path.endsWith("oracle.mjs") });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
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

/** Serves what a build has exported: `exported` says to which folder, and where on its host that is to be. */
async function serveExported(dir, { folder = "out", at = "" }) {
  const root = join(dir, folder);
  return { ...(await hostFiles(root, at)), files: await linkable(root) };
}

/** A side of the comparison: how it builds a fixture, and how it serves it. */
const next = {
  program: join(here, "next/node_modules/.bin/next"),
  async build(name, files = {}) {
    const dir = copy(name, "next", files);
    return { dir, said: await run(next.program, ["build"], dir) };
  },
  async serve(dir) {
    const port = await freePort();
    const child = spawn(next.program, ["start", "-p", String(port), "-H", "127.0.0.1"], { cwd: dir, env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } });
    const { stop } = await started(child, /Ready in/);
    return { origin: `http://127.0.0.1:${port}`, stop };
  },
};

const vinext = {
  async build(name, files = {}) {
    const dir = copy(name, "vinext", files);
    return { dir, said: await run(process.env.VINEXT, ["build", dir], dir) };
  },
  serve: (dir) => started(spawn(process.env.VINEXT, ["start", dir, "-H", "127.0.0.1", "-p", "0"]), /http:\/\/127[^\s]+/),
};

const side = ({ build, serve }) => ({
  /** Builds a fixture, and gives what that said. */
  build: async (name, files) => (await build(name, files)).said,
  /** Builds and serves a fixture; one that is exported from a host of files. */
  async serve(name, exported) {
    const { dir } = await build(name);
    return exported === undefined ? serve(dir) : serveExported(dir, exported);
  },
});

export const onNext = side(next);
export const onVinext = side(vinext);
