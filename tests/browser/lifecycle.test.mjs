// A server that is asked to stop, as a process manager asks it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { build, root, start } from "./harness.mjs";

const FILES = {
  "package.json": "{}",
  "app/layout.tsx": "export default ({ children }: { children: React.ReactNode }) => <html><body>{children}</body></html>;",
  "app/page.tsx": "export default () => <p>hello</p>;",
  "app/slow/route.ts": `
    import { after } from "next/server";
    export async function GET(request: Request) {
      const gates = new URL(request.url).searchParams.get("gates");
      after(() => fetch(gates + "/after"));
      await fetch(gates + "/during");
      return new Response("finished");
    }
  `,
};

/** A server on which each path answers once `release` is called for it. */
async function gates(context) {
  const waiting = new Map();
  const arrivals = new Map();
  const arrival = (path) => {
    if (!arrivals.has(path)) {
      let resolve;
      const promise = new Promise((then) => (resolve = then));
      arrivals.set(path, { promise, resolve });
    }
    return arrivals.get(path);
  };
  const server = createServer((request, response) => {
    waiting.set(request.url, response);
    arrival(request.url).resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    reached: (path) => arrival(path).promise,
    release: (path) => waiting.get(path).end("go on"),
  };
}

test("a server that is stopped finishes its requests and what comes after them, and says what stopped it", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "vinext-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  symlinkSync(join(root, "tests/browser/node_modules"), join(dir, "node_modules"));
  build(dir);
  for (const [signal, status] of [["SIGTERM", 143], ["SIGINT", 130]]) {
    const gate = await gates(context);
    const { origin, child } = await start(dir, context);
    const exit = once(child, "exit");
    const answer = fetch(`${origin}/slow?gates=${encodeURIComponent(gate.origin)}`).then((response) => response.text());
    await gate.reached("/during");
    child.kill(signal);
    // Nobody new is let in.
    while (await fetch(origin).then((response) => response.text(), () => false));
    gate.release("/during");
    assert.equal(await answer, "finished");
    await gate.reached("/after");
    assert.equal(child.exitCode, null);
    gate.release("/after");
    assert.deepEqual(await exit, [status, null]);
  }
});
