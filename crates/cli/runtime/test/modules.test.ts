import assert from "node:assert/strict";
import { test } from "node:test";
import { registerReference } from "../client/modules.ts";

function hooks(): { require: (id: string) => Record<string, unknown>; load: (url: string) => Promise<void> } {
  const [require, load] = [globalThis.__vinext_require__, globalThis.__vinext_load__];
  assert.ok(typeof require === "function" && typeof load === "function");
  return { require: (id) => Reflect.apply(require, null, [id]), load: (url) => Reflect.apply(load, null, [url]) };
}

test("a chunk's modules are known by their reference ids when it is loaded", async () => {
  const { require, load } = hooks();
  assert.throws(() => require("abc"), /abc is not loaded/);
  await load("data:text/javascript,export const m_abc={Counter:1,default:2};export const other={};export const m_n=0");
  assert.deepEqual(require("abc"), { Counter: 1, default: 2 });
  assert.throws(() => require("n"), /not loaded/);
});

test("a chunk that cannot be loaded is an error of its own", async () => {
  await assert.rejects(hooks().load("data:text/javascript,throw new Error('broken chunk')"), /broken chunk/);
});

test("a module that the entry registers is known at once, with its exports as own properties", async () => {
  registerReference("slot", await import("../client/contexts.ts"));
  assert.ok(Object.hasOwn(hooks().require("slot"), "PathnameContext"));
});

test("React finds the hook that it wraps", () => {
  const require = globalThis.__vinext_require__;
  assert.ok(typeof require === "function" && "u" in require && typeof require.u === "function");
});
