// The app's `cacheHandlers`: what each of them is asked, and what becomes of what it answers.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keptResult } from "../server/cache/results.ts";
import { openCacheHandlers } from "../server/cache/handlers/answer.ts";
import { fateOf, storeOf } from "../server/cache/handlers/store.ts";
import { askedOf } from "../server/cache/handlers/ask.ts";
import { revalidatePath, revalidateTag, settleInvalidations, updateTag } from "../server/invalidate.ts";
import { provideBuild } from "../server/host-access.ts";
import { provideRootParams } from "../server/root-params.ts";
import { runWork } from "../server/work.ts";
import { testHost, testWork } from "./data-cache.ts";
import type { TestHost } from "./data-cache.ts";
import type { MadeResult, Result } from "../server/cache/results.ts";
import type { EntryHead } from "../server/cache/handlers/question.ts";
import type { IncomingRequest } from "../server/host.ts";
import type { ServerConfig } from "../server/routes.ts";
import type { Work } from "../server/work.ts";

interface Entry extends EntryHead {
  value: ReadableStream<Uint8Array>;
}

/** A handler that keeps what it is given in a map, and says what it was asked. */
class Spy {
  readonly asked: string[] = [];
  readonly kept = new Map<string, { head: EntryHead; bytes: Uint8Array }>();
  /** What it makes of an entry that it gives. */
  change: (entry: Entry) => Entry = (entry) => entry;
  expiration = 0;
  /** The last set has ended: with this. */
  ended: string[] = [];

  async get(key: string, softTags: string[]): Promise<Entry | undefined> {
    this.asked.push(`get ${softTags.length}`);
    const found = this.kept.get(key);
    return found && this.change({ ...found.head, value: new Response(found.bytes.slice()).body as ReadableStream<Uint8Array> });
  }

  async set(key: string, pending: Promise<Entry>): Promise<void> {
    this.asked.push("set");
    const { value, ...head } = await pending;
    try {
      this.kept.set(key, { head, bytes: new Uint8Array(await new Response(value).arrayBuffer()) });
      this.ended.push("kept");
    } catch (error) {
      this.ended.push((error as Error).message);
    }
  }

  async refreshTags(): Promise<void> {
    this.asked.push("refreshTags");
  }

  async getExpiration(tags: string[]): Promise<number> {
    this.asked.push(`getExpiration ${tags.length}`);
    return this.expiration;
  }

  async updateTags(...given: [tags: string[], durations?: { expire?: number }]): Promise<void> {
    this.asked.push(`updateTags ${given.map((one) => JSON.stringify(one)).join(" ")}`);
  }
}

declare global {
  var handlerOfTest: Spy | undefined;
}

/** A host whose `cacheHandlers` are one that is told of everything, by two names. */
async function opened(): Promise<{ spy: Spy; host: TestHost }> {
  const spy = new Spy();
  globalThis.handlerOfTest = spy;
  const folder = await mkdtemp(join(tmpdir(), "handlers-"));
  const path = join(folder, "handler.mjs");
  await writeFile(path, "export default globalThis.handlerOfTest;");
  let ask: Awaited<ReturnType<typeof openCacheHandlers>> | undefined;
  const host = testHost({
    cacheHandlers: ["default", "remote"],
    importServer: (file) => import(file),
    async askHandlers(question, body) {
      const request = { toRequest: () => new Request("http://localhost/", { method: "POST", body: new Uint8Array(body) }) } as unknown as IncomingRequest;
      const response = await ask?.(request, JSON.parse(JSON.stringify(question)));
      return response === undefined || response.status === 204 ? null : new Uint8Array(await response.arrayBuffer());
    },
  });
  const { currentHost } = await import("../server/host-access.ts");
  ask = await openCacheHandlers(currentHost(), { default: path, remote: path });
  await rm(folder, { recursive: true });
  provideBuild("build", { cacheLife: {}, staleTimes: { static: 300 } } as unknown as ServerConfig);
  return { spy, host };
}

const KEY = "0".repeat(64);
let made = 0;

function making(more: Partial<MadeResult> = {}): () => Promise<MadeResult> {
  return async () => ({ life: { stale: 60, revalidate: 50, expire: 500 }, tags: ["t"], roots: [], bytes: new TextEncoder().encode(`made ${++made}`), failure: null, ...more });
}

async function call(work: Work, make = making()): Promise<string> {
  askedOf(work);
  const { bytes }: Result = await keptResult(work, KEY, make, storeOf("default"));
  return new TextDecoder().decode(bytes);
}

test("a result is handed to its handler, and found there; what is asked once for a request is asked once", async () => {
  const { spy, host } = await opened();
  made = 0;
  assert.equal(await call(testWork("dynamic")), "made 1");
  assert.deepEqual(spy.asked.splice(0), ["refreshTags", "get 4", "set"]);
  await host.settled();
  const again = testWork("dynamic");
  assert.deepEqual([await call(again), await call(again)], ["made 1", "made 1"]);
  assert.deepEqual(spy.asked, ["refreshTags", "get 4", "getExpiration 4", "get 4"]);
  const [kept] = spy.kept.values();
  assert.deepEqual({ ...kept?.head, timestamp: 0 }, { tags: ["t"], stale: 60, revalidate: 50, expire: 500, timestamp: 0 });
  assert.equal(host.entries.size, 0);
});

test("which entries may be used", () => {
  const entry = { tags: [], stale: 1, timestamp: 1_000_000, revalidate: 10, expire: 100 };
  const fate = (seconds: number, more: Partial<EntryHead> = {}, expiration = 0, isOutdated = false): string => fateOf({ ...entry, ...more }, expiration, isOutdated, 1_000_000 + seconds * 1000);
  assert.deepEqual([fate(0), fate(10), fate(11), fate(100), fate(101)], ["fresh", "fresh", "stale", "stale", "gone"]);
  assert.deepEqual([fate(0, { revalidate: 0 }), fate(0, { revalidate: -1 }), fate(101, { revalidate: -1 })], ["stale", "stale", "gone"]);
  assert.deepEqual([fate(0, {}, 999_999), fate(0, {}, 1_000_000), fate(0, {}, Infinity)], ["fresh", "gone", "fresh"]);
  assert.equal(fate(0, {}, 0, true), "gone");
});

test("what is stale is shown once more, but not where it would be kept", async () => {
  const { spy, host } = await opened();
  made = 0;
  await call(testWork("dynamic"));
  await host.settled();
  spy.change = (entry) => ({ ...entry, revalidate: -1 });
  assert.equal(await call(testWork("dynamic")), "made 1");
  await host.settled();
  assert.equal(await call(testWork("prerender")), "made 3");
  assert.equal(await call(testWork("dynamic", { within: "use cache" })), "made 4");
  await host.settled();
  spy.change = (entry) => entry;
  assert.equal(await call(testWork("dynamic")), "made 4");
});

test("a failing handler fails the render, unless it fails to keep something", async () => {
  const { spy, host } = await opened();
  made = 0;
  await call(testWork("dynamic"));
  await host.settled();
  spy.change = () => {
    throw new Error("get fails");
  };
  await assert.rejects(call(testWork("dynamic")), /^Error: get fails$/);
  spy.change = (entry) => ({ ...entry, value: new ReadableStream({ start: (controller) => controller.error(new Error("the stream breaks")) }) });
  await assert.rejects(call(testWork("dynamic")), /^Error: the stream breaks$/);
  // It would not have been used.
  spy.expiration = Date.now() + 1000;
  assert.equal(await call(testWork("dynamic")), "made 2");
  spy.kept.clear();
  spy.set = async () => Promise.reject(new Error("set fails"));
  assert.equal(await call(testWork("dynamic")), "made 3");
  await host.settled();
  assert.match(host.errors.join(), /set fails/);
});

test("what has failed is a stream that ends in its error", async () => {
  const { spy, host } = await opened();
  await call(testWork("dynamic"), making({ failure: "on purpose" }));
  await host.settled();
  assert.deepEqual([spy.ended, spy.kept.size], [["on purpose"], 0]);
});

test("handlers are told of what was invalidated when that is over: once, by how long it may be shown", async () => {
  const { spy } = await opened();
  const work = testWork("action");
  runWork(work, () => {
    updateTag("a");
    revalidateTag("b", "max");
    revalidatePath("/c");
    revalidateTag("d", { expire: 0 });
    revalidateTag("e", "max");
    revalidateTag("f", { expire: Infinity });
  });
  assert.deepEqual(spy.asked, []);
  await settleInvalidations(work);
  await settleInvalidations(work);
  assert.deepEqual(spy.asked, [
    'updateTags ["a","_N_T_/c"]',
    'updateTags ["b","e"] {"expire":31536000}',
    'updateTags ["d"] {"expire":0}',
    'updateTags ["f"] {"expire":null}',
  ]);
});

test("who has invalidated something does not get what it was", async () => {
  const { host } = await opened();
  made = 0;
  await call(testWork("dynamic"));
  await host.settled();
  const work = testWork("action");
  assert.equal(await call(work), "made 1");
  runWork(work, () => updateTag("t"));
  assert.equal(await call(work), "made 2");
});

test("a result that depends on root parameters is found through an entry that names them", async () => {
  const { spy, host } = await opened();
  made = 0;
  const page = (lang: string): Work => {
    const work = testWork("dynamic");
    provideRootParams(work, [{ segment: "[lang]", files: { layout: {} } }], { lang });
    return work;
  };
  const make = making({ roots: ["lang"] });
  assert.equal(await call(page("en"), make), "made 1");
  await host.settled();
  assert.equal(await call(page("de"), make), "made 2");
  await host.settled();
  assert.deepEqual([await call(page("en"), make), await call(page("de"), make)], ["made 1", "made 2"]);
  assert.deepEqual([...spy.kept.values()].map(({ head }) => head.tags.join()).toSorted(), ["t", "t", "t,_N_RP_lang"]);
  assert.deepEqual((await keptResult(page("en"), KEY, make, storeOf("default"))).roots, ["lang"]);
});

test("what `unstable_cache` makes anew is not looked up", async () => {
  const { spy, host } = await opened();
  made = 0;
  await call(testWork("dynamic"));
  await host.settled();
  assert.equal(await call(testWork("dynamic", { within: "unstable_cache" })), "made 2");
  assert.deepEqual(spy.asked.filter((asked) => asked.startsWith("get ")).length, 1);
});

test("a module that is no handler is named", async () => {
  const host = testHost({ importServer: async (file) => (file.includes("fails") ? Promise.reject(new Error("no such module")) : { default: 1 }) });
  const { currentHost } = await import("../server/host-access.ts");
  await assert.rejects(openCacheHandlers(currentHost(), { remote: "/fails.js" }), /the cacheHandler "remote" \(\/fails\.js\) fails to load: .*no such module/);
  await assert.rejects(openCacheHandlers(currentHost(), { remote: "/one.js" }), /exports no object/);
  assert.deepEqual(host.errors, []);
});
