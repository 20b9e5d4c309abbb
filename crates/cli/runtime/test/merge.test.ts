import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete, keptHrefs, mergeTree, refreshKept } from "../client/router/merge.ts";
import { collectParams, selectedSegment, selectedSegments } from "../client/router/params.ts";
import { random } from "./random.ts";
import { defaultLeaf, dynamic, page, route, segment, segments } from "./trees.ts";
import type { Random } from "./random.ts";
import type { SegmentPayload } from "../shared/payload.ts";

test("a navigation keeps the layouts that stay and takes the page", () => {
  const merged = mergeTree(route("/blog/a", "old"), route("/blog/b", "new"), "navigate", "/");
  assert.deepEqual(
    segments(merged).map((part) => part.node),
    ["layout / by old", "layout blog by old", "layout b by new", "page /blog/b by new"],
  );
});

test("a navigation to the same page takes the new page", () => {
  const merged = mergeTree(route("/a", "old"), route("/a", "new"), "navigate", "/");
  assert.deepEqual(
    segments(merged).map((part) => part.node),
    ["layout / by old", "layout a by old", "page /a by new"],
  );
});

test("a refresh takes every node that the server sent", () => {
  const merged = mergeTree(route("/a", "old"), route("/a", "new"), "refresh", "/");
  assert.deepEqual(merged, route("/a", "new"));
});

test("a segment without a node is filled from the segment that is shown", () => {
  const sent = segment("", undefined, { children: segment("a", undefined, { children: page("new") }) });
  for (const mode of ["navigate", "refresh"] as const) {
    const merged = mergeTree(route("/a", "old"), sent, mode, "/");
    assert.deepEqual(
      segments(merged).map((part) => part.node),
      ["layout / by old", "layout a by old", "new"],
    );
    assert.ok(isComplete(merged));
  }
});

test("a missing node below a segment that changed stays missing", () => {
  const sent = segment("", undefined, { children: segment("b", undefined, { children: page("new") }) });
  assert.ok(!isComplete(mergeTree(route("/a", "old"), sent, "navigate", "/")));
});

test("another parameter is another segment", () => {
  const shown = segment("", "root", { children: dynamic("slug", "a", "old", { children: page() }) });
  const sent = segment("", "root", { children: dynamic("slug", "b", "new", { children: page() }) });
  assert.equal(mergeTree(shown, sent, "navigate", "/").slots["children"]?.node, "new");
  assert.deepEqual(collectParams(mergeTree(shown, sent, "navigate", "/")), { slug: "b" });
});

test("a slot that the new address does not match keeps what it shows", () => {
  const modal = segment("photo", "modal layout", { children: page("photo") });
  const shown = segment("", "root", { children: page("feed"), modal });
  const sent = segment("", "root", {
    children: segment("about", "about", { children: page("about") }),
    modal: defaultLeaf(),
  });
  const merged = mergeTree(shown, sent, "navigate", "/feed");
  assert.deepEqual(merged.slots["modal"], { ...modal, href: "/feed" });
  assert.deepEqual(mergeTree(merged, sent, "navigate", "/about").slots["modal"], { ...modal, href: "/feed" });
  assert.deepEqual(keptHrefs(merged), ["/feed"]);
});

test("a slot that the new page does not have goes", () => {
  const shown = segment("", "root", { children: page("feed"), modal: page("photo") });
  const silent = segment("", "root", { children: page("feed") });
  assert.equal(mergeTree(shown, silent, "navigate", "/").slots["modal"], undefined);
});

test("a refresh takes kept slots from the payloads of their own addresses", () => {
  const modal = (node: string) => segment("photo", "modal layout", { children: page(node) });
  const shown = segment("", "root", { children: page("feed"), modal: { ...modal("old"), href: "/photo" } });
  const photo = segment("", "root", { children: page("other"), modal: modal("new") });
  const fresh = refreshKept(shown, new Map([["/photo", photo]]));
  assert.deepEqual(fresh.slots["modal"], { ...modal("new"), href: "/photo" });
  assert.equal(fresh.slots["children"]?.node, "feed");
  const elsewhere = segment("", "root", { children: page("other"), modal: page("another") });
  assert.deepEqual(refreshKept(shown, new Map([["/photo", elsewhere]])), shown);
});

test("a slot that shows its default takes the new one", () => {
  const shown = segment("", "root", { children: page(), modal: defaultLeaf("old") });
  const sent = segment("", "root", { children: page(), modal: defaultLeaf("new") });
  assert.equal(mergeTree(shown, sent, "navigate", "/").slots["modal"]?.node, "new");
});

test("a kept layout is the very same value", () => {
  const shown = route("/a", "old");
  const merged = mergeTree(shown, route("/b", "new"), "navigate", "/");
  assert.strictEqual(merged.node, shown.node);
});

test("selected segments follow one slot and leave out pages", () => {
  const tree = segment("", "root", {
    children: segment("(shop)", "g", { children: dynamic("id", "a%20b", "d", { children: page() }) }),
    modal: defaultLeaf(),
  });
  assert.deepEqual(selectedSegments(tree, "children"), ["(shop)", "a%20b"]);
  assert.deepEqual(selectedSegments(tree, "modal"), ["__DEFAULT__"]);
  assert.equal(selectedSegment(tree, "modal"), null);
  assert.equal(selectedSegment(tree, "children"), "(shop)");
  assert.deepEqual(selectedSegments(tree, "absent"), []);
  assert.deepEqual(selectedSegments(page(), "children"), []);
});

test("a catch-all is one selected segment and a list of parameters", () => {
  const rest: SegmentPayload = {
    segment: "[...rest]",
    key: "rest|a/b|c",
    param: { name: "rest", kind: "c", value: ["a", "b%2Fc"] },
    node: "n",
    slots: { children: page() },
  };
  const tree = segment("", "root", { children: rest });
  assert.deepEqual(selectedSegments(tree, "children"), ["a/b%2Fc"]);
  assert.deepEqual(collectParams(tree), { rest: ["a", "b%2Fc"] });
});

test("an optional catch-all that matched nothing is no parameter and no selected segment", () => {
  const none: SegmentPayload = {
    segment: "[[...rest]]",
    key: "rest||oc",
    param: { name: "rest", kind: "oc", value: [] },
    node: "n",
    slots: { children: page() },
  };
  const tree = segment("docs", "d", { children: none });
  assert.deepEqual(selectedSegments(tree, "children"), []);
  assert.deepEqual(collectParams(tree), {});
});

/** Any tree; `holes`: some nodes are left out. */
function anyTree(from: Random, who: string, holes: boolean, depth = 0): SegmentPayload {
  const node = holes && from.below(3) === 0 ? undefined : `${who}${from.below(1000)}`;
  const kind = depth === 4 ? 0 : from.below(5);
  if (kind === 0) return { ...page(), node };
  if (kind === 1 && depth > 0) return { ...defaultLeaf(), node };
  const slots: Record<string, SegmentPayload> = { children: anyTree(from, who, holes, depth + 1) };
  if (from.below(3) === 0) slots["modal"] = anyTree(from, who, holes, depth + 1);
  return kind === 2 ? dynamic("id", from.pick(["1", "2"]), node, slots) : segment(from.pick(["a", "b"]), node, slots);
}

test("merging any two trees: laws that hold for all", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const from = random(seed);
    const shown = anyTree(from, "old", false);
    const full = anyTree(from, "new", false);
    const holed = anyTree(from, "new", true);
    const before = JSON.stringify([shown, full, holed]);
    const say = `seed ${seed}`;

    assert.ok(isComplete(mergeTree(shown, full, "navigate", "/")), say);
    assert.ok(isComplete(mergeTree(shown, full, "refresh", "/")), say);
    // What is shown already, sent again without nodes, changes nothing.
    const bare: SegmentPayload = JSON.parse(
      JSON.stringify(shown, (key, value: unknown) => (key === "node" ? undefined : value)),
    );
    assert.deepEqual(mergeTree(shown, bare, "navigate", "/"), shown, say);
    // To merge the same payload twice is to merge it once.
    const once = mergeTree(shown, full, "navigate", "/");
    assert.deepEqual(mergeTree(once, full, "navigate", "/"), once, say);
    // A missing node is never taken from a segment with another key.
    const merged = mergeTree(shown, holed, "navigate", "/");
    assert.equal(merged.key, holed.key, say);
    if (merged.key !== shown.key) assert.strictEqual(merged, holed, say);
    assert.equal(JSON.stringify([shown, full, holed]), before, say);
  }
});
