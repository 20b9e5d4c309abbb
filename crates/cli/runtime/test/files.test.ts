import assert from "node:assert/strict";
import { test } from "node:test";

// React's browser client looks for the bundler while it is evaluated.
Object.assign(globalThis, { __webpack_require__: () => {} });
const { landedIn, payloadFile } = await import("../client/router/files.ts");

const rules = (basePath: string, trailingSlash: boolean) => ({ basePath, trailingSlash });

test("the payload of an exported page is a file beside its document", () => {
  assert.equal(payloadFile("/", rules("", false)), "/index.txt");
  assert.equal(payloadFile("/blog/a%20b?x=1#y", rules("", false)), "/blog/a%20b.txt");
  assert.equal(payloadFile("/about/", rules("", false)), "/about.txt");
  assert.equal(payloadFile("/", rules("/docs", false)), "/docs/index.txt");
  assert.equal(payloadFile("/about", rules("/docs", false)), "/docs/about.txt");
});

test("where URLs end with a slash, it is in the page's folder", () => {
  assert.equal(payloadFile("/", rules("/docs", true)), "/docs/index.txt");
  assert.equal(payloadFile("/about", rules("", true)), "/about/index.txt");
  assert.equal(payloadFile("/v1.2?x", rules("", true)), "/v1.2/index.txt");
});

test("a payload of another page is where one has been led", () => {
  assert.equal(landedIn("/about?x=1#y", "/about"), "/about?x=1#y");
  assert.equal(landedIn("/about#y", "/about/"), "/about#y");
  assert.equal(landedIn("/moved?x=1", "/about"), "/about");
});
