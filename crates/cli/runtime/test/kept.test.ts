import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeRest, encodeRest, keptBy, provideKept } from "../server/app/kept.ts";
import { encodeRecord } from "../server/cache/record.ts";
import { testWork } from "./data-cache.ts";
import { random } from "./random.ts";
import type { Rest } from "../server/app/kept.ts";

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

const REST: Rest = {
  postponed: { resumableState: { idPrefix: "" }, replaySlots: { 1: "ü" } },
  late: true,
  unknown: ["slug", "id"],
  kept: new Map([["a", bytes(1, 2, 3)], ["empty", bytes()], ["b", bytes(0, 255)]]),
};

test("what is left of a page is read as it was written", () => {
  const cases: Rest[] = [REST, { postponed: null, late: false, unknown: [], kept: new Map() }, { ...REST, kept: new Map([["only", bytes(9)]]) }];
  for (const rest of cases) assert.deepEqual(decodeRest(encodeRest(rest)), rest);
});

test("bytes are read wherever they lie, and are the reader's own", () => {
  const encoded = encodeRest(REST);
  const within = new Uint8Array(encoded.length + 20);
  within.set(encoded, 7);
  const rest = decodeRest(within.subarray(7, 7 + encoded.length));
  within.fill(0);
  assert.deepEqual(rest, REST);
});

test("bytes that end too early, or too late, or somewhere else, are none", () => {
  const encoded = encodeRest(REST);
  for (let length = 0; length < encoded.length; length++) assert.throws(() => decodeRest(encoded.subarray(0, length)), `${length} bytes`);
  assert.throws(() => decodeRest(bytes(...encoded, 0)), /another length/);
  for (const length of [2, 4]) {
    const head = { postponed: null, late: false, unknown: [], entries: [["a", length]] };
    assert.throws(() => decodeRest(encodeRecord(JSON.stringify(head), bytes(1, 2, 3))), /another length/);
  }
});

test("other bytes throw an error, and nothing else", () => {
  const { below } = random(11);
  for (let round = 0; round < 500; round++) {
    const noise = Uint8Array.from({ length: below(40) }, () => below(256));
    assert.throws(() => decodeRest(noise), Error);
  }
});

test("a render has what was provided to it, and only that one", () => {
  const work = testWork("prerender");
  assert.equal(keptBy(work), null);
  provideKept(work, REST.kept);
  assert.equal(keptBy(work), REST.kept);
  assert.equal(keptBy(testWork("prerender")), null);
});
