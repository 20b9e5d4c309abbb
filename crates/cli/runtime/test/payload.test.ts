import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete, mergeTree } from "../client/router/merge.ts";
import { readKnownTree, writeKnownTree } from "../shared/known-tree.ts";
import { loadingDepth, treePayload } from "../server/app/payload.tsx";
import { segments } from "./trees.ts";
import type { NodeContext } from "../server/app/payload.tsx";
import type { LoadedFile, LoadedSegment } from "../server/routes.ts";

const file = (id: string): LoadedFile => ({ id, module: { default: () => id } });

function loaded(segment: string, files: LoadedSegment["files"], child?: LoadedSegment): LoadedSegment {
  return { segment, files, metadata: [], slots: child ? { children: child } : {} };
}

const page = loaded("__PAGE__", { page: file("page") });
const leaf = loaded("[id]", { layout: file("item") }, page);
const board = loaded("board", { layout: file("board"), loading: file("loading") }, leaf);
const root = loaded("", { layout: file("root") }, board);

function context(more: Partial<NodeContext> = {}): NodeContext {
  const params = { id: "1" };
  return { params, searchParams: Promise.resolve({}), css: {}, unknown: new Set(), hang: () => new Promise<never>(() => {}), onAccess() {}, fallback: null, ...more };
}

const holes = (tree: ReturnType<typeof treePayload>): string[] =>
  segments(tree).filter(({ node }) => node === undefined).map(({ key }) => key);

test("layouts that the client shows are left out, pages never", () => {
  const whole = treePayload(root, context());
  assert.deepEqual(holes(whole), []);
  const known = readKnownTree(writeKnownTree(whole) ?? undefined);
  const rest = treePayload(root, context({ known }));
  assert.deepEqual(holes(rest), ["", "board", "id|1|d"]);
  assert.ok(isComplete(mergeTree(whole, rest, "navigate", "/")));
});

test("below a segment with another parameter everything is sent", () => {
  const known = readKnownTree(writeKnownTree(treePayload(root, context({ params: { id: "2" } }))) ?? undefined);
  assert.deepEqual(holes(treePayload(root, context({ known }))), ["", "board"]);
});

test("what is shown at once ends at the first loading interface", () => {
  assert.equal(loadingDepth([root, board, leaf, page]), 1);
  assert.equal(loadingDepth([root, leaf, page]), -1);
  assert.deepEqual(holes(treePayload(root, context({ cut: 1 }))), ["id|1|d", "__PAGE__"]);
});

test("a parallel slot is no part of what is shown at once", () => {
  const twin = { ...root, slots: { ...root.slots, modal: loaded("x", {}, page) } };
  assert.deepEqual(holes(treePayload(twin, context({ cut: 1 }))), ["id|1|d", "__PAGE__", "x", "__PAGE__"]);
});

test("a segment with nothing to show is no hole", () => {
  assert.deepEqual(holes(treePayload({ segment: "a", files: {}, metadata: [], slots: { modal: page } }, context())), []);
});
