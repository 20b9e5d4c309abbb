import assert from "node:assert/strict";
import { test } from "node:test";
import { sendOnce } from "../server/cache/dedupe.ts";
import { testWork } from "./data-cache.ts";
import type { Work } from "../server/work.ts";

const X = "https://api.example/x";

/** What was sent for what was asked, and the answers. */
async function ask(work: Work, asked: [string | URL | Request, RequestInit?][]): Promise<{ sent: string[]; answers: string[] }> {
  const sent: string[] = [];
  const send: typeof fetch = async (input, init) => {
    const { method, url } = new Request(input, init);
    sent.push(`${method} ${url}`);
    return new Response(`answer ${sent.length}`);
  };
  const answers = await Promise.all(asked.map(async ([input, init]) => (await sendOnce(send, work, input, init)).text()));
  return { sent: sent.sort(), answers };
}

test("what one render reads is sent once, and everybody gets a response of their own", async () => {
  const { signal } = new AbortController();
  const asked: [string | URL | Request, RequestInit?][] = [[X], [new URL(X)], [new Request(X)], [X, { method: "get" }], [X, { headers: { a: "1" } }], [X, { headers: { A: "1" } }], [X, { method: "HEAD" }], [X, { method: "POST" }], [X, { method: "POST" }], [X, { signal }]];
  const expected = [`GET ${X}`, `GET ${X}`, `GET ${X}`, `HEAD ${X}`, `POST ${X}`, `POST ${X}`];
  for (const work of [testWork("prerender"), testWork("dynamic"), testWork("dynamic", { within: "unstable_cache" })]) {
    const { sent, answers } = await ask(work, asked);
    assert.deepEqual(sent, expected);
    assert.equal(new Set(answers.slice(0, 4)).size, 1);
  }
});

test("another render, a handler, a server function and what comes after a response ask each time", async () => {
  const work = testWork("dynamic");
  await ask(work, [[X]]);
  for (const other of [testWork("dynamic"), testWork("handler"), testWork("action"), { ...work, within: "after render" as const }]) {
    assert.ok((await ask(other, [[X], [X]])).sent.length > 0);
  }
  assert.equal((await ask(testWork("handler"), [[X], [X]])).sent.length, 2);
});

test("what fails fails for everybody who asked in the same render", async () => {
  const work = testWork("dynamic");
  const send: typeof fetch = () => Promise.reject(new Error("unreachable"));
  for (const _ of [1, 2]) await assert.rejects(sendOnce(send, work, X, undefined), /unreachable/);
});
