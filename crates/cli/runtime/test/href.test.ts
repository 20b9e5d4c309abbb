import assert from "node:assert/strict";
import { test } from "node:test";
import { cacheBuster, withoutCacheBuster } from "../client/router/cache-buster.ts";
import { formAddress } from "../shared/form-address.ts";
import {
  applyTrailingSlash,
  formatHref,
  resolveTarget,
  splitHref,
  stripBasePath,
  toBrowserHref,
  withoutHash,
} from "../shared/href.ts";
import { random } from "./random.ts";
import type { UrlObject } from "../shared/href.ts";

const plain = { basePath: "", trailingSlash: false };
const docs = { basePath: "/docs", trailingSlash: false };
const slash = { basePath: "/docs", trailingSlash: true };

test("an href is cut at its first question mark and its first hash", () => {
  assert.deepEqual(splitHref("/a?b=?#c?#"), { pathname: "/a", search: "?b=?", hash: "#c?#" });
  assert.deepEqual(splitHref("#a?b"), { pathname: "", search: "", hash: "#a?b" });
  assert.deepEqual(splitHref("/a#"), { pathname: "/a", search: "", hash: "" });
  assert.equal(withoutHash("/a%20b?x#y"), "/a%20b?x");
});

const written: [UrlObject, string][] = [
  [{ pathname: "/a", query: { b: "1", c: ["2", "3"], d: undefined, e: null, f: true } }, "/a?b=1&c=2&c=3&d=&e=&f=true"],
  [{ pathname: "/a", search: "x=1", hash: "y" }, "/a?x=1#y"],
  [{ pathname: "/a", search: "?x=1", query: { ignored: 1 }, hash: "#y" }, "/a?x=1#y"],
  [{ query: { a: "b c" } }, "?a=b+c"],
  [{ query: "a=b" }, "?a=b"],
  [{ pathname: "/what?#" }, "/what%3F%23"],
  [{ protocol: "https", hostname: "example.org", port: 8080, pathname: "a" }, "https://example.org:8080/a"],
  [{ protocol: "https:", host: "example.org", auth: "me:pw" }, "https://me:pw@example.org"],
  [{ hash: "top" }, "#top"],
  [{}, ""],
];
for (const [object, text] of written) {
  test(`the object ${JSON.stringify(object)} is written ${JSON.stringify(text)}`, () =>
    assert.equal(formatHref(object), text));
}

test("paths get the slash that the configuration asks for, files do not", () => {
  const cases: [string, string, string][] = [
    ["/", "/", "/"],
    ["/a", "/a/", "/a"],
    ["/a/", "/a/", "/a"],
    ["/a//", "/a/", "/a"],
    ["/feed.xml", "/feed.xml", "/feed.xml"],
    ["/feed.xml/", "/feed.xml", "/feed.xml"],
    ["/v1.2/a", "/v1.2/a/", "/v1.2/a"],
  ];
  for (const [path, yes, no] of cases) {
    assert.equal(applyTrailingSlash(path, true), yes, path);
    assert.equal(applyTrailingSlash(path, false), no, path);
  }
});

test("the browser sees base path and slash; other sites and relative hrefs stay", () => {
  assert.equal(toBrowserHref("/a/?x#y", plain), "/a?x#y");
  assert.equal(toBrowserHref("/a?x#y", docs), "/docs/a?x#y");
  assert.equal(toBrowserHref("/", docs), "/docs");
  assert.equal(toBrowserHref("/?x", docs), "/docs?x");
  assert.equal(toBrowserHref("/", slash), "/docs/");
  assert.equal(toBrowserHref("/a#b", slash), "/docs/a/#b");
  for (const href of ["https://example.org/a/", "//example.org/a/", "mailto:a@b", "?x=1", "#top", "b/c", ""]) {
    assert.equal(toBrowserHref(href, slash), href);
  }
});

test("slashes stay where the app says so", () => {
  const kept = { ...slash, keepSlashes: true };
  for (const href of ["/a", "/a/", "/a.b/?x#y", "/"]) assert.equal(toBrowserHref(href, kept), `/docs${href}`);
});

test("the base path ends at a slash", () => {
  assert.equal(stripBasePath("/docs", "/docs"), "/");
  assert.equal(stripBasePath("/docs/", "/docs"), "/");
  assert.equal(stripBasePath("/docs/a", "/docs"), "/a");
  assert.equal(stripBasePath("/docsy", "/docs"), null);
  assert.equal(stripBasePath("/", "/docs"), null);
  assert.equal(stripBasePath("/a", ""), "/a");
});

test("a target is a page of the app, a document, or refused", () => {
  const here = "https://app.test/docs/blog/a?x=1#h";
  const cases: [string, ReturnType<typeof resolveTarget>][] = [
    ["/b", { kind: "route", href: "/b" }],
    ["/a%20b?q=%C3%A9#h", { kind: "route", href: "/a%20b?q=%C3%A9#h" }],
    ["b", { kind: "route", href: "/blog/b" }],
    ["?y=2", { kind: "route", href: "/blog/a?y=2" }],
    ["#z", { kind: "route", href: "/blog/a?x=1#z" }],
    ["https://app.test/docs/c", { kind: "route", href: "/c" }],
    ["https://app.test/c", { kind: "document", url: "https://app.test/c" }],
    ["https://other.test/docs/c", { kind: "document", url: "https://other.test/docs/c" }],
    ["//other.test/c", { kind: "document", url: "https://other.test/c" }],
    ["/\\other.test/c", { kind: "document", url: "https://other.test/c" }],
    ["mailto:a@b.test", { kind: "document", url: "mailto:a@b.test" }],
    ["javascript:alert(1)", { kind: "refused" }],
    [" JavaScript:alert(1)", { kind: "refused" }],
    ["java\nscript:alert(1)", { kind: "refused" }],
    ["data:text/html,x", { kind: "refused" }],
    ["https://", { kind: "refused" }],
  ];
  for (const [href, target] of cases) assert.deepEqual(resolveTarget(href, here, docs), target, JSON.stringify(href));
});

test("any path survives the way to the address bar and back", () => {
  const parts = ["/", "a", "%20", "b.c", "-", "%2F", "é", "docs"] as const;
  for (let seed = 0; seed < 2000; seed++) {
    const from = random(seed);
    let path = "/x";
    for (let i = from.below(8); i > 0; i--) path += from.pick(parts);
    const rules = { basePath: from.pick(["", "/docs"]), trailingSlash: from.below(2) === 0 };
    const browser = toBrowserHref(path, rules);
    const inApp = stripBasePath(splitHref(browser).pathname, rules.basePath);
    assert.equal(inApp, applyTrailingSlash(path, rules.trailingSlash), `seed ${seed}`);
    assert.equal(toBrowserHref(inApp ?? "", rules), browser, `seed ${seed}`);
  }
});

test("the digest of the headers is the one that the server expects", async () => {
  assert.equal(await cacheBuster({ rsc: "1" }), "");
  assert.equal(await cacheBuster({ rsc: "1", "next-router-prefetch": "1" }), "HEAvJdHAQJrUAe2K");
  assert.equal(await cacheBuster({ "next-url": "/x", rsc: "1" }), "cogVifeNCH6FVPOo");
  assert.equal(await cacheBuster({ "next-router-state-tree": "a,b" }), "B19rktFigycDW4Wu");
  assert.equal(await cacheBuster({ "next-url": "/u", "next-router-state-tree": "" }), "PnNfk8Y0aiRMKy8h");
});

test("the cache buster is taken out and nothing else", () => {
  assert.equal(withoutCacheBuster("?_rsc=abc"), "");
  assert.equal(withoutCacheBuster("?a=1&_rsc=abc"), "?a=1");
  assert.equal(withoutCacheBuster("?_rsc=abc&a=%20+&b"), "?a=%20+&b");
  assert.equal(withoutCacheBuster("?x_rsc=1&_rscx=2"), "?x_rsc=1&_rscx=2");
  assert.equal(withoutCacheBuster(""), "");
});

test("a form's fields replace the query of its action, not the fragment", () => {
  assert.equal(
    formAddress("/search?old=1#x", [
      ["q", "a b"],
      ["q", "c&d"],
    ]),
    "/search?q=a+b&q=c%26d#x",
  );
  assert.equal(formAddress("/search", []), "/search");
  assert.equal(formAddress("/up", [["file", new File(["x"], "n.txt")]]), "/up?file=n.txt");
});
