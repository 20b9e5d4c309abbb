import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedMethods, handlerConfig } from "../server/app/handler-config.ts";
import { asksForDraft } from "../server/draft.ts";
import type { IncomingRequest } from "../server/host.ts";

const GET = (): Response => new Response();

function asking(cookie: string): IncomingRequest {
  return { method: "GET", url: "http://localhost/", rawHeaders: ["cookie", cookie], signal: new AbortController().signal, ended: Promise.resolve(), toRequest: () => new Request("http://localhost/") };
}

test("a handler answers each request by itself unless it says otherwise", () => {
  assert.equal(handlerConfig({ GET }, "/api").isStatic, false);
  assert.equal(handlerConfig({ GET, dynamic: "force-static" }, "/api").isStatic, true);
  assert.equal(handlerConfig({ GET, revalidate: 60 }, "/api").isStatic, true);
  assert.equal(handlerConfig({ GET, revalidate: 0, dynamic: "force-static" }, "/api").isStatic, false);
  assert.equal(handlerConfig({ GET, revalidate: 60, dynamic: "force-dynamic" }, "/api").isStatic, false);
});

test("a metadata file answers everybody alike unless it says otherwise", () => {
  assert.equal(handlerConfig({ GET }, "/icon", true).isStatic, true);
  assert.equal(handlerConfig({ GET, dynamic: "force-dynamic" }, "/icon", true).isStatic, false);
  assert.equal(handlerConfig({ GET, revalidate: 0 }, "/icon", true).isStatic, false);
  assert.equal(handlerConfig({ GET }, "/[id]/icon", true).isStatic, false);
  assert.equal(handlerConfig({ GET, generateStaticParams: () => [] }, "/[id]/icon", true).isStatic, true);
});

test("a handler that has more than GET is asked each time", () => {
  assert.equal(handlerConfig({ GET, HEAD: GET, revalidate: 60 }, "/api").isStatic, false);
  assert.equal(handlerConfig({ GET, revalidate: false }, "/api").isStatic, true);
  assert.equal(handlerConfig({ GET, POST: GET, dynamic: "force-static" }, "/api").isStatic, false);
});

test("a handler with parameters is for everybody if somebody lists them, or it is forced", () => {
  assert.equal(handlerConfig({ GET, revalidate: 60 }, "/api/[id]").isStatic, false);
  assert.equal(handlerConfig({ GET, generateStaticParams: () => [] }, "/api/[id]").isStatic, true);
  assert.equal(handlerConfig({ GET, dynamic: "force-static" }, "/api/[id]").isStatic, true);
});

test("methods that follow from others are allowed, in alphabetical order", () => {
  assert.deepEqual(allowedMethods({ GET }), ["GET", "HEAD", "OPTIONS"]);
  assert.deepEqual(allowedMethods({ POST: GET, DELETE: GET }), ["DELETE", "OPTIONS", "POST"]);
});

test("only the build's secret shows drafts", () => {
  const host = { draftSecret: "s3cret" };
  assert.equal(asksForDraft(asking("a=1; __prerender_bypass=s3cret"), host), true);
  for (const cookie of ["", "__prerender_bypass=", "__prerender_bypass=s3creT", "__prerender_bypass=s3cret2", "x__prerender_bypass=s3cret"]) assert.equal(asksForDraft(asking(cookie), host), false, cookie);
  assert.equal(asksForDraft(asking("__prerender_bypass="), { draftSecret: "" }), false);
});
