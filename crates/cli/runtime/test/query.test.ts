import assert from "node:assert/strict";
import { test } from "node:test";
import { queryRecord } from "../shared/query.ts";

const record = (query: string) => queryRecord(new URLSearchParams(query));

test("a name that occurs more than once has all its values", () => {
  assert.deepEqual(record("a=1&b=&a=2&c"), { a: ["1", "2"], b: "", c: "" });
});

test("names that every object has are names, and none changes what the object is", () => {
  const query = record("then=1&constructor=2&__proto__=3&__proto__=4");
  assert.deepEqual(Object.entries(query), [["then", "1"], ["constructor", "2"]]);
  assert.strictEqual(Object.getPrototypeOf(query), Object.prototype);
});
