// What becomes of a fetch, by what it says and what its route says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchPolicy } from "../server/cache/fetch-policy.ts";
import type { FetchCall, FetchCache, FetchPolicy, FetchScene } from "../server/cache/fetch-policy.ts";

const CALL: FetchCall = { url: "https://api.example/x", method: "GET", cache: undefined, revalidate: undefined, tags: undefined, hasCredentials: false };
const REQUEST: FetchScene = { route: "/r", fetchCache: undefined, forceDynamic: false, forceStatic: false, noStore: false, inFunction: false, lifetime: null, building: false };
/** Rendered once for everybody, for ever unless something says otherwise. */
const PAGE: FetchScene = { ...REQUEST, lifetime: false };
const BUILD: FetchScene = { ...PAGE, building: true };

const decide = (call: Partial<FetchCall>, scene: FetchScene = REQUEST): FetchPolicy => fetchPolicy({ ...CALL, ...call }, scene);

/** The seconds that it is stored for, or that it is not. */
function outcome(call: Partial<FetchCall>, scene: FetchScene = REQUEST): number | false | "uncached" | "dynamic" {
  const policy = decide(call, scene);
  if (policy.kind === "cache") return policy.revalidate;
  return policy.makesDynamic === null ? "uncached" : "dynamic";
}

test("a fetch that says nothing is not stored, and what it is part of is for everybody all the same", () => {
  for (const cache of [undefined, "default"]) {
    assert.equal(outcome({ cache }), "uncached");
    assert.equal(outcome({ cache }, PAGE), "uncached");
  }
  assert.equal(outcome({ tags: ["a"] }, PAGE), "uncached");
  assert.equal(outcome({ method: "POST" }, PAGE), "uncached");
  assert.equal(outcome({ hasCredentials: true }, PAGE), "uncached");
});

test("while a build prerenders it is the same for all pages, and for nobody after the build", () => {
  const policy = decide({}, BUILD);
  assert.equal(policy.kind, "cache");
  assert.ok(policy.kind === "cache" && policy.onlyForBuild && policy.revalidate === false && policy.lowersTo === null);
  assert.equal(outcome({}, { ...BUILD, lifetime: 60 }), 60);
  const asked = decide({ cache: "force-cache" }, BUILD);
  assert.ok(asked.kind === "cache" && !asked.onlyForBuild);
});

test("what is asked for is stored, whatever the method and whoever asks", () => {
  for (const scene of [REQUEST, PAGE]) {
    assert.equal(outcome({ cache: "force-cache" }, scene), false);
    assert.equal(outcome({ cache: "force-cache", method: "POST" }, scene), false);
    assert.equal(outcome({ cache: "force-cache", hasCredentials: true }, scene), false);
    assert.equal(outcome({ revalidate: 60 }, scene), 60);
    assert.equal(outcome({ revalidate: false }, scene), false);
    assert.equal(outcome({ cache: "force-cache", revalidate: 60 }, scene), 60);
    assert.equal(outcome({ cache: "default", revalidate: 5 }, scene), 5);
  }
});

test("a fetch that must not be stored makes what is for everybody one for each request", () => {
  for (const call of [{ cache: "no-store" }, { cache: "no-cache" }, { revalidate: 0 }, { cache: "no-store", revalidate: 0 }]) {
    assert.equal(outcome(call), "uncached", JSON.stringify(call));
    assert.equal(outcome(call, PAGE), "dynamic", JSON.stringify(call));
    assert.equal(outcome(call, { ...PAGE, lifetime: 60 }), "dynamic", JSON.stringify(call));
    assert.equal(outcome(call, { ...PAGE, forceStatic: true }), "uncached", JSON.stringify(call));
  }
});

test("a page is kept as long as its shortest fetch, and no longer", () => {
  const lowers = (call: Partial<FetchCall>, lifetime: number | false): number | null => decide(call, { ...PAGE, lifetime }).lowersTo;
  assert.equal(lowers({ revalidate: 60 }, false), 60);
  assert.equal(lowers({ revalidate: 60 }, 30), null);
  assert.equal(lowers({ revalidate: 30 }, 60), 30);
  assert.equal(lowers({ revalidate: false }, 60), null);
  assert.equal(lowers({ cache: "force-cache" }, 60), null);
  assert.equal(decide({ revalidate: 60 }).lowersTo, null);
  // Also where it contradicts itself, and the route is static whatever happens.
  assert.equal(decide({ cache: "no-store", revalidate: 60 }, { ...PAGE, forceStatic: true }).lowersTo, 60);
});

test("what contradicts itself is left out, and said", () => {
  for (const call of [{ cache: "no-store", revalidate: 60 }, { cache: "no-store", revalidate: false as const }, { cache: "force-cache", revalidate: 0 }]) {
    const policy = decide(call);
    assert.equal(policy.kind, "uncached");
    assert.equal(policy.warnings.length, 1);
    assert.match(policy.warnings[0] ?? "", /contradict/);
    // It said that it must not be stored.
    assert.equal(outcome(call, PAGE), "dynamic");
  }
  assert.deepEqual(decide({ cache: "no-store", revalidate: 0 }).warnings, []);
  assert.deepEqual(decide({ cache: "force-cache", revalidate: 60 }).warnings, []);
});

test("a time that is none is an error", () => {
  for (const revalidate of [-1, NaN, "60", null, true, {}]) assert.throws(() => decide({ revalidate }), /Invalid revalidate value .* on "\/r"/, String(revalidate));
  assert.equal(outcome({ revalidate: Infinity }), false);
  assert.equal(outcome({ revalidate: 0.5 }), 0.5);
});

test("what a route says about its fetches is what those get that say nothing, or all of them", () => {
  const mode = (fetchCache: FetchCache, call: Partial<FetchCall> = {}): ReturnType<typeof outcome> => outcome(call, { ...PAGE, fetchCache });
  assert.equal(mode("default-cache"), false);
  assert.equal(mode("default-cache", { cache: "no-store" }), "dynamic");
  assert.equal(mode("default-no-store"), "dynamic");
  assert.equal(mode("default-no-store", { cache: "force-cache" }), false);
  assert.equal(mode("default-no-store", { revalidate: 60 }), 60);
  assert.equal(mode("force-cache"), false);
  assert.equal(mode("force-cache", { revalidate: 60 }), 60);
  assert.equal(mode("force-no-store", { revalidate: 60 }), "dynamic");
  assert.equal(mode("only-cache"), false);
  assert.throws(() => mode("only-cache", { cache: "no-store" }), /fetchCache = "only-cache"/);
  assert.equal(mode("only-no-store"), "dynamic");
  assert.throws(() => mode("only-no-store", { cache: "force-cache" }), /fetchCache = "only-no-store"/);
  assert.equal(outcome({ cache: "no-store" }, { ...REQUEST, fetchCache: "force-cache" }), false);
});

test("a route that is rendered for each request stores what asks for it", () => {
  const scene = { ...REQUEST, forceDynamic: true };
  assert.equal(outcome({}, scene), "uncached");
  assert.equal(outcome({ cache: "force-cache" }, scene), false);
  assert.equal(outcome({ revalidate: 60 }, scene), 60);
  assert.equal(outcome({}, { ...scene, fetchCache: "default-cache" }), false);
});

test("after unstable_noStore only what asks for it is stored", () => {
  const scene = { ...REQUEST, noStore: true };
  assert.equal(outcome({}, scene), "uncached");
  assert.equal(outcome({}, { ...scene, fetchCache: "default-cache" }), "uncached");
  assert.equal(outcome({ cache: "force-cache" }, scene), false);
});

test("what a cached function is made of is not stored by itself", () => {
  const scene = { ...REQUEST, inFunction: true };
  assert.equal(outcome({ revalidate: 60 }, scene), "uncached");
  assert.equal(outcome({}, { ...scene, fetchCache: "default-cache" }), "uncached");
});
