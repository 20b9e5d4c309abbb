// Plays a flow in Chromium: what a person does, and what they see at each step.
import { chromium } from "playwright-core";
import { anyBuild } from "./ask.mjs";
import { visible } from "./visible.mjs";

const LIMIT = 15_000;
/** A flow that takes longer hangs. */
const FLOW_LIMIT = 90_000;

/** The promise, or a rejection when it takes too long. */
async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing happened for ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"],
  });
}

/** Two frames: what follows from the last commit has happened. */
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

function focused() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  return element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "");
}

/**
 * Plays one flow against a server. `run` gets the page and the words for what people do; what it records with
 * `state`, `note` and the console is the answer.
 */
export async function play(browser, gates, origin, flow) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, javaScriptEnabled: flow.javascript !== false });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  const states = {};
  const complaints = {};
  let documents = 0;
  const requests = [];
  const said = (text) => {
    // The names of functions in a stack are the bundler's.
    const [plain] = text.replaceAll(origin, "").split("\n");
    // How often is a matter of what was prefetched when.
    complaints[plain] = true;
  };
  page.on("console", (message) => {
    const { url } = message.location();
    if (url.endsWith("/favicon.ico") || !["error", "warning"].includes(message.type())) return;
    said(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) documents++;
    requests.push({ path: request.url().replace(origin, "").replace(/[?&]_rsc=[^&]*/, ""), headers: request.headers(), document: request.isNavigationRequest() });
  });

  const hydrated = async () => {
    if (flow.javascript === false) return;
    await page.waitForFunction(() => [document, document.documentElement].some((node) => Object.keys(node).some((key) => key.startsWith("__react"))));
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 2000 })));
    await settle(page);
  };
  const text = (wanted) => (wanted instanceof RegExp ? page.getByText(wanted) : page.getByText(wanted, { exact: true }));
  const find = (target) => (typeof target === "string" && /^[#.[]/.test(target) ? page.locator(target) : text(target));
  const words = {
    page,
    origin,
    /** Every request so far: path without `_rsc`, headers, and whether it asked for a document. */
    requests,
    /** Loads a document and waits until React has taken it over. */
    async open(path) {
      await page.goto(origin + path, { waitUntil: "load" });
      await hydrated();
    },
    hydrated,
    /** Clicks what has this text, or matches this selector ("#id", ".class", "[attribute]"). */
    click: (target) => find(target).first().click(),
    /** Waits until it can be seen. */
    see: (target) => find(target).first().waitFor({ state: "visible" }),
    /** Waits until it cannot be seen. */
    gone: (target) => find(target).first().waitFor({ state: "hidden" }),
    back: () => page.evaluate(() => history.back()),
    forward: () => page.evaluate(() => history.forward()),
    async reload() {
      await page.reload({ waitUntil: "load" });
      await hydrated();
    },
    /** Waits until the address bar shows this path (with query and fragment). */
    at: (path) => page.waitForURL((url) => url.href === origin + path),
    /** Asks the server beside the page, for fixtures that wait to be told. */
    ask: async (path, options) => (await fetch(origin + path, options)).text(),
    settle: () => (flow.javascript === false ? page.waitForLoadState() : settle(page)),
    /** Whoever fetches the gate of this name waits from now on, */
    hold: gates.hold,
    /** until it is released. */
    release: gates.release,
    /** What screen readers were last told. */
    announced: () => page.evaluate(() => document.querySelector("next-route-announcer")?.shadowRoot?.textContent ?? null),
    /** Records what can be seen now. `extra`: "focus" and "scroll" record these too. */
    async state(label, ...extra) {
      if (label in states) throw new Error(`two states are called ${label}`);
      if (flow.javascript !== false) {
        // Metadata may be streamed after what it belongs to.
        await page.waitForFunction(() => document.title !== "", null, { timeout: 700 }).catch(() => {});
        await settle(page);
      }
      const html = await page.content();
      const { head, body, html: root } = visible(anyBuild(html.replaceAll(origin, "")), { live: true });
      const shown = { url: page.url().replace(origin, ""), html: root, head, body };
      if (extra.includes("focus")) shown.focus = await page.evaluate(focused);
      if (extra.includes("scroll")) shown.scroll = await page.evaluate(() => [Math.round(scrollX), Math.round(scrollY)]);
      states[label] = shown;
    },
    /** Records any value that both sides must agree on. */
    note(label, value) {
      if (label in states) throw new Error(`two states are called ${label}`);
      states[label] = value ?? null;
    },
  };
  let failure;
  try {
    await within(FLOW_LIMIT, flow.run(words));
    if (flow.javascript !== false) await settle(page);
  } catch (error) {
    failure = `${error.message.split("\n")[0]}; the page was at ${page.url().replace(origin, "")} and showed: ${(await within(2000, page.evaluate(() => document.body.innerText)).catch(() => "nothing")).slice(0, 400)}`;
  }
  gates.releaseAll();
  const answer = { states, documents, console: complaints };
  await context.close();
  return failure === undefined ? answer : { ...answer, failure };
}
