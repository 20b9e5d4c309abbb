// One app with every shape that the skeleton promises.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, copyOf, hydrated, openBrowser, root, start } from "./harness.mjs";

const source = join(root, "tests/browser/fixtures/shapes");

test("shapes", async (context) => {
  const app = copyOf(source, context);
  const said = build(app);
  const { origin, log } = await start(app, context, ["--isolates", "1"]);
  const browser = await openBrowser(context);
  const open = (name) => fetch(`${origin}/api/gate?name=${name}`, { method: "POST" });

  await context.test("the build says which environment it read and how routes answer", () => {
    assert.match(said, /Environments: \.env/);
    assert.match(said, /○ \/styled/);
    assert.match(said, /ƒ \/echo\/\[id\]/);
  });

  await context.test("variables reach the side they are for", async () => {
    const { page, complaints } = await browser.page();
    await page.goto(origin);
    await hydrated(page);
    assert.equal(await page.locator("#env").textContent(), "hello from env / configured / production");
    assert.equal(await page.locator("#secret").textContent(), "only on the server");
    assert.equal(await page.locator("#json").textContent(), "42");
    const folder = join(app, ".vinext/client/_next/static");
    const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".js"));
    for (const file of files) assert.doesNotMatch(readFileSync(join(folder, file), "utf8"), /only on the server/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("a document's shell is sent before its slow part is ready", async () => {
    const response = await fetch(`${origin}/stream?name=html`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("waiting")) text += (await reader.read()).value;
    assert.doesNotMatch(text, /the slow part/);
    await open("html");
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
    }
    assert.match(text, /the slow part of/);
    assert.ok(text.endsWith("</body></html>"), text.slice(-100));
  });

  await context.test("a compressed document streams as well", async () => {
    const response = await fetch(`${origin}/stream?name=gzip`, { headers: { "accept-encoding": "gzip" } });
    assert.equal(response.headers.get("content-encoding"), "gzip");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("waiting")) text += (await reader.read()).value;
    await open("gzip");
    while (!text.includes("the slow part of")) text += (await reader.read()).value;
  });

  await context.test("a payload streams", async () => {
    const response = await fetch(`${origin}/stream?name=rsc`, { headers: { rsc: "1" } });
    assert.equal(response.headers.get("content-type"), "text/x-component");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("waiting")) text += (await reader.read()).value;
    await open("rsc");
    while (!text.includes("the slow part of")) text += (await reader.read()).value;
  });

  await context.test("URLPattern is there, also where Node has none", async () => {
    const groups = async (path) => (await fetch(`${origin}/api/pattern?path=${path}`)).json();
    assert.deepEqual(await groups("/books/12"), { id: "12" });
    assert.equal(await groups("/books/one"), null);
  });

  await context.test("a route handler's body streams", async () => {
    const response = await fetch(`${origin}/api/gate?name=body`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "first\n");
    await open("body");
    assert.equal((await reader.read()).value, "second\n");
  });

  await context.test("a visitor sees the fallback first and then the content", async () => {
    const { page, complaints } = await browser.page();
    await page.goto(`${origin}/stream?name=seen`, { waitUntil: "commit" });
    await page.locator("#fallback").waitFor();
    await open("seen");
    await page.locator("#slow", { hasText: "the slow part of seen" }).waitFor();
    assert.equal(await page.locator("#fallback").count(), 0);
    await hydrated(page);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("a navigation shows the loading interface and keeps the layout's state", async () => {
    const { page, complaints } = await browser.page();
    await page.goto(`${origin}/nested`);
    await hydrated(page);
    await page.locator("#clicks").click();
    await page.locator("#clicks", { hasText: "1 in index" }).waitFor();
    await page.evaluate(() => document.querySelector("a[href='/nested/deep']").setAttribute("data-test", ""));
    await page.evaluate(() => history.pushState(null, "", "/nested"));
    await page.locator("section a[href='/nested/deep']").click();
    await page.locator("#deep").waitFor();
    await page.locator("#clicks", { hasText: "1 in deep" }).waitFor();
    await page.locator("a", { hasText: "back up" }).click();
    await page.locator("#clicks", { hasText: "1 in index" }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("the loading interface is part of the document", async () => {
    const response = await fetch(`${origin}/nested/deep?wait=loading`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("loading deep")) text += (await reader.read()).value;
    await open("loading");
    while (!text.includes("back up")) text += (await reader.read()).value;
  });

  await context.test("styles are there before the page is painted, and on navigation", async () => {
    const { page, complaints } = await browser.page();
    const color = (selector) => page.locator(selector).evaluate((element) => getComputedStyle(element).color);
    await page.goto(`${origin}/styled`);
    assert.equal(await color("h1"), "rgb(1, 2, 3)");
    assert.equal(await color(".plain"), "rgb(4, 5, 6)");
    assert.equal(await color("body"), "rgb(10, 20, 30)");
    assert.equal(await page.title(), "Styled alone");
    await page.goto(`${origin}/stream`);
    await hydrated(page);
    assert.equal(await page.title(), "Stream · Shapes");
    await page.locator("nav a", { hasText: "styled" }).click();
    await page.locator("h1", { hasText: "Styled" }).waitFor();
    assert.equal(await color("h1"), "rgb(1, 2, 3)");
    assert.equal(await page.title(), "Styled alone");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("an error boundary catches, and resets", async () => {
    const { page } = await browser.page();
    await page.goto(`${origin}/boom`);
    await hydrated(page);
    await page.locator("button", { hasText: "light" }).click();
    await page.locator("#error", { hasText: "the bomb went off" }).waitFor();
    await page.locator("button", { hasText: "again" }).click();
    await page.locator("button", { hasText: "light" }).waitFor();
    await page.close();
  });

  await context.test("a page that fails on the server is a 500 with the app's error interface and no secrets", async () => {
    const response = await fetch(`${origin}/broken`);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /the database is away/);
    const { page } = await browser.page();
    await page.goto(`${origin}/broken`);
    await page.locator("#error", { hasText: /sorry: \d+/ }).waitFor();
    const digest = (await page.locator("#error").textContent()).replace("sorry: ", "");
    assert.match(log(), new RegExp(`the database is away[^]*digest: ${digest}`));
    await page.close();
  });

  await context.test("a page that turns out to read the query is rendered per request", async () => {
    for (const q of ["one", "two"]) {
      const response = await fetch(`${origin}/asks?q=${q}`);
      assert.match(await response.text(), new RegExp(`asked for <!-- -->${q}`));
      assert.match(response.headers.get("cache-control"), /no-store/);
    }
  });

  await context.test("statuses are real", async () => {
    const get = (path) => fetch(origin + path, { redirect: "manual" });
    for (const path of ["/gone", "/no/such/page"]) {
      const response = await get(path);
      assert.equal(response.status, 404, path);
      assert.match(await response.text(), /Nothing here/, path);
    }
    const away = await get("/away");
    assert.deepEqual([away.status, away.headers.get("location")], [307, "/styled"]);
    const moved = await get("/moved");
    assert.deepEqual([moved.status, moved.headers.get("location")], [308, "https://example.org/elsewhere"]);
  });

  await context.test("a page that is a client component reads the query", async () => {
    const { page, complaints } = await browser.page();
    await page.goto(`${origin}/client-only?q=words`);
    await hydrated(page);
    await page.locator("button", { hasText: "words 0" }).click();
    await page.locator("button", { hasText: "words 1" }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await context.test("an imported image has its size", async () => {
    const html = await (await fetch(`${origin}/images`)).text();
    const [, source_] = /<img[^>]*src="([^"]+)"/.exec(html);
    assert.match(html, /width="4"/);
    assert.equal((await fetch(origin + source_)).status, 200);
  });

  assert.doesNotMatch(log(), /replaced/);
});

test("ten thousand requests over two isolates never see each other's state", async (context) => {
  const app = copyOf(source, context);
  build(app);
  const { origin } = await start(app, context, ["--isolates", "2"]);
  let next = 0;
  const client = async () => {
    while (next < 10_000) {
      const id = String(next++);
      const html = await (await fetch(`${origin}/echo/${id}`, { headers: { "x-id": id } })).text();
      if (!html.includes(`<b>${id}</b>`) || !html.includes(`<u>${id}:/echo/${id}</u>`) || !html.includes(`<i>${id}</i>`)) {
        assert.fail(`${id} got ${html}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, client));
});

test("a request that never pauses, and those that eat the heap in small pieces, without a pause or in one piece, end alone", async (context) => {
  const app = copyOf(source, context);
  build(app);
  const { origin, log } = await start(app, context, ["--isolates", "1", "--cpu-limit", "2", "--heap-limit", "96"]);
  for (const path of ["/loop", "/eat", "/eat-at-once", "/eat-whole"]) {
    assert.equal((await fetch(origin + path)).status, 500, path);
    assert.equal((await fetch(`${origin}/stream`)).status, 200, `after ${path}`);
  }
  assert.match(log(), /an isolate was replaced/);
});
