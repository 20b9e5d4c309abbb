// What hooks read from the segment tree. Pure.
import type { SegmentPayload } from "../../shared/payload.ts";

/** Parameters by name, percent-encoded as in the URL. */
export type Params = Record<string, string | string[]>;

/** The leaf that a page is. */
export const PAGE_SEGMENT = "__PAGE__";
/** The leaf that a slot's `default` is. */
export const DEFAULT_SEGMENT = "__DEFAULT__";

/** The parameters of the whole tree, those of parallel slots included. */
export function collectParams(tree: SegmentPayload, into: Params = {}): Params {
  // An optional catch-all that matched nothing has no value, and then no entry.
  if (tree.param && tree.param.value.length > 0) into[tree.param.name] = tree.param.value;
  for (const slot of Object.values(tree.slots)) collectParams(slot, into);
  return into;
}

/**
 * The active segments below a layout, along one slot. A catch-all is one entry: "a/b/c". Next counts a slot's own folder
 * and its `default` among them.
 */
export function selectedSegments(layout: SegmentPayload, slot: string): string[] {
  const names: string[] = [];
  let segment = layout.slots[slot];
  while (segment && segment.segment !== PAGE_SEGMENT) {
    const value = segment.param?.value ?? segment.segment;
    const name = typeof value === "string" ? value : value.join("/");
    if (name === "") break;
    names.push(name);
    segment = segment.slots["children"] ?? Object.values(segment.slots)[0];
  }
  return names;
}

/** The first of them, in a named slot the last; none where a `default` is shown. */
export function selectedSegment(layout: SegmentPayload, slot: string): string | null {
  const names = selectedSegments(layout, slot);
  const name = (slot === "children" ? names[0] : names.at(-1)) ?? null;
  return name === DEFAULT_SEGMENT ? null : name;
}
