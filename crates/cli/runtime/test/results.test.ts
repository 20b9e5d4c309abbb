// Results of cached functions, by the root parameters that they have read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptResult } from "../server/cache/results.ts";
import { NEVER } from "../server/cache/profiles.ts";
import { joinRootParams, observeRootParams, provideRootParams, rootParam, runListing } from "../server/root-params.ts";
import { Holes } from "../server/app/holes.ts";
import { runWork } from "../server/work.ts";
import { testHost, testWork } from "./data-cache.ts";
import type { MadeResult } from "../server/cache/results.ts";
import type { Work } from "../server/work.ts";

const CALL = `default ${"0".repeat(64)}`;
const BRANCH = [{ segment: "[lang]", files: {} }, { segment: "[region]", files: { layout: {} } }, { segment: "[slug]", files: {} }];

function page(lang: string, region: string, unknown: string[] = []): Work {
  const work = testWork("dynamic");
  provideRootParams(work, BRANCH, { lang, region, slug: "s" }, new Set(unknown));
  return work;
}

/** A function that reads what it is told to, and how often it ran. */
function reading(choose: (lang: string) => string[]): { runs: string[]; call(work: Work): Promise<string> } {
  const runs: string[] = [];
  const make = async (work: Work): Promise<MadeResult> => {
    const scope: Work = { ...work, within: "use cache", memo: new Map(work.memo) };
    const reads = observeRootParams(scope, work);
    const text = await runWork(scope, async () => {
      const values = [];
      for (const name of choose(String(await currentLang(work)))) values.push(await rootParam(name));
      return values.join("-");
    });
    runs.push(text);
    return { life: { stale: NEVER, revalidate: NEVER, expire: NEVER }, tags: [], roots: [...reads.names], bytes: new TextEncoder().encode(text), failure: null };
  };
  return { runs, call: async (work) => new TextDecoder().decode((await keptResult(work, CALL, () => make(work))).bytes) };
}

/** Read where it counts for nobody. */
function currentLang(work: Work): Promise<unknown> {
  return runWork({ ...work, memo: new Map([...work.memo].filter(([key]) => key !== observeRootParams)) }, () => rootParam("lang"));
}

test("a result that reads nothing is one for all roots", async () => {
  const host = testHost();
  const { call, runs } = reading(() => []);
  for (const [lang, region] of [["en", "us"], ["de", "at"]] as const) {
    await call(page(lang, region));
    await host.settled();
  }
  assert.equal(runs.length, 1);
  assert.deepEqual([...host.entries.keys()], [CALL]);
});

test("a result is kept by the values that it has read, and by no others", async () => {
  const host = testHost();
  const { call, runs } = reading(() => ["lang"]);
  for (const [lang, region] of [["en", "us"], ["en", "uk"], ["de", "at"], ["en", "us"], ["de", "ch"]] as const) {
    assert.equal(await call(page(lang, region)), lang);
    await host.settled();
  }
  assert.deepEqual(runs, ["en", "de"]);
  assert.equal(host.entries.size, 3);
  assert.ok([...host.entries.keys()].every((key) => /^default [0-9a-f]{64}$/.test(key)));
  assert.equal(host.open.size, 0);
});

test("what is read may depend on what was read", async () => {
  const host = testHost();
  const { call, runs } = reading((lang) => (lang === "en" ? ["lang", "region"] : ["lang"]));
  const all: [string, string, string][] = [["de", "at", "de"], ["en", "us", "en-us"], ["en", "uk", "en-uk"], ["de", "ch", "de"], ["en", "us", "en-us"]];
  for (const [lang, region, result] of all) {
    assert.equal(await call(page(lang, region)), result);
    await host.settled();
  }
  assert.deepEqual(runs, ["de", "en-us", "en-uk"]);
});

test("whoever waits for a result does not make it again", async () => {
  const host = testHost();
  const { call, runs } = reading(() => ["lang"]);
  const results = await Promise.all(["en", "en", "de", "en"].map((lang) => call(page(lang, "us"))));
  assert.deepEqual(results, ["en", "en", "de", "en"]);
  assert.deepEqual(runs.toSorted(), ["de", "en"]);
  await host.settled();
  assert.equal(host.open.size, 0);
});

test("a result that has failed leaves nothing behind", async () => {
  const host = testHost();
  const failed: MadeResult = { life: { stale: 0, revalidate: 1, expire: 1 }, tags: [], roots: ["lang"], bytes: new Uint8Array(1), failure: "on purpose" };
  await keptResult(page("en", "us"), CALL, async () => failed);
  await host.settled();
  assert.equal(host.entries.size, 0);
  assert.equal(host.open.size, 0);
});

test("a page that is rendered without a parameter does not get what depends on it", async () => {
  const host = testHost();
  const { call, runs } = reading(() => ["lang"]);
  await call(page("en", "us"));
  await host.settled();
  const shell = page("[lang]", "us", ["lang"]);
  const { roots, bytes } = await keptResult(shell, CALL, () => Promise.reject(new Error("nobody asks")));
  assert.deepEqual([roots, bytes.length, runs], [["lang"], 0, ["en"]]);
});

test("a cached function of a page without the parameter ends, and the page leaves it out", async () => {
  testHost();
  const shell = page("[lang]", "us", ["lang"]);
  shell.mode = "prerender";
  shell.holes = new Holes("final");
  const scope: Work = { ...shell, within: "use cache", holes: null, memo: new Map(shell.memo) };
  const reads = observeRootParams(scope, shell);
  await assert.rejects(runWork(scope, () => rootParam("lang")), /no value yet/);
  assert.deepEqual([reads.isUnknown, [...reads.names]], [true, ["lang"]]);
  void joinRootParams(shell, ["lang"]);
  assert.equal(shell.holes.asked.length, 1);
});

test("what a nested result has read counts for the one around it", async () => {
  testHost();
  const work = page("en", "us");
  const scope: Work = { ...work, within: "use cache", memo: new Map(work.memo) };
  const reads = observeRootParams(scope, work);
  await joinRootParams(scope, ["region"]);
  assert.deepEqual([...reads.names], ["region"]);
});

test("root parameters are none of `unstable_cache`, nor of what it calls", async () => {
  testHost();
  const within: Work = { ...page("en", "us"), within: "unstable_cache" };
  await assert.rejects(runWork(within, () => rootParam("lang")), /Route \/x used `import\('next\/root-params'\)\.lang\(\)` inside `unstable_cache`/);
  const scope: Work = { ...within, within: "use cache", memo: new Map(within.memo) };
  observeRootParams(scope, within);
  const deeper: Work = { ...scope, memo: new Map(scope.memo) };
  observeRootParams(deeper, scope);
  for (const work of [scope, deeper]) await assert.rejects(runWork(work, () => rootParam("lang")), /within `unstable_cache`/);
});

test("without a page, a cached function gets nothing, and others are told", async () => {
  testHost();
  const handler = testWork("handler");
  const scope: Work = { ...handler, within: "use cache", memo: new Map() };
  observeRootParams(scope, handler);
  assert.equal(await runWork(scope, () => rootParam("lang")), undefined);
  await assert.rejects(runWork(handler, () => rootParam("lang")), /Route Handlers and Server Actions/);
  // The parameters of the page are those of what its server functions have kept, and not of the functions.
  const action: Work = { ...page("en", "us"), mode: "action" };
  await assert.rejects(runWork(action, () => rootParam("lang")), /Server Actions/);
});

test("while paths are listed, each root has its own results", async () => {
  const host = testHost();
  const { call, runs } = reading(() => ["lang"]);
  const work = testWork("prerender", { within: "generateStaticParams" });
  for (const lang of ["en", "de"]) {
    assert.equal(await runListing(BRANCH, { lang }, () => call(work)), lang);
    await host.settled();
  }
  assert.deepEqual(runs, ["en", "de"]);
});
