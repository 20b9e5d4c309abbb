// What is stored once is there for everybody: callers of one server, and servers that share a Redis.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { build, copyOf, root, start } from "./harness.mjs";

const source = join(root, "tests/browser/fixtures/shared");

/** Redis on a socket of its own: the URL that `--cache` takes. */
async function redis(context) {
  const dir = mkdtempSync(join(tmpdir(), "vinext-redis-"));
  const socket = join(dir, "socket");
  const child = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no"]);
  context.after(() => {
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  for await (const line of createInterface(child.stdout)) if (/eady to accept/.test(line)) break;
  child.stdout.resume();
  return `redis+unix://${socket}`;
}

/** What a page says, and which render of it that is. */
async function made(origin, of) {
  const response = await fetch(`${origin}/made/${of}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const [, rendered, value] = /data-rendered="([^"]+)">([^<]+)</.exec(text);
  return { rendered, value };
}

test("a herd of 500 on a cold page is one render", async (context) => {
  const app = copyOf(source, context);
  build(app);
  const { origin } = await start(app, context);
  const answers = await Promise.all(Array.from({ length: 500 }, () => made(origin, "herd")));
  assert.equal(new Set(answers.map(({ rendered }) => rendered)).size, 1);
});

test("two servers on one Redis have one cache", async (context) => {
  const app = copyOf(source, context);
  build(app);
  const flags = ["--cache", await redis(context)];
  // What a server has made is with Redis when it has ended.
  const first = await start(app, context, flags);
  const known = await made(first.origin, "a");
  const gone = new Promise((resolve) => first.child.on("exit", resolve));
  first.child.kill("SIGTERM");
  await gone;
  const [one, other] = [await start(app, context, flags), await start(app, context, flags)];
  for (const { origin } of [one, other]) assert.deepEqual(await made(origin, "a"), known, "a page that one has made is there for the others");
  const times = [];
  for (let round = 0; round < 20; round++) {
    const before = await made(other.origin, "a");
    const response = await fetch(`${one.origin}/outdate`, { method: "POST" });
    assert.equal(await response.text(), "done");
    const begun = performance.now();
    let now;
    do now = await made(other.origin, "a");
    while (now.value === before.value);
    times.push(performance.now() - begun);
    assert.notEqual((await made(one.origin, "a")).value, before.value);
  }
  times.sort((one, other) => one - other);
  context.diagnostic(`a revalidateTag of one is seen by the other, the render of the page (50 ms) included, after ${times[10].toFixed(1)} ms (median of 20), ${times[19].toFixed(1)} at most`);
});
