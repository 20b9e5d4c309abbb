import assert from "node:assert/strict";
import { test } from "node:test";
import { createWatchers } from "../client/router/invalidation.ts";

function world() {
  let now = 0;
  let timers: { at: number; call: () => void }[] = [];
  const called: string[] = [];
  const watchers = createWatchers(
    (call, seconds) => void timers.push({ at: now + seconds * 1000, call }),
    () => now,
  );
  const wait = (seconds: number): void => {
    now += seconds * 1000;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    due.forEach(({ call }) => call());
  };
  return { watchers, called, wait, say: (name: string) => () => void called.push(name) };
}

test("who waits for a page is told once when its time is over", () => {
  const { watchers, called, wait, say } = world();
  watchers.add("/a", say("a"));
  watchers.add("/b", say("b"));
  wait(1000);
  watchers.stored("/a", 300);
  wait(299);
  assert.deepEqual(called, []);
  wait(1);
  watchers.stored("/a", 1);
  wait(1);
  watchers.invalidate();
  assert.deepEqual(called, ["a", "b"]);
  watchers.invalidate();
  assert.deepEqual(called, ["a", "b"]);
});

test("who asks for a page that is known waits for the rest of its time", () => {
  const { watchers, called, wait, say } = world();
  wait(100);
  watchers.add("/a", say("a"), 300_000);
  wait(199);
  assert.deepEqual(called, []);
  wait(1);
  assert.deepEqual(called, ["a"]);
});

test("one function that is given twice is called twice", () => {
  const { watchers, called, say } = world();
  const tell = say("a");
  watchers.add("/a", tell);
  watchers.add("/a", tell);
  watchers.invalidate();
  assert.deepEqual(called, ["a", "a"]);
});
