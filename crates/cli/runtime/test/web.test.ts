import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestCookies, ResponseCookies } from "../next/web/cookies.ts";
import { NextURL } from "../next/web/next-url.ts";
import { NextRequest } from "../next/web/request.ts";
import { userAgentFromString } from "../next/web/user-agent.ts";

test("an address with a base path shows and writes it apart from the path", () => {
  const url = new NextURL("https://user:pw@example.com:81/docs/a?b=c#d", undefined, "/docs");
  assert.equal(url.pathname, "/a");
  url.pathname = "/";
  assert.equal(url.href, "https://user:pw@example.com:81/docs?b=c#d");
  assert.equal(new NextURL("https://example.com/docsmore", undefined, "/docs").pathname, "/docsmore");
});

test("the machine itself has one name", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"]) assert.equal(new NextURL(`http://${host}:3/x`).host, "localhost:3");
  assert.equal(new NextURL("http://127.0.0.1.example.com/").host, "127.0.0.1.example.com");
});

test("a request says which of its parts were removed, and takes absolute addresses only", () => {
  const request = new NextRequest("https://example.com/a");
  assert.throws(() => request.page, /URLPattern/);
  assert.throws(() => request.ua, /userAgent/);
  assert.throws(() => new NextRequest("/a"), /absolute/);
});

test("cookies keep the attributes they were set with, in the order in which browsers get them", () => {
  const headers = new Headers();
  const cookies = new ResponseCookies(headers);
  cookies.set("a", "b c", { maxAge: 60, secure: true });
  assert.match(headers.getSetCookie()[0] ?? "", /^a=b%20c; Path=\/; Expires=[^;]+ GMT; Max-Age=60; Secure$/);
  assert.deepEqual(Object.keys(cookies.get("a") ?? {}), ["name", "value", "maxAge", "secure", "expires", "path"]);
  assert.equal(new ResponseCookies(headers).get("a")?.value, "b c");
});

test("names of cookies are own keys of nothing", () => {
  const cookies = new RequestCookies(new Headers({ cookie: "__proto__=x; constructor=y" }));
  assert.equal(cookies.get("__proto__")?.value, "x");
  assert.equal(cookies.get("toString"), undefined);
});

test("a very long user agent is read in time", () => {
  const begun = performance.now();
  userAgentFromString("Mozilla/5.0 (Android 1; " + "a".repeat(1_000_000));
  userAgentFromString("rv:1 Gecko (iPhone (iPhone ".repeat(50_000));
  assert.ok(performance.now() - begun < 200);
});
