// What the data cache takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyRoom, checkTags, ENTRY_SIZE, TAG_COUNT, TAG_LENGTH } from "../server/cache/limits.ts";
import { decodeRecord, encodeRecord, headText } from "../server/cache/record.ts";

test("a tag has at most 256 characters, and is a string", () => {
  const longest = "x".repeat(TAG_LENGTH);
  const { tags, warnings } = checkTags(["a", longest, `${longest}y`, 7, null, "b"], "fetch /x");
  assert.deepEqual(tags, ["a", longest, "b"]);
  assert.equal(warnings.length, 3);
  assert.match(warnings[0] ?? "", /fetch \/x.*257 characters/);
  assert.match(warnings[1] ?? "", /number/);
  assert.match(warnings[2] ?? "", /null/);
});

test("an entry has at most 128 tags, each once", () => {
  const many = Array.from({ length: TAG_COUNT }, (_, index) => `t${index}`);
  assert.deepEqual(checkTags([...many, "t0", "t1"], "f"), { tags: many, warnings: [] });
  const { tags, warnings } = checkTags([...many, "one more", "and another"], "f");
  assert.deepEqual(tags, many);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /2 are left out.*"one more"/);
});

test("no tags are none, and what is no array is said", () => {
  for (const given of [undefined, null, []]) assert.deepEqual(checkTags(given, "f"), { tags: [], warnings: [] });
  assert.equal(checkTags("a", "f").warnings.length, 1);
});

test("the largest body fits into an entry as base64, and one byte more does not", () => {
  for (const head of [0, 1, 2, 3, 500]) {
    const room = bodyRoom(head);
    assert.ok(head + Math.ceil(room / 3) * 4 <= ENTRY_SIZE);
    assert.ok(head + Math.ceil((room + 1) / 3) * 4 > ENTRY_SIZE);
  }
  assert.equal(bodyRoom(ENTRY_SIZE + 10), 0);
});

test("a stored response is the response", () => {
  const body = new Uint8Array([0, 255, 10, 13, 128]);
  const head = { status: 200, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-name", "näme"]] as [string, string][], url: "https://api.example/ü" };
  const bytes = encodeRecord(headText(head), body);
  // As part of a larger buffer.
  const shifted = new Uint8Array(bytes.length + 7).subarray(7);
  shifted.set(bytes);
  const read = decodeRecord(shifted);
  assert.deepEqual(read.head, head);
  assert.deepEqual(read.body, body);
  assert.throws(() => decodeRecord(bytes.subarray(0, 20)));
});
