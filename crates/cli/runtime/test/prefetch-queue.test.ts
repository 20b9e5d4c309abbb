import assert from "node:assert/strict";
import { test } from "node:test";
import { CONCURRENT, FAILURES_TO_STOP, createQueue } from "../client/router/prefetch-queue.ts";
import { random } from "./random.ts";
import type { Outcome } from "../client/router/prefetch-queue.ts";

interface Call {
  href: string;
  full: boolean;
  settle(outcome: Outcome | "failed"): Promise<void>;
}

/** A queue whose fetches end when the test says so. */
function setup(known: readonly string[] = []) {
  const calls: Call[] = [];
  const stored = new Set(known);
  const queue = createQueue({
    has: (href) => stored.has(href),
    run: (href, full) =>
      new Promise((resolve, reject) => {
        calls.push({
          href,
          full,
          async settle(outcome) {
            if (outcome === "stored") stored.add(href);
            if (outcome === "failed") reject(new Error("network"));
            else resolve(outcome);
            // The queue goes on in the microtasks that follow.
            await new Promise((done) => setImmediate(done));
          },
        });
      }),
  });
  return { queue, calls, hrefs: () => calls.map((call) => call.href) };
}

test("no more than a few pages are fetched at once, the rest in order", async () => {
  const { queue, calls, hrefs } = setup();
  for (let i = 0; i < CONCURRENT + 2; i++) queue.add(`/${i}`, false, false);
  assert.equal(calls.length, CONCURRENT);
  await calls[0]?.settle("stored");
  assert.equal(hrefs().at(-1), `/${CONCURRENT}`);
});

test("a page pointed at comes before all that wait", async () => {
  const { queue, calls, hrefs } = setup();
  for (let i = 0; i < CONCURRENT + 3; i++) queue.add(`/${i}`, false, false);
  queue.add(`/${CONCURRENT + 2}`, false, true);
  await calls[0]?.settle("stored");
  assert.equal(hrefs().at(-1), `/${CONCURRENT + 2}`);
});

test("a page is fetched once, and not if it is known", async () => {
  const { queue, calls, hrefs } = setup(["/known"]);
  queue.add("/known", false, false);
  queue.add("/a", false, false);
  queue.add("/a", false, true);
  await calls[0]?.settle("stored");
  queue.add("/a", true, true);
  assert.deepEqual(hrefs(), ["/a"]);
});

test("a declined page is asked for again only in full", async () => {
  const { queue, calls } = setup();
  queue.add("/a", false, false);
  await calls[0]?.settle("declined");
  queue.add("/a", false, true);
  assert.equal(calls.length, 1);
  queue.add("/a", true, true);
  assert.equal(calls[1]?.full, true);
});

test("a page that leaves the viewport is not fetched any more", async () => {
  const { queue, calls, hrefs } = setup();
  for (let i = 0; i < CONCURRENT + 1; i++) queue.add(`/${i}`, false, false);
  queue.drop(`/${CONCURRENT}`);
  await calls[0]?.settle("stored");
  assert.equal(hrefs().length, CONCURRENT);
});

test("a server that fails again and again is left alone", async () => {
  const { queue, calls } = setup();
  for (let i = 0; i < FAILURES_TO_STOP; i++) {
    queue.add(`/${i}`, false, false);
    await calls[i]?.settle("failed");
  }
  queue.add("/more", true, false);
  assert.equal(calls.length, FAILURES_TO_STOP);
});

test("a server that was left alone gets another chance when somebody points at a link", async () => {
  const { queue, calls, hrefs } = setup();
  for (let i = 0; i < FAILURES_TO_STOP; i++) {
    queue.add(`/${i}`, false, false);
    await calls[i]?.settle("failed");
  }
  queue.add("/waits", false, false);
  assert.ok(!hrefs().includes("/waits"));
  queue.add("/pointed-at", false, true);
  assert.equal(hrefs().at(-1), "/pointed-at");
  await calls.at(-1)?.settle("failed");
  assert.ok(!hrefs().slice(FAILURES_TO_STOP + 2).includes("/waits"));
});

test("a success in between forgives the failures before it", async () => {
  const { queue, calls } = setup();
  for (let i = 0; i < FAILURES_TO_STOP * 2; i++) {
    queue.add(`/${i}`, false, false);
    await calls[i]?.settle(i % 2 === 0 ? "failed" : "stored");
  }
  assert.equal(calls.length, FAILURES_TO_STOP * 2);
});

test("any sequence: few at once, none twice at once, none that is known", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const from = random(seed);
    const { queue, calls } = setup();
    const open = new Set<Call>();
    const stored = new Set<string>();
    let seen = 0;
    for (let step = 0; step < 80; step++) {
      const href = `/${from.below(12)}`;
      const call = [...open][from.below(Math.max(open.size, 1))];
      if (from.below(3) > 0) {
        queue.add(href, from.below(2) === 0, from.below(2) === 0);
      } else if (from.below(3) === 0) {
        queue.drop(href);
      } else if (call) {
        const outcome = from.pick<Outcome>(["stored", "declined"]);
        if (outcome === "stored") stored.add(call.href);
        open.delete(call);
        await call.settle(outcome);
      }
      for (const started of calls.slice(seen)) {
        assert.ok(![...open].some((other) => other.href === started.href), `seed ${seed}, step ${step}`);
        assert.ok(!stored.has(started.href), `seed ${seed}, step ${step}`);
        open.add(started);
      }
      seen = calls.length;
      assert.ok(open.size <= CONCURRENT, `seed ${seed}, step ${step}`);
    }
  }
});
