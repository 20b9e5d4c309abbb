// `fetch` over the data cache: what is stored, what is sent, and what becomes of the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dataFetch } from "../server/cache/fetch.ts";
import { keyOfFetch } from "../server/cache/key.ts";
import { settleInvalidations, updateTag } from "../server/invalidate.ts";
import { DynamicUsage, runWork } from "../server/work.ts";
import { testHost, testWork } from "./data-cache.ts";
import type { Work } from "../server/work.ts";

const URL_X = "https://api.example/x";

interface Upstream {
  fetch: typeof globalThis.fetch;
  sent: { input: unknown; init: RequestInit | undefined }[];
  answer: (count: number) => Response | Promise<Response>;
}

/** A server that counts. */
function upstream(): Upstream {
  const self: Upstream = {
    sent: [],
    answer: (count) => Object.defineProperty(new Response(`answer ${count}`, { headers: { "x-count": String(count) } }), "url", { value: URL_X }),
    fetch: dataFetch(async (input, init) => {
      self.sent.push({ input, init });
      return self.answer(self.sent.length);
    }),
  };
  return self;
}

const next = (options: { revalidate?: number | false; tags?: string[] }): RequestInit => ({ next: options }) as RequestInit;
const said = (tag: string): Work["invalidated"] => new Map([[tag, { expire: null, isOpen: true, durations: null }]]);
const inWork = <T>(work: Work, action: () => T): T => runWork(work, action);
const text = async (work: Work, server: Upstream, init?: RequestInit, input: string | Request = URL_X): Promise<string> => (await inWork(work, () => server.fetch(input, init))).text();

test("what asks for it is stored, with its tags, and served with its head and its address", async () => {
  const host = testHost();
  const server = upstream();
  const init = { cache: "force-cache", ...next({ tags: ["t"] }) } as RequestInit;
  assert.equal(await text(testWork("dynamic"), server, init), "answer 1");
  await host.settled();
  const response = await inWork(testWork("dynamic"), () => server.fetch(URL_X, init));
  assert.equal(response.headers.get("x-count"), "1");
  assert.equal(response.url, URL_X);
  const copy = response.clone();
  assert.equal(copy.url, URL_X);
  assert.equal(copy.clone().url, URL_X);
  assert.equal(await response.text(), "answer 1");
  assert.equal(await copy.text(), "answer 1");
  assert.equal(server.sent.length, 1);
  assert.deepEqual([...host.entries.values()].map(({ options }) => options), [{ tags: ["t"], revalidate: false }]);
  assert.deepEqual(host.looks[0]?.softTags, ["_N_T_/layout", "_N_T_/x/layout", "_N_T_/x/page", "_N_T_/x"]);
  assert.equal(host.open.size, 0);
});

test("cookies of an answer are for who was answered", async () => {
  const host = testHost();
  const server = upstream();
  server.answer = () => new Response("answer", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-kept", "1"]] });
  const ask = () => inWork(testWork("dynamic"), () => server.fetch(URL_X, { cache: "force-cache" }));
  assert.deepEqual((await ask()).headers.getSetCookie(), ["a=1", "b=2"]);
  await host.settled();
  const { headers } = await ask();
  assert.deepEqual(headers.getSetCookie(), []);
  assert.equal(headers.get("x-kept"), "1");
  assert.equal(server.sent.length, 1);
});

test("what does not ask for it is sent each time, and so is everything outside of a request, for a proxy and for drafts", async () => {
  const host = testHost();
  const server = upstream();
  for (const init of [undefined, { cache: "no-store" }, next({ revalidate: 0 })]) await text(testWork("dynamic"), server, init as RequestInit);
  await server.fetch(URL_X, { cache: "force-cache" });
  await text(testWork("handler", { usesDataCache: false }), server, { cache: "force-cache" });
  await text(testWork("dynamic", {}, ["cookie", "__prerender_bypass=secret"]), server, { cache: "force-cache" });
  assert.equal(server.sent.length, 6);
  assert.equal(host.looks.length, 0);
});

test("only success is stored: what failed is given back, and tried again", async () => {
  const host = testHost();
  const server = upstream();
  server.answer = (count) => new Response(`answer ${count}`, { status: count === 1 ? 500 : count === 2 ? 404 : 200 });
  for (const expected of ["answer 1", "answer 2", "answer 3", "answer 3"]) {
    assert.equal(await text(testWork("dynamic"), server, { cache: "force-cache" }), expected);
    await host.settled();
  }
  assert.equal(host.failed.length, 2);
  server.answer = () => Promise.reject(new Error("unreachable"));
  await assert.rejects(text(testWork("dynamic"), server, { cache: "force-cache", method: "POST" }), /unreachable/);
  assert.equal(host.failed.length, 3);
  assert.equal(host.open.size, 0);
});

test("what is stale is served once more while it is made anew without anybody's signal", async () => {
  const host = testHost();
  const server = upstream();
  const { signal } = new AbortController();
  const init = { signal, ...next({ revalidate: 60, tags: ["t"] }) } as RequestInit;
  await text(testWork("dynamic"), server, init);
  await host.settled();
  host.invalidate("t", "stale");
  assert.equal(await text(testWork("dynamic"), server, init), "answer 1");
  await host.settled();
  assert.equal(server.sent[0]?.init?.signal, signal);
  assert.equal(server.sent[1]?.init?.signal, null);
  assert.equal(await text(testWork("dynamic"), server, init), "answer 2");
  assert.equal(host.open.size, 0);
});

test("a failure while something is made anew leaves what is there", async () => {
  const host = testHost();
  const server = upstream();
  const init = next({ revalidate: 60, tags: ["t"] });
  await text(testWork("dynamic"), server, init);
  await host.settled();
  const { answer } = server;
  for (const failure of [() => new Response("no", { status: 503 }), () => Promise.reject(new Error("unreachable"))]) {
    host.invalidate("t", "stale");
    server.answer = failure;
    assert.equal(await text(testWork("dynamic"), server, init), "answer 1");
    await host.settled();
  }
  assert.equal(host.errors.length, 1);
  server.answer = answer;
  assert.equal(await text(testWork("dynamic"), server, init), "answer 1");
  await host.settled();
  assert.equal(await text(testWork("dynamic"), server, init), "answer 4");
  assert.equal(host.open.size, 0);
});

test("a page that is kept is made of what is fresh, and so is what somebody sees who has changed it", async () => {
  const host = testHost();
  const server = upstream();
  const init = next({ revalidate: 60, tags: ["t"] });
  await text(testWork("dynamic"), server, init);
  await host.settled();
  host.invalidate("t", "stale");
  assert.equal(await text(testWork("prerender"), server, init), "answer 2");
  await host.settled();
  host.invalidate("t", "stale");
  assert.equal(await text(testWork("action", { invalidated: said("t") }), server, init), "answer 3");
  await host.settled();
  host.invalidate("t", "stale");
  assert.equal(await text(testWork("action", { invalidated: said("_N_T_/x") }), server, init), "answer 4");
});

test("what others have stored between a change and its end is outdated, too", async () => {
  const host = testHost();
  const server = upstream();
  const init = next({ revalidate: 60, tags: ["t"] });
  const work = testWork("action");
  runWork(work, () => updateTag("t"));
  // Another request reads what is about to change.
  await text(testWork("dynamic"), server, init);
  await host.settled();
  settleInvalidations(work);
  assert.equal(await text(testWork("dynamic"), server, init), "answer 2");
  await host.settled();
  settleInvalidations(work);
  assert.equal(await text(testWork("dynamic"), server, init), "answer 2");
});

test("several who ask at once are answered by one request", async () => {
  const host = testHost();
  const server = upstream();
  const answers = await Promise.all([1, 2, 3].map(() => text(testWork("dynamic"), server, { cache: "force-cache" })));
  assert.deepEqual(answers, ["answer 1", "answer 1", "answer 1"]);
  assert.equal(server.sent.length, 1);
  await host.settled();
  assert.equal(host.open.size, 0);
});

test("what is larger than an entry is given whole, and not stored", async () => {
  const host = testHost();
  const server = upstream();
  const large = "x".repeat(1_600_000);
  server.answer = () => new Response(large);
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (message: string) => void warnings.push(message);
  try {
    assert.equal((await text(testWork("dynamic"), server, { cache: "force-cache" })).length, large.length);
    await host.settled();
  } finally {
    console.warn = warn;
  }
  assert.equal(host.entries.size, 0);
  assert.equal(host.failed.length, 1);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /2 MB/);
});

test("a page has the least time and all tags of its fetches", async () => {
  const host = testHost();
  const server = upstream();
  const work = testWork("prerender", { revalidate: 600 });
  await text(work, server, next({ revalidate: 60, tags: ["a"] }));
  await text(work, server, { cache: "force-cache", ...next({ tags: ["b"] }) } as RequestInit);
  await text(work, server, next({ tags: ["c"] }));
  assert.equal(work.revalidate, 60);
  assert.deepEqual([...work.tags], ["a", "b", "c"]);
  // What comes after the page is no part of it.
  const after: Work = { ...work, within: "after render" };
  await text(after, server, next({ revalidate: 5, tags: ["d"] }));
  assert.deepEqual([work.revalidate, after.revalidate, work.tags.has("d")], [60, 60, false]);
  await host.settled();
});

test("a fetch that must not be stored ends a prerender, unless the route is static whatever happens", async () => {
  testHost();
  const server = upstream();
  const work = testWork("prerender");
  await assert.rejects(text(work, server, { cache: "no-store" }), DynamicUsage);
  assert.match(work.usedDynamic ?? "", /https:\/\/api\.example\/x/);
  await assert.rejects(text(testWork("prerender", { dynamic: "error" }), server, { cache: "no-store" }), /`dynamic = "error"`.*api\.example/);
  assert.equal(server.sent.length, 0);
  const forced = testWork("prerender", { dynamic: "force-static" });
  assert.equal(await text(forced, server, { cache: "no-store" }), "answer 1");
  assert.equal(forced.usedDynamic, null);
});

test("a store that fails is as if there were none", async () => {
  const host = testHost({ data: { look: () => Promise.reject(new Error("away")), fill: async () => {}, fail: () => {} } });
  const server = upstream();
  assert.equal(await text(testWork("dynamic"), server, { cache: "force-cache" }), "answer 1");
  assert.match(host.errors[0] ?? "", /away/);
});

test("a body that was a stream is sent as it was", async () => {
  const host = testHost();
  const server = upstream();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("asked"));
      controller.close();
    },
  });
  await text(testWork("dynamic"), server, { method: "POST", body, cache: "force-cache", duplex: "half" } as RequestInit);
  assert.deepEqual(server.sent[0]?.init?.body, new TextEncoder().encode("asked"));
  const request = new Request(URL_X, { method: "POST", body: "asked" });
  await text(testWork("dynamic"), server, { cache: "force-cache" }, request);
  assert.equal(await (server.sent[1]?.input as Request).text(), "asked");
  await host.settled();
});

test("the same request has the same key, another one another", async () => {
  const key = async (input: string | URL | Request, init?: RequestInit): Promise<string> => (await keyOfFetch(input, init)).key;
  const plain = await key(URL_X);
  assert.match(plain, /^[0-9a-f]{64}$/);
  assert.equal(await key(new URL(URL_X)), plain);
  assert.equal(await key(URL_X, { method: "get", headers: { traceparent: "00-1", TraceState: "a" } }), plain);
  assert.equal(await key(URL_X, { headers: { A: "1", b: "2" } }), await key(URL_X, { headers: [["B", "2"], ["a", "1"]] }));
  const form = (value: string): FormData => {
    const data = new FormData();
    data.set("a", value);
    data.set("file", new File(["content"], "f.txt"));
    return data;
  };
  assert.equal(await key(URL_X, { method: "POST", body: form("1") }), await key(URL_X, { method: "POST", body: form("1") }));
  const others = await Promise.all([
    key(`${URL_X}?a`),
    key(URL_X, { method: "POST" }),
    key(URL_X, { headers: { authorization: "me" } }),
    key(URL_X, { cache: "force-cache" }),
    key(URL_X, { redirect: "manual" }),
    key(URL_X, { method: "POST", body: "1" }),
    key(URL_X, { method: "POST", body: new TextEncoder().encode("1") }),
    key(URL_X, { method: "POST", body: new URLSearchParams({ a: "1" }) }),
    key(URL_X, { method: "POST", body: new Blob(["1"]) }),
    key(URL_X, { method: "POST", body: form("1") }),
    key(URL_X, { method: "POST", body: form("2") }),
    plain,
  ]);
  assert.equal(new Set(others).size, others.length);
});
