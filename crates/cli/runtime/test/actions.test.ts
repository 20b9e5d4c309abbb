// What decides about calls of server functions: arguments that travel, where calls come from, and what is sealed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isForeign, matchesHost } from "../server/actions/origin.ts";
import { importKey, openBytes, sealBytes } from "../server/actions/sealing.ts";
import { pathTags, tagOfPath } from "../server/tags.ts";
import { usedArguments } from "../shared/action-wire.ts";

const id = (mask: string): string => mask + "0".repeat(40);

test("arguments that a function does not use are not sent", () => {
  const event = { circular: true };
  assert.deepEqual(usedArguments(id("00"), [event]), []);
  assert.deepEqual(usedArguments(id("40"), [1, event]), [1]);
  assert.deepEqual(usedArguments(id("20"), [event, 2, event]), [undefined, 2]);
  assert.deepEqual(usedArguments(id("7e"), [1, 2, 3, 4, 5, 6, 7]), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(usedArguments(id("7f"), [1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a call comes from the app's own host, or from one that is allowed", () => {
  const from = (origin: string | undefined, allowed: string[] = [], forwardedHost?: string): boolean => isForeign({ origin, host: "app.example", forwardedHost }, allowed);
  assert.equal(from(undefined), false);
  assert.equal(from("https://app.example"), false);
  assert.equal(from("https://evil.example"), true);
  assert.equal(from("null"), true);
  assert.equal(from("nonsense"), true);
  assert.equal(from("https://evil.example", ["evil.example"]), false);
  assert.equal(from("https://front.example", [], "front.example, app.example"), false);
  assert.equal(from("https://app.example", [], "front.example"), true);
});

test("a star is one label, two stars at the start are any number, and neither is a part of one", () => {
  assert.ok(matchesHost("a.example.com", "*.example.com"));
  assert.ok(!matchesHost("a.b.example.com", "*.example.com"));
  assert.ok(!matchesHost("example.com", "*.example.com"));
  assert.ok(matchesHost("a.b.example.com", "**.example.com"));
  assert.ok(!matchesHost("example.com", "**.example.com"));
  assert.ok(!matchesHost("evilexample.com", "*example.com"));
  for (const pattern of ["*", "**"]) assert.ok(!matchesHost("localhost", pattern));
});

test("what is sealed for one function cannot be opened for another, nor changed", async () => {
  const key = await importKey(btoa("k".repeat(32)));
  const sealed = await sealBytes(key, "one", new TextEncoder().encode("secret"));
  assert.ok(!sealed.includes("secret") && !atob(sealed).includes("secret"));
  assert.equal(new TextDecoder().decode(await openBytes(key, "one", sealed)), "secret");
  await assert.rejects(openBytes(key, "two", sealed));
  const changed = (sealed[20] === "A" ? "B" : "A") + sealed.slice(21);
  await assert.rejects(openBytes(key, "one", sealed.slice(0, 20) + changed));
  assert.notEqual(await sealBytes(key, "one", new TextEncoder().encode("secret")), sealed);
});

test("a page carries the tags of its path, its file and every layout above it", () => {
  const tags = pathTags("/(shop)/items/[id]/page", "/items/1");
  assert.ok(tags.includes(tagOfPath("/items/1")));
  assert.ok(tags.includes(tagOfPath("/(shop)/items/[id]", "page")));
  for (const layout of ["/", "/(shop)", "/(shop)/items", "/(shop)/items/[id]"]) assert.ok(tags.includes(tagOfPath(layout, "layout")), layout);
  assert.ok(!tags.includes(tagOfPath("/items", "page")));
  assert.ok(pathTags("/page", "/").includes(tagOfPath("/")));
  // A page is stored at its encoded path; people write it as they read it, or encoded.
  const encoded = encodeURI("/\u65e5\u672c/a b");
  for (const said of ["/\u65e5\u672c/a b", encoded]) assert.ok(pathTags("/[...path]/page", encoded).includes(tagOfPath(said)), said);
  assert.ok(pathTags("/\u65e5\u672c/page", encodeURI("/\u65e5\u672c")).includes(tagOfPath("/\u65e5\u672c", "page")));
  assert.equal(tagOfPath("/a/"), tagOfPath("/a"));
});
