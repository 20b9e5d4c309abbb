import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { watchNodeCrypto, watchUnstableValues } from "../server/unstable-values.ts";
import type { Realm } from "../server/unstable-values.ts";

class Crypto {
  randomUUID(): string {
    return this instanceof Crypto ? "uuid" : "of nobody";
  }
  getRandomValues<T>(array: T): T {
    return array;
  }
}

/** A realm of its own, as it is before anybody watches and as it is then, with what was told. */
function watched(): { realm: Realm; before: Realm; told: string[] } {
  const realm = Object.assign(runInNewContext("globalThis") as Realm, { crypto: new Crypto() as unknown as Realm["crypto"] });
  const before = { Math: { random: realm.Math.random }, Date: realm.Date, crypto: realm.crypto };
  const told: string[] = [];
  watchUnstableValues(realm, ({ expression, kind }) => told.push(`${kind} ${expression}`));
  return { realm, before, told };
}

test("everything that gives another result each time tells, and gives it", () => {
  const { realm, told } = watched();
  assert.equal(typeof realm.Math.random(), "number");
  assert.equal(typeof realm.Date.now(), "number");
  assert.equal(typeof realm.Date(), "string");
  assert.ok(Math.abs(new realm.Date().getTime() - Date.now()) < 60_000);
  assert.equal(realm.crypto.randomUUID(), "uuid");
  assert.deepEqual(realm.crypto.getRandomValues(new Uint8Array(2)), new Uint8Array(2));
  assert.deepEqual(told, ["random Math.random()", "current-time Date.now()", "current-time Date()", "current-time new Date()", "crypto crypto.randomUUID()", "crypto crypto.getRandomValues()"]);
});

test("a date of its own tells nothing", () => {
  const { realm, told } = watched();
  assert.equal(new realm.Date(0).toISOString(), "1970-01-01T00:00:00.000Z");
  assert.ok(Number.isNaN(new realm.Date(undefined as never).getTime()));
  assert.equal(realm.Date.parse("1970-01-01"), 0);
  assert.equal(realm.Date.UTC(1970, 0), 0);
  assert.equal(new realm.Date(1970, 5, 1).getMonth(), 5);
  assert.deepEqual(told, []);
});

test("what is watched looks as it did", () => {
  const { realm, before } = watched();
  for (const [now, then] of [[realm.Math.random, before.Math.random], [realm.Date, before.Date], [realm.crypto.randomUUID, Crypto.prototype.randomUUID]] as const) {
    assert.equal(now.name, then.name);
    assert.equal(now.length, then.length);
    assert.deepEqual(Object.getOwnPropertyNames(now), Object.getOwnPropertyNames(then));
  }
  for (const [owner, key, isEnumerable] of [[realm.Math, "random", false], [realm, "Date", false], [realm.Date, "now", false]] as const) {
    assert.deepEqual({ ...Object.getOwnPropertyDescriptor(owner, key), value: null }, { value: null, writable: true, enumerable: isEnumerable, configurable: true });
  }
});

test("dates of before and after are of one class, and so are those of classes that extend it", () => {
  const { realm, before, told } = watched();
  const early = new before.Date(0);
  assert.ok(early instanceof realm.Date);
  assert.equal(early.constructor, realm.Date);
  assert.ok(new realm.Date(0) instanceof before.Date);
  class Day extends realm.Date {
    day(): number {
      return this.getUTCDate();
    }
  }
  assert.equal(new Day(0).day(), 1);
  assert.ok(new Day(0) instanceof realm.Date);
  assert.deepEqual(told, []);
  assert.ok(new Day().day() > 0);
  assert.equal(Object.getPrototypeOf(Reflect.construct(realm.Date, [], Day)), Day.prototype);
  assert.deepEqual(told, ["current-time new Date()", "current-time new Date()"]);
});

test("the functions are called as they were: with this, and not with new", () => {
  const { realm } = watched();
  const { randomUUID } = realm.crypto;
  assert.equal(Reflect.apply(randomUUID, {}, []), "of nobody");
  assert.throws(() => new (realm.Math.random as unknown as new () => unknown)(), TypeError);
});

test("what `node:crypto` makes at once tells, and what it calls back with does not", () => {
  const told: string[] = [];
  const crypto = { randomInt: (most: number, then?: (value: number) => void) => then?.(most) ?? most, createHash: () => "hash" };
  watchNodeCrypto(crypto, ({ expression, kind }) => told.push(`${kind} ${expression}`));
  assert.equal(crypto.randomInt(3), 3);
  crypto.randomInt(4, (value) => assert.equal(value, 4));
  assert.equal(crypto.createHash(), "hash");
  assert.deepEqual(Object.keys(crypto), ["randomInt", "createHash"]);
  assert.deepEqual(told, ['crypto require("node:crypto").randomInt()']);
});
