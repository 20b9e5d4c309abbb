// The 33-route example, as a visitor sees it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, hydrated, openBrowser, root, start } from "./harness.mjs";

const app = join(root, "examples/thirty-three");

/** The pages of the build: a pattern, a path that it answers, and which others it does. */
function pages() {
  const manifest = JSON.parse(readFileSync(join(app, ".vinext/build-manifest.json"), "utf8"));
  return manifest.routes
    .filter((route) => route.kind === "page" && route.id !== "/_not-found/page")
    .map(({ pattern }) => ({
      pattern,
      path: pattern.replace("[...slug]", "install/linux").replace("[slug]", "post-1").replace("[id]", "3"),
      answers: new RegExp(`^${pattern.replace(/\[\.\.\.\w+\]/, ".+").replace(/\[\w+\]/, "[^/]+")}$`),
    }));
}

test("the 33-route example", async (context) => {
  build(app);
  const { origin, log } = await start(app, context);
  const browser = await openBrowser(context);

  await context.test("every page renders, hydrates and says nothing on the console", async () => {
    const paths = pages().map(({ path }) => path);
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

  await context.test("every page is reached by a click, and is the one that its address names", async () => {
    const { page, complaints } = await browser.page();
    const byAddress = await browser.page();
    const routes = pages();
    const patternOf = (path) => routes.find(({ answers }) => answers.test(path))?.pattern;
    const headings = new Map();
    const headingOf = async (path) => {
      if (!headings.has(path)) {
        await byAddress.page.goto(origin + path);
        headings.set(path, await byAddress.page.locator("h1").textContent());
      }
      return headings.get(path);
    };
    const clicked = new Set();
    const followed = new Set();
    const reached = ["/"];
    for (const from of reached) {
      // Of a route with parameters one page is enough: the others have the same links.
      if (followed.has(patternOf(from))) continue;
      followed.add(patternOf(from));
      await page.goto(origin + from);
      const links = await page.locator("a[href^='/']").evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute("href")));
      for (const href of new Set(links)) {
        // What leads to where one is shows nothing.
        if (clicked.has(href) || href === from) continue;
        const heading = await headingOf(href);
        assert.notEqual(heading, await headingOf(from), `${from} and ${href} are to be told apart`);
        await page.goto(origin + from);
        await hydrated(page);
        await page.locator(`a[href='${href}']`).first().click();
        await page.waitForURL(origin + href);
        // The page before has gone, and this one is whole.
        await page.waitForFunction((text) => {
          const all = [...document.querySelectorAll("h1")];
          return all.length === 1 && all[0].textContent === text;
        }, heading);
        clicked.add(href);
        reached.push(href);
      }
    }
    const patterns = new Set([...clicked].map(patternOf));
    assert.deepEqual(routes.map(({ pattern }) => pattern).filter((pattern) => !patterns.has(pattern)), []);
    assert.deepEqual(complaints, []);
    assert.deepEqual(byAddress.complaints, []);
    await page.close();
    await byAddress.page.close();
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
