// Puts a new payload into the tree that is shown. Pure.
//
// A layout whose segment stays is kept as the very same element, so React does not render it again; only the slots
// below it, which read their segment from a context, see the change.
import { DEFAULT_SEGMENT } from "./params.ts";
import type { SegmentPayload } from "../../shared/payload.ts";

/** `navigate` keeps the layouts of segments that stay; `refresh` takes everything that the server sent. */
export type MergeMode = "navigate" | "refresh";

/** The tree to show when `next` has arrived while `shown` is on screen. */
export function mergeTree(shown: SegmentPayload, next: SegmentPayload, mode: MergeMode): SegmentPayload {
  if (shown.segment !== next.segment || shown.key !== next.key) return next;
  const slots: Record<string, SegmentPayload> = { ...shown.slots };
  for (const [name, slot] of Object.entries(next.slots)) {
    const current = shown.slots[name];
    slots[name] = current === undefined ? slot : mergeSlot(current, slot, mode);
  }
  const isLeaf = Object.keys(slots).length === 0;
  const keep = mode === "navigate" && !isLeaf && shown.node !== undefined;
  const node = keep ? shown.node : (next.node ?? shown.node);
  return { ...next, node, slots };
}

/** A slot that the new address says nothing about keeps what it shows. */
function mergeSlot(shown: SegmentPayload, next: SegmentPayload, mode: MergeMode): SegmentPayload {
  if (next.segment === DEFAULT_SEGMENT && shown.segment !== DEFAULT_SEGMENT) return shown;
  return mergeTree(shown, next, mode);
}

/** Whether every segment has something to show. A tree with holes can only be shown by loading the document. */
export function isComplete(tree: SegmentPayload): boolean {
  return tree.node !== undefined && Object.values(tree.slots).every(isComplete);
}
