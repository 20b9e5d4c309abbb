// The app that create-next-app writes, as it is.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build, copyOf, hydrated, openBrowser, root, start } from "./harness.mjs";

test("create-next-app's empty TypeScript template builds and serves unmodified", async (context) => {
  const template = join(root, "tests/browser/node_modules/create-next-app/dist/templates/app-empty/ts");
  const app = copyOf(template, context);
  build(app);
  const { origin, log } = await start(app, context);
  const browser = await openBrowser(context);
  const { page, complaints } = await browser.page();
  assert.equal((await page.goto(origin)).status(), 200);
  await hydrated(page);
  assert.equal(await page.title(), "Create Next App");
  assert.match(await page.locator("main").textContent(), /Hello world!/);
  assert.deepEqual(complaints, []);
  assert.equal(log(), "");
});
