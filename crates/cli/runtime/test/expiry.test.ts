import assert from "node:assert/strict";
import { test } from "node:test";
import { expiryOf, sooner } from "../server/cache/expiry.ts";
import { NEVER, builtInProfiles, profileNamed } from "../server/cache/profiles.ts";

test("what is marked is gone after the time that is said, or never", () => {
  assert.equal(expiryOf({ expire: 60 }), 60);
  assert.equal(expiryOf({ expire: 0 }), 0);
  assert.equal(expiryOf({ expire: -5 }), 0);
  assert.equal(expiryOf({}), null);
  assert.equal(expiryOf({ expire: Infinity }), null);
  assert.equal(expiryOf({ expire: NEVER }), null);
  assert.equal(expiryOf(builtInProfiles.max), 31_536_000);
  assert.equal(expiryOf(builtInProfiles.default), null);
});

test("times that are none are refused", () => {
  for (const wrong of [{ expire: false }, { expire: "1" }, { expire: NaN }, { stale: false }, { revalidate: false }, { revalidate: 10, expire: 5 }]) {
    assert.throws(() => expiryOf(wrong as never), Error, JSON.stringify(wrong));
  }
});

test("a name that every object has is no profile", () => {
  assert.equal(profileNamed(builtInProfiles, "toString"), undefined);
  assert.equal(profileNamed(builtInProfiles, "hours")?.expire, 86_400);
});

test("of two times the sooner counts", () => {
  assert.equal(sooner(null, 5), 5);
  assert.equal(sooner(3, 5), 3);
  assert.equal(sooner(3, null), 3);
  assert.equal(sooner(null, null), null);
});
