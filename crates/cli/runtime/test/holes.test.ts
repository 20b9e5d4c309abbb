import assert from "node:assert/strict";
import { test } from "node:test";
import { Holes, turn } from "../server/app/holes.ts";
import type { Clock } from "../server/app/holes.ts";

/** Time that is moved by whoever waits for it; `onWait` is asked each time, with the time that it is. */
function clock(onWait: (now: number) => void = () => {}): Clock {
  let now = 1000;
  return {
    now: () => now,
    wait: async (milliseconds) => {
      now += milliseconds;
      onWait(now);
    },
    turn: () => Promise.reject(new Error("a turn was waited for")),
  };
}

/** A promise and what settles it. */
function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<void>((settle, refuse) => ([resolve, reject] = [settle, refuse]));
  return { promise, resolve, reject };
}

test("what was asked for that differs by request is noted in order, and never comes", async () => {
  const holes = new Holes("final", clock());
  let settled = 0;
  for (const what of ["cookies()", "headers()", "cookies()"]) {
    const note = (): void => void settled++;
    holes.hang(what).then(note, note);
  }
  assert.deepEqual(holes.asked, ["cookies()", "headers()", "cookies()"]);
  await turn();
  await turn();
  assert.equal(settled, 0);
});

test("the last render waits for one turn, whatever is on its way", async () => {
  let turns = 0;
  const holes = new Holes("final", { ...clock(() => assert.fail("time was waited for")), turn: async () => void turns++ });
  void holes.during(() => new Promise(() => {}));
  await holes.patience();
  assert.equal(turns, 1);
});

test("the first render waits until nothing was on its way for 12 milliseconds", async () => {
  let end = 0;
  await new Holes("fill", clock((now) => (end = now))).patience();
  assert.equal(end, 1012);
});

test("the first render waits for all that is on its way, and from then on again", async () => {
  const [one, two] = [deferred(), deferred()];
  let end = 0;
  let results: PromiseSettledResult<unknown>[] = [];
  const holes = new Holes(
    "fill",
    clock((now) => {
      end = now;
      if (now === 1050) one.resolve();
      if (now === 1100) two.reject(new Error("on purpose"));
    }),
  );
  void Promise.allSettled([holes.during(async () => (await one.promise, "first")), holes.during(() => two.promise)]).then((all) => (results = all));
  await holes.patience();
  assert.equal(end, 1112);
  assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected"]);
});

test("what begins while the first render waits is waited for", async () => {
  const late = deferred();
  let end = 0;
  const holes: Holes = new Holes(
    "fill",
    clock((now) => {
      end = now;
      if (now === 1010) void holes.during(() => late.promise);
      if (now === 1040) late.resolve();
    }),
  );
  await holes.patience();
  assert.equal(end, 1052);
});

test("what is on its way gives what it gives", async () => {
  const holes = new Holes("fill", clock());
  assert.equal(await holes.during(async () => 7), 7);
  await assert.rejects(holes.during(() => Promise.reject(new Error("on purpose"))), /on purpose/);
});

test("a turn has what does not wait for the outside, and nothing that is set later", async () => {
  const events: string[] = [];
  const turned = turn().then(() => events.push("turn"));
  queueMicrotask(() => queueMicrotask(() => events.push("microtask")));
  setTimeout(() => events.push("timer"), 0);
  setImmediate(() => setImmediate(() => events.push("the next turn")));
  await turned;
  assert.deepEqual(events, ["microtask", "turn"]);
});

test("who has given up waits for nothing more, and says why: the first reason counts", async () => {
  const holes = new Holes(
    "fill",
    clock((now) => {
      if (now === 1100) for (const why of ["first", "second"]) holes.giveUp(new Error(why));
      if (now > 1100) assert.fail("it is still waited");
    }),
  );
  void holes.during(() => new Promise(() => {}));
  holes.throwIfGivenUp();
  await holes.patience();
  assert.throws(() => holes.throwIfGivenUp(), { message: "first" });
});
