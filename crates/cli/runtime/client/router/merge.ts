// Puts a new payload into the tree that is shown. Pure.
//
// A layout whose segment stays is kept as the very same element, so React does not render it again; only the slots
// below it, which read their segment from a context, see the change.
import { DEFAULT_SEGMENT } from "./params.ts";
import type { SegmentPayload } from "../../shared/payload.ts";

/** `navigate` keeps the layouts of segments that stay; `refresh` takes everything that the server sent. */
export type MergeMode = "navigate" | "refresh";

/**
 * The tree to show when `next` has arrived while `shown` is on screen, at `href`. `null`: going back, where the slots
 * show what they showed then.
 */
export function mergeTree(shown: SegmentPayload, next: SegmentPayload, mode: MergeMode, href: string | null): SegmentPayload {
  if (shown.segment !== next.segment || shown.key !== next.key) return next;
  const slots: Record<string, SegmentPayload> = {};
  for (const [name, slot] of Object.entries(next.slots)) {
    const current = shown.slots[name];
    slots[name] = current === undefined ? slot : mergeSlot(current, slot, mode, href);
  }
  const isLeaf = Object.keys(slots).length === 0;
  const keep = mode === "navigate" && !isLeaf && shown.node !== undefined;
  const node = keep ? shown.node : (next.node ?? shown.node);
  return { ...next, node, slots };
}

/** Whether two pages have different root layouts. One with other parameters is the same. */
export function isOtherDocument(shown: SegmentPayload, next: SegmentPayload): boolean {
  if (shown.segment !== next.segment || shown.root !== next.root) return true;
  const [current, below] = [shown.slots["children"], next.slots["children"]];
  if (shown.root || !current || !below) return !shown.root && current !== below;
  return isOtherDocument(current, below);
}

/** A slot that the new address says nothing about keeps what it shows, and remembers whose that is. */
function mergeSlot(shown: SegmentPayload, next: SegmentPayload, mode: MergeMode, href: string | null): SegmentPayload {
  if (href === null || next.segment !== DEFAULT_SEGMENT || shown.segment === DEFAULT_SEGMENT) return mergeTree(shown, next, mode, href);
  return shown.href === undefined ? { ...shown, href } : shown;
}

/** The addresses of the slots that were kept. */
export function keptHrefs(tree: SegmentPayload): string[] {
  return [...(tree.href === undefined ? [] : [tree.href]), ...Object.values(tree.slots).flatMap(keptHrefs)];
}

/** The tree with its kept slots as the payloads of their own addresses have them. `roots`: those at the same place. */
export function refreshKept(tree: SegmentPayload, roots: ReadonlyMap<string, SegmentPayload>): SegmentPayload {
  if (roots.size === 0) return tree;
  const slots: Record<string, SegmentPayload> = {};
  for (const [name, slot] of Object.entries(tree.slots)) {
    const below = slotOf(roots, name);
    const { href } = slot;
    const fresh = href === undefined ? undefined : below.get(href);
    const same = fresh !== undefined && fresh.key === slot.key && href !== undefined;
    slots[name] = refreshKept(same ? { ...mergeTree(slot, fresh, "refresh", href), href } : slot, below);
  }
  return { ...tree, slots };
}

/** A page's tree with what its slots showed of other addresses. `roots`: the trees of these, at the same place. */
export function withKept(tree: SegmentPayload, roots: ReadonlyMap<string, SegmentPayload>): SegmentPayload {
  if (roots.size === 0) return tree;
  const slots: Record<string, SegmentPayload> = {};
  for (const [name, slot] of Object.entries(tree.slots)) {
    const below = slotOf(roots, name);
    const [href, shown] = [...below].find(([, { segment }]) => slot.segment === DEFAULT_SEGMENT && segment !== DEFAULT_SEGMENT) ?? [];
    slots[name] = shown && href !== undefined ? { ...shown, href } : withKept(slot, below);
  }
  return { ...tree, slots };
}

function slotOf(roots: ReadonlyMap<string, SegmentPayload>, name: string): Map<string, SegmentPayload> {
  return new Map([...roots].flatMap(([href, root]) => (root.slots[name] ? [[href, root.slots[name]]] : [])));
}

/** Whether every segment has something to show. A tree with holes can only be shown by loading the document. */
export function isComplete(tree: SegmentPayload): boolean {
  return tree.node !== undefined && Object.values(tree.slots).every(isComplete);
}
