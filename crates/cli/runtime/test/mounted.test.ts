import assert from "node:assert/strict";
import { test } from "node:test";
import { withShown } from "../client/mounted.ts";
import { dynamic, page, segment } from "./trees.ts";
import type { SegmentPayload } from "../shared/payload.ts";

const part = (name: string): SegmentPayload => segment(name, `layout ${name}`, { children: page() });

/** What is mounted after these segments have been shown one after the other. */
function walked(...shown: SegmentPayload[]): readonly SegmentPayload[] {
  const [first, ...rest] = shown;
  assert.ok(first);
  return rest.reduce(withShown, [first]);
}
const keys = (mounted: readonly SegmentPayload[]): string[] => mounted.map(({ key }) => key);

test("what was shown last comes first", () => {
  assert.deepEqual(keys(walked(part("a"), part("b"))), ["b", "a"]);
});

test("the segment that was shown longest ago is given up for a fourth one", () => {
  assert.deepEqual(keys(walked(part("a"), part("b"), part("c"), part("d"))), ["d", "c", "b"]);
});

test("what is shown again gives nothing up", () => {
  assert.deepEqual(keys(walked(part("a"), part("b"), part("c"), part("a"))), ["a", "c", "b"]);
  assert.deepEqual(keys(walked(part("a"), part("b"), part("c"), part("a"), part("b"))), ["b", "a", "c"]);
});

test("a segment that is shown again is the one that came now", () => {
  const [before, after] = [part("a"), part("a")];
  const mounted = walked(before, part("b"), after);
  assert.equal(mounted[0], after);
  assert.ok(!mounted.includes(before));
});

test("what came for the segment that is shown takes its place", () => {
  assert.deepEqual(keys(walked(part("a"), part("b"), part("b"))), ["b", "a"]);
});

test("other parameters are another segment, another query is not", () => {
  const item = (id: string): SegmentPayload => dynamic("id", id, `item ${id}`, { children: page() });
  assert.deepEqual(keys(walked(item("1"), item("2"), item("1"))), ["id|1|d", "id|2|d"]);
  assert.deepEqual(keys(walked(page("with a query"), page("with another one"))), ["__PAGE__"]);
});

test("nothing is new when the same segment is still shown", () => {
  const shown = part("b");
  const mounted = walked(part("a"), shown);
  assert.equal(withShown(mounted, shown), mounted);
});
