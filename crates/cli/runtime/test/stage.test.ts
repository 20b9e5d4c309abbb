import assert from "node:assert/strict";
import { test } from "node:test";
import { meetUnstableValue, Stage, waitForOutside } from "../server/app/stage.ts";
import { runWork } from "../server/work.ts";
import { testWork } from "./data-cache.ts";
import type { UnstableValue } from "../server/unstable-values.ts";
import type { Work } from "../server/work.ts";

const RANDOM: UnstableValue = { expression: "Math.random()", kind: "random" };
const NOW: UnstableValue = { expression: "Date.now()", kind: "current-time" };

const work = (more: Partial<Work> = {}): Work => testWork("prerender", { routeId: "/(shop)/items/[id]/page", ...more });

/** The message of what a stage has met. */
function said(stage: Stage): string {
  assert.ok(stage.signal.aborted);
  return (stage.signal.reason as Error).message;
}

test("a stage hears of an unstable value that is used in it, however deep", async () => {
  const stage = new Stage("server");
  let aborted = 0;
  stage.signal.addEventListener("abort", () => aborted++);
  await runWork(work(), () =>
    stage.run(async () => {
      await null;
      meetUnstableValue(RANDOM);
      assert.equal(aborted, 1, "at once");
      meetUnstableValue(NOW);
    }),
  );
  assert.equal(aborted, 1);
  const text = said(stage);
  for (const part of ['Route "/items/[id]"', "`Math.random()`", '"use cache"', "blocking-prerender-random"]) assert.ok(text.includes(part), text);
  assert.ok(!text.includes("-client") && !text.includes("performance.now"));
});

test("what is said names the place, and what is measured may be measured", () => {
  const stage = new Stage("client");
  runWork(work(), () => stage.run(() => meetUnstableValue(NOW)));
  for (const part of ["Client Component", "<Suspense>", "performance.now()", "blocking-prerender-current-time-client"]) assert.ok(said(stage).includes(part), part);
});

test("a stage that is over hears of nothing, and neither does one that does not run", () => {
  const [over, other, outer, inner] = [new Stage("server"), new Stage("server"), new Stage("server"), new Stage("server")];
  runWork(work(), () => {
    over.run(() => {
      over.end();
      meetUnstableValue(RANDOM);
    });
    meetUnstableValue(RANDOM);
    outer.run(() => inner.run(() => meetUnstableValue(RANDOM)));
  });
  assert.deepEqual([over, other, outer, inner].map(({ signal }) => signal.aborted), [false, false, false, true]);
});

test("what is read from outside never comes in a stage, and needs no waiting elsewhere", () => {
  const stage = new Stage("client");
  assert.equal(waitForOutside(), null);
  assert.equal(stage.leavesOut, false);
  assert.ok(stage.run(waitForOutside) instanceof Promise);
  assert.equal(stage.leavesOut, true);
  assert.equal(stage.signal.aborted, false, "the rest goes on");
  stage.end();
  assert.equal(stage.run(waitForOutside), null);
});

test("what is kept, what comes after the response and what lists parameters are none of it", () => {
  for (const within of ["use cache", "use cache: private", "unstable_cache", "after render", "generateStaticParams"] as const) {
    const stage = new Stage("server");
    runWork(work(), () => stage.run(() => runWork(work({ within }), () => meetUnstableValue(RANDOM))));
    assert.equal(stage.signal.aborted, false, within);
  }
  const stage = new Stage("server");
  stage.run(() => meetUnstableValue(RANDOM));
  assert.equal(stage.signal.aborted, false, "no request");
});
