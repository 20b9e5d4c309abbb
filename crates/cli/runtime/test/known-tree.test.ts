import assert from "node:assert/strict";
import { test } from "node:test";
import { KNOWN_TREE_LIMIT, readKnownTree, writeKnownTree } from "../shared/known-tree.ts";
import { dynamic, page, route, segment } from "./trees.ts";
import type { KnownSegment } from "../shared/known-tree.ts";

const encoded = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

function keys({ key, slots }: KnownSegment): unknown {
  return slots.size === 0 ? key : [key, Object.fromEntries([...slots].map(([name, slot]) => [name, keys(slot)]))];
}

test("what is written is read: the layouts, without the pages", () => {
  const tree = segment("", "root", { children: dynamic("id", "a b/é", "layout", { children: page() }), modal: segment("x", "x", { children: page() }) });
  const known = readKnownTree(writeKnownTree(tree) ?? undefined);
  assert.deepEqual(known && keys(known), ["", { children: "id|a b/é|d", modal: "x" }]);
});

test("a segment that is still missing is not known, nor what is below it", () => {
  const tree = segment("", "root", { children: segment("a", undefined, { children: segment("b", "b", { children: page() }) }) });
  const known = readKnownTree(writeKnownTree(tree) ?? undefined);
  assert.deepEqual(known && keys(known), "");
});

test("a tree that is too long is not written", () => {
  assert.equal(writeKnownTree(route(`/${"x".repeat(KNOWN_TREE_LIMIT)}`, "me")), null);
});

test("what is no tree says nothing", () => {
  const deep = Array.from({ length: 40 }).reduce<unknown>((below) => ["", "", below], [""]);
  const values = [undefined, "", "x", "%", "%E0%A4%A", "null", "{}", encoded([]), encoded([1]), encoded(["", 1, ["a"]]), encoded(["", "", "a"]), encoded(["", "", null]), encoded(deep), "[".repeat(2000), encoded(["x".repeat(KNOWN_TREE_LIMIT)])];
  for (const value of values) assert.equal(readKnownTree(value), null, value?.slice(0, 40));
});

test("names of an object's prototype are names like others", () => {
  const known = readKnownTree(encoded(["__proto__", "__proto__", ["constructor"], "toString", ["x"]]));
  assert.deepEqual([known?.key, known?.slots.get("__proto__")?.key, known?.slots.get("toString")?.key, known?.slots.get("valueOf")], ["__proto__", "constructor", "x", undefined]);
});
