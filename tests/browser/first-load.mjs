// The scripts that a browser loads for each page until it is alive: `node first-load.mjs ORIGIN PATH…` prints, as JSON,
// path to bytes, each script compressed on its own as by `cargo xtask size`.
import { gzipSync } from "node:zlib";
import { launch } from "./harness.mjs";

const [origin, ...paths] = process.argv.slice(2);
const browser = await launch();
const sizes = new Map();
const loads = {};
for (const path of paths) {
  const page = await browser.newPage();
  // What is fetched for pages that a link leads to belongs to those pages.
  await page.route(/[?&]_rsc=|\.rsc(\?|$)/, (route) => route.abort());
  const scripts = new Map();
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.set(response.url(), response.body());
  });
  await page.goto(origin + path, { waitUntil: "networkidle" });
  for (const [url, body] of scripts) {
    if (!sizes.has(url)) sizes.set(url, gzipSync(await body, { level: 9 }).length);
  }
  loads[path] = [...scripts.keys()].reduce((sum, url) => sum + sizes.get(url), 0);
  await page.close();
}
await browser.close();
console.log(JSON.stringify(loads));
