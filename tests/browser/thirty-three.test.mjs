// The 33-route example, as a visitor sees it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, hydrated, openBrowser, root, start } from "./harness.mjs";

const app = join(root, "examples/thirty-three");

/** Route id to a path that it answers. */
function pages() {
  const manifest = JSON.parse(readFileSync(join(app, ".vinext/build-manifest.json"), "utf8"));
  return manifest.routes
    .filter((route) => route.kind === "page" && route.id !== "/_not-found/page")
    .map((route) => route.pattern.replace("[...slug]", "install/linux").replace("[slug]", "post-1").replace("[id]", "3"));
}

test("the 33-route example", async (context) => {
  build(app);
  const { origin, log } = await start(app, context);
  const browser = await openBrowser(context);

  await context.test("every page renders, hydrates and says nothing on the console", async () => {
    const paths = pages();
    assert.equal(paths.length, 31);
    const { page, complaints } = await browser.page();
    for (const path of paths) {
      const response = await page.goto(origin + path);
      assert.equal(response.status(), 200, path);
      await hydrated(page);
      assert.notEqual(await page.locator("h1").first().textContent(), "", path);
      assert.deepEqual(complaints, [], path);
    }
    await page.close();
  });

  await context.test("route handlers answer", async () => {
    const health = await fetch(`${origin}/api/health`);
    assert.equal((await health.json()).status, "ok");
    assert.equal((await fetch(`${origin}/api/data`)).status, 200);
    assert.equal((await fetch(`${origin}/api/health`, { method: "DELETE" })).status, 405);
  });

  await context.test("titles follow the template", async () => {
    const { page } = await browser.page();
    await page.goto(`${origin}/products`);
    assert.equal(await page.title(), "Products | Thirty-three");
    await page.goto(origin);
    assert.equal(await page.title(), "Thirty-three");
    await page.close();
  });

  await context.test("links navigate without loading a document, and back and forward are right", async () => {
    const { page, complaints } = await browser.page();
    let documents = 0;
    page.on("request", (request) => (documents += request.isNavigationRequest() ? 1 : 0));
    await page.goto(`${origin}/products`);
    await hydrated(page);
    await page.locator("a[href='/products/3']").click();
    await page.waitForURL("**/products/3");
    await page.locator("h1", { hasText: "Products" }).waitFor({ state: "detached" });
    const heading = await page.locator("h1").textContent();
    await page.goBack();
    await page.waitForURL("**/products");
    await page.locator("h1", { hasText: "Products" }).waitFor();
    await page.goForward();
    await page.waitForURL("**/products/3");
    await page.locator("h1", { hasText: heading }).waitFor();
    assert.equal(documents, 1);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("every link leads where it says, and the page behind it is whole", async () => {
    const { page, complaints } = await browser.page();
    const clicked = new Set();
    for (const from of ["/", "/products", "/blog", "/dashboard", "/settings", "/docs"]) {
      await page.goto(origin + from);
      const links = await page.locator("a[href^='/']").evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute("href")));
      for (const href of new Set(links)) {
        if (clicked.has(href)) continue;
        clicked.add(href);
        await page.goto(origin + from);
        await hydrated(page);
        await page.locator(`a[href='${href}']`).first().click();
        await page.waitForURL(origin + href);
        await page.locator("h1").first().waitFor();
      }
    }
    assert.ok(clicked.size >= 30, [...clicked].join(" "));
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("client components are alive", async () => {
    const { page, complaints } = await browser.page();
    await page.goto(`${origin}/dashboard`);
    await hydrated(page);
    await page.locator("button", { hasText: "+" }).click();
    await page.locator("output", { hasText: "1" }).waitFor();
    await page.locator("button", { hasText: "+" }).click();
    await page.locator("output", { hasText: "2" }).waitFor();
    await page.goto(`${origin}/blog`);
    await hydrated(page);
    await page.locator("input[type=search]").fill("words");
    await page.locator("[data-testid=echo]", { hasText: "Searching for: words" }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("an unknown address is the not-found page, with its status", async () => {
    const response = await fetch(`${origin}/no/such/page`);
    assert.equal(response.status, 404);
    assert.match(await response.text(), /could not be found/);
  });

  assert.equal(log(), "", "the server had nothing to complain about");
});
