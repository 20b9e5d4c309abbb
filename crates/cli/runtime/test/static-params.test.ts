import assert from "node:assert/strict";
import { test } from "node:test";
import { listing } from "../server/app/static-params.ts";
import type { RouteDefinition } from "../server/routes.ts";

const staticPaths = async (route: RouteDefinition, inParts: boolean): Promise<string[] | null> => (await listing(route, inParts))?.paths ?? null;

const handler = (pattern: string, generateStaticParams: unknown): RouteDefinition => ({
  kind: "handler",
  pattern,
  file: { id: "route.ts", load: async () => ({ generateStaticParams }) },
});

test("a file below is asked for every result above", async () => {
  const file = (module: object) => ({ id: "x", load: async () => module });
  const layout = file({ generateStaticParams: () => [{ lang: "de" }, { lang: "en" }] });
  const page = file({ generateStaticParams: ({ params }: { params: { lang: string } }) => [{ id: `${params.lang}-1` }] });
  const leaf = { segment: "__PAGE__", files: { page }, slots: {} };
  const tree = { segment: "[lang]", files: { layout }, slots: { children: { segment: "[id]", files: {}, slots: { children: leaf } } } };
  assert.deepEqual(await staticPaths({ kind: "page", pattern: "/[lang]/[id]", tree }, false), ["/de/de-1", "/en/en-1"]);
});

test("values are encoded, and what is incomplete is left out", async () => {
  assert.deepEqual(await staticPaths(handler("/a/[x]", () => [{ x: "b c/d" }, {}, { x: "b c/d", y: "1" }]), false), ["/a/b%20c%2Fd"]);
  assert.deepEqual(await staticPaths(handler("/[...x]", () => [{ x: ["a", "b"] }]), false), ["/a/b"]);
  assert.deepEqual(await staticPaths(handler("/[[...x]]", () => [{}, { x: ["a"] }]), false), ["/", "/a"]);
  assert.equal(await staticPaths(handler("/[x]", undefined), false), null);
});

test("a list of the first parameters of each path lists no paths, and is one where pages are rendered as far as they go", async () => {
  const partial = handler("/[lang]/[slug]", () => [{ lang: "en" }, { lang: "de" }]);
  assert.deepEqual(await staticPaths(partial, false), []);
  assert.equal(await staticPaths(partial, true), null);
  assert.deepEqual(await staticPaths(handler("/[lang]/[slug]", () => [{ lang: "en" }, { lang: "de", slug: "a" }]), true), ["/de/a"]);
  assert.deepEqual(await staticPaths(handler("/[lang]/[slug]", () => []), true), []);
});

test("values of another kind are refused by name", async () => {
  await assert.rejects(staticPaths(handler("/[x]", () => [{ x: 1 }]), false), /\(x\).*a string.*1.*\/\[x\]/);
  await assert.rejects(staticPaths(handler("/[...x]", () => [{ x: "a" }]), false), /an array of strings/);
  await assert.rejects(staticPaths(handler("/[x]", () => null), false), /an array of objects/);
});

test("what is known of the first parameters is a shell for all others", async () => {
  const page = { id: "page.tsx", load: async () => ({ generateStaticParams: () => [{ lang: "en", shop: "a b", item: ["1"] }, { lang: "de" }, { shop: "a" }] }) };
  const tree = { segment: "__PAGE__", files: { page }, slots: {} };
  const found = await listing({ kind: "page", pattern: "/[lang]/in/[shop]/[...item]", tree }, true);
  assert.deepEqual(found?.shells, ["/en/in/%5Bshop%5D/%5B...item%5D", "/en/in/a%20b/%5B...item%5D", "/de/in/%5Bshop%5D/%5B...item%5D"]);
});
