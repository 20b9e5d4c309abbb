// `unstable_cache`: functions whose results are stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cookies } from "../next/headers.ts";
import { unstable_cache, unstable_noStore } from "../next/cache.ts";
import { dataFetch } from "../server/cache/fetch.ts";
import { jsonOf } from "../server/cache/json.ts";
import { DynamicUsage, runWork } from "../server/work.ts";
import { testHost, testWork } from "./data-cache.ts";
import type { FunctionOptions } from "../server/cache/unstable.ts";

/** A function that says how often it was called. */
function counted(options?: FunctionOptions, keyParts?: string[]): { calls: unknown[][]; ask: (...args: unknown[]) => Promise<unknown> } {
  const calls: unknown[][] = [];
  const ask = unstable_cache(async (...args: unknown[]) => ({ count: calls.push(args), args }), keyParts, options);
  return { calls, ask };
}

const inPage = <T>(action: () => T): T => runWork(testWork("dynamic"), action);

test("a result is stored by its arguments and key parts", async () => {
  const host = testHost();
  const { ask, calls } = counted({}, ["k"]);
  assert.deepEqual(await inPage(() => ask(1, "a")), { count: 1, args: [1, "a"] });
  await host.settled();
  assert.deepEqual(await inPage(() => ask(1, "a")), { count: 1, args: [1, "a"] });
  assert.deepEqual(await inPage(() => ask(2, "a")), { count: 2, args: [2, "a"] });
  await host.settled();
  const other = counted({}, ["other"]);
  assert.deepEqual(await inPage(() => other.ask(1, "a")), { count: 1, args: [1, "a"] });
  assert.equal(calls.length, 2);
  // Also where there is no request.
  assert.deepEqual(await ask(2, "a"), { count: 2, args: [2, "a"] });
  await host.settled();
  assert.equal(host.open.size, 0);
});

test("nothing is a result, an error is none", async () => {
  const host = testHost();
  let calls = 0;
  const nothing = unstable_cache(async () => void calls++);
  assert.equal(await inPage(() => nothing()), undefined);
  await host.settled();
  assert.equal(await inPage(() => nothing()), undefined);
  assert.equal(calls, 1);
  const failing = unstable_cache(async () => Promise.reject(new Error(`failure ${++calls}`)));
  await assert.rejects(inPage(() => failing()), /failure 2/);
  await assert.rejects(inPage(() => failing()), /failure 3/);
  assert.equal(host.open.size, 0);
});

test("what cannot be written as JSON is given and not stored, and arguments that cannot are an error", async () => {
  const host = testHost();
  const large = unstable_cache(async () => 1n as unknown);
  assert.equal(await inPage(() => large()), 1n);
  await host.settled();
  assert.equal(host.entries.size, 0);
  assert.equal(host.open.size, 0);
  await assert.rejects(inPage(() => counted().ask(1n)), TypeError);
});

test("what cannot be written as JSON is named by its place", async () => {
  const ring: Record<string, unknown> = { name: "ring" };
  ring.back = [ring];
  const failing = { toJSON: () => { throw new Error("no"); } };
  for (const [value, path, what] of [
    [{ user: { accounts: [{ balance: 1n }] } }, "result.user.accounts[0].balance", "a BigInt"],
    [ring, "result.back[0]", "a part of itself"],
    [{ "two words": failing }, 'result["two words"]', "something whose toJSON() fails (Error: no)"],
  ] as const) {
    assert.throws(() => jsonOf(value, "result", "unstable_cache f"), new TypeError(`unstable_cache f: \`${path}\` is ${what}, which cannot be written as JSON`));
  }
  assert.equal(jsonOf({ at: new Date(0), left: undefined }, "result", "f"), '{"at":"1970-01-01T00:00:00.000Z"}');
  await assert.rejects(inPage(() => counted().ask({ id: 1n })), /`arguments\[0\]\.id` is a BigInt/);
});

test("what is stale is served once more, and what is kept is made of what is fresh", async () => {
  const host = testHost();
  const { ask } = counted({ tags: ["t"], revalidate: 60 });
  const count = async (mode: "dynamic" | "prerender"): Promise<number> => ((await runWork(testWork(mode), () => ask())) as { count: number }).count;
  assert.equal(await count("dynamic"), 1);
  await host.settled();
  host.invalidate("t", "stale");
  assert.equal(await count("dynamic"), 1);
  await host.settled();
  assert.equal(await count("dynamic"), 2);
  host.invalidate("t", "stale");
  assert.equal(await count("prerender"), 3);
  await host.settled();
  host.invalidate("t", "gone");
  assert.equal(await count("dynamic"), 4);
});

test("a page that uses it is kept no longer, and has its tags", async () => {
  testHost();
  const work = testWork("prerender", { revalidate: 600 });
  await runWork(work, () => counted({ revalidate: 60, tags: ["a"] }).ask());
  await runWork(work, () => counted({ tags: ["b"] }).ask());
  assert.equal(work.revalidate, 60);
  assert.deepEqual([...work.tags], ["a", "b"]);
});

test("it cannot ask who it is for, and what it is made of is not stored by itself", async () => {
  const host = testHost();
  const work = testWork("prerender");
  await assert.rejects(runWork(work, () => unstable_cache(async () => (await cookies()).size)()), /`cookies\(\)` can't be read inside `unstable_cache\(\)`/);
  assert.equal(work.usedDynamic, null);
  let sent = 0;
  const fetch = dataFetch(async () => new Response(String(++sent)));
  const outer = unstable_cache(async () => {
    unstable_noStore();
    const inner = unstable_cache(async () => (await fetch("https://api.example/x", { next: { revalidate: 5 } } as RequestInit)).text());
    return inner();
  });
  assert.equal(await runWork(work, () => outer()), "1");
  await host.settled();
  // The outer function's and the inner one's, and none of the fetch.
  assert.equal(host.entries.size, 2);
  assert.deepEqual([work.usedDynamic, work.revalidate], [null, false]);
});

test("a function inside of another is called whenever that is, and its result is stored, too", async () => {
  const host = testHost();
  let calls = 0;
  const inner = unstable_cache(async () => `inner ${++calls}`, ["inner"], { tags: ["inner"] });
  const outer = unstable_cache(async () => `outer of ${await inner()}`, ["outer"], { tags: ["outer"] });
  const ask = async (what: () => Promise<string>): Promise<string> => {
    const value = await inPage(what);
    await host.settled();
    return value;
  };
  assert.equal(await ask(outer), "outer of inner 1");
  assert.equal(await ask(inner), "inner 1");
  host.invalidate("inner", "gone");
  assert.equal(await ask(outer), "outer of inner 1");
  assert.equal(await ask(inner), "inner 2");
  host.invalidate("outer", "gone");
  assert.equal(await ask(outer), "outer of inner 3");
  assert.equal(await ask(inner), "inner 3");
  assert.equal(host.open.size, 0);
});

test("drafts, and routes that store nothing, call it each time", async () => {
  const host = testHost();
  const { ask, calls } = counted();
  await runWork(testWork("dynamic", {}, ["cookie", "__prerender_bypass=secret"]), () => ask());
  await runWork(testWork("dynamic", { fetchCache: "force-no-store" }), () => ask());
  assert.equal(calls.length, 2);
  assert.equal(host.looks.length, 0);
});

test("options that mean nothing are an error where they are written", () => {
  for (const revalidate of [0, -1, NaN]) assert.throws(() => counted({ revalidate }), /revalidate/);
});

test("unstable_noStore ends a prerender, unless the route is static whatever happens", () => {
  testHost();
  const work = testWork("prerender");
  assert.throws(() => runWork(work, () => unstable_noStore()), DynamicUsage);
  assert.equal(work.noStore, true);
  const forced = testWork("prerender", { dynamic: "force-static" });
  runWork(forced, () => unstable_noStore());
  assert.deepEqual([forced.noStore, forced.usedDynamic], [false, null]);
});
