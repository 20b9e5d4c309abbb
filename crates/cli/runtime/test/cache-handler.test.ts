import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, encodeFound } from "../server/cache/handler/question.ts";
import { fromEntry, toValue } from "../server/cache/handler/value.ts";
import { encodeRecord, headText } from "../server/cache/record.ts";
import type { SetQuestion } from "../server/cache/handler/question.ts";
import type { CacheValue, HandlerEntry } from "../server/cache/handler/value.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (piece: Uint8Array | undefined): string | undefined => piece && new TextDecoder().decode(piece);

function question(more: Partial<SetQuestion>): SetQuestion {
  return { ask: "set", key: "k", kind: "APP_PAGE", times: { revalidate: 60, expire: 600, begun: 1_000_001 }, status: 200, headers: [["content-type", "text/html"]], tags: ["a", "b"], parts: [], onlyForBuild: false, ...more };
}

function back(kind: "APP_PAGE" | "APP_ROUTE" | "FETCH", value: CacheValue, more: HandlerEntry = {}) {
  const found = fromEntry(kind, { value, lastModified: 5, ...more });
  assert.ok(found);
  return { ...found.head, pieces: Object.fromEntries(found.pieces.map(([name, piece]) => [name, text(piece)])) };
}

test("a page is a text and a payload, and comes back as it was", () => {
  const asked = question({ parts: [["html", 5], ["rsc", 3]], headers: [["content-type", "text/html"], ["link", "<a>"], ["link", "<b>"]], status: 404 });
  const value = toValue(asked, bytes("<p>é0:x"));
  assert.equal(value.kind === "APP_PAGE" && value.html, "<p>é");
  assert.ok(value.kind === "APP_PAGE" && Buffer.isBuffer(value.rscData) && value.segmentData instanceof Map);
  assert.equal(value.headers?.["x-next-cache-tags"], "a,b");
  assert.deepEqual(value.headers?.["link"], ["<a>", "<b>"]);
  const { times, status, headers, tags } = asked;
  assert.deepEqual(back("APP_PAGE", value), { lastModified: 5, times, status, headers, tags, pieces: { html: "<p>é", rsc: "0:x" } });
});

test("what is left to do of a page is text for the handler", () => {
  const value = toValue(question({ parts: [["html", 3], ["rest", 3]] }), new Uint8Array([...bytes("<p>"), 0, 255, 128]));
  assert.ok(value.kind === "APP_PAGE" && typeof value.postponed === "string");
  const found = fromEntry("APP_PAGE", { value, lastModified: 5 });
  assert.deepEqual([...(found?.pieces.find(([name]) => name === "rest")?.[1] ?? [])], [0, 255, 128]);
});

test("a page without a payload has an empty one for the handler", () => {
  const value = toValue(question({ parts: [["html", 3]] }), bytes("<p>"));
  assert.equal(value.kind === "APP_PAGE" && value.rscData?.length, 0);
  assert.deepEqual(back("APP_PAGE", value).pieces, { html: "<p>" });
});

test("a handler's answer is bytes", () => {
  const value = toValue(question({ kind: "APP_ROUTE", parts: [["body", 3]], status: 201 }), new Uint8Array([0, 255, 128]));
  assert.ok(value.kind === "APP_ROUTE" && Buffer.isBuffer(value.body));
  const found = fromEntry("APP_ROUTE", { value, lastModified: 5 });
  assert.deepEqual(found?.pieces.map(([name, piece]) => [name, [...piece]]), [["body", [0, 255, 128]]]);
  assert.equal(found?.head.status, 201);
});

test("what was fetched is a response with its body in base64", () => {
  const head = headText({ status: 200, headers: [["x-count", "1"]], url: "https://example.com/a" });
  const record = encodeRecord(head, bytes("body"));
  const value = toValue(question({ kind: "FETCH", parts: [["data", record.length]], times: { revalidate: null, expire: null, begun: 7 } }), record);
  assert.ok(value.kind === "FETCH");
  assert.equal(value.revalidate, 31_536_000);
  assert.deepEqual([value.data.url, value.data.status, value.data.headers["x-count"], Buffer.from(value.data.body, "base64").toString()], ["https://example.com/a", 200, "1", "body"]);
  const found = fromEntry("FETCH", { value, lastModified: 5 });
  assert.deepEqual(found?.pieces[0]?.[1], record);
  assert.deepEqual(found?.head.times, { revalidate: null, expire: null, begun: 7 });
});

test("what a function has given is its JSON", () => {
  for (const json of ['{"made":1}', '"text"', ""]) {
    const value = toValue(question({ kind: "FETCH", parts: [["data", json.length]] }), bytes(json));
    assert.equal(value.kind === "FETCH" && value.data.body, json);
    assert.deepEqual(back("FETCH", value).pieces, { data: json });
  }
});

test("what a handler has not kept is not there", () => {
  const value = toValue(question({ parts: [["html", 3]] }), bytes("<p>"));
  for (const entry of [null, undefined, {}, { value: null }, { value, lastModified: -1 }]) assert.equal(fromEntry("APP_PAGE", entry), null);
  assert.throws(() => fromEntry("FETCH", { value, lastModified: 5 }), /kind/);
});

test("an entry is good for as long as the handler says, else as it was kept, else for a second", () => {
  const value = toValue(question({ parts: [["html", 3]] }), bytes("<p>"));
  assert.deepEqual(back("APP_PAGE", value).times, { revalidate: 60, expire: 600, begun: 1_000_001 });
  assert.deepEqual(back("APP_PAGE", value, { cacheControl: { revalidate: false } }).times, { revalidate: null, expire: null, begun: 1_000_001 });
  assert.deepEqual(back("APP_PAGE", value, { cacheControl: { revalidate: 5, expire: 9 } }).times, { revalidate: 5, expire: 9, begun: 1_000_001 });
  const foreign: CacheValue = { kind: "APP_PAGE", html: "<p>", rscData: undefined, headers: undefined, status: undefined, postponed: undefined, segmentData: new Map() };
  assert.deepEqual(back("APP_PAGE", foreign), { lastModified: 5, times: { begun: null, revalidate: 1, expire: null }, status: 200, headers: [], tags: [], pieces: { html: "<p>" } });
});

test("an answer's pieces are found again by their lengths", () => {
  const head = { lastModified: 1, times: { revalidate: null, expire: null, begun: null }, status: 200, headers: [], tags: [] };
  const whole = encodeFound(head, [["html", bytes("one")], ["rsc", bytes("")], ["more", bytes("three")]]);
  const length = new DataView(whole.buffer).getUint32(0);
  const { parts } = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  assert.deepEqual([...cut(whole.subarray(4 + length), parts)].map(([name, piece]) => [name, text(piece)]), [["html", "one"], ["rsc", ""], ["more", "three"]]);
});
