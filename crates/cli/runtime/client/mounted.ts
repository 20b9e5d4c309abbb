// Which segments a slot leaves mounted, so that they are as they were when they are shown again. Pure.
import type { SegmentPayload } from "../shared/payload.ts";

/** How many a slot has, with the one that it shows. */
const LIMIT = 3;

/**
 * The segments to have mounted when `shown` is shown: that one first, then those that were shown before it, once each.
 * The same list if nothing has changed.
 */
export function withShown(mounted: readonly SegmentPayload[], shown: SegmentPayload): readonly SegmentPayload[] {
  if (mounted[0] === shown) return mounted;
  return [shown, ...mounted.filter(({ key }) => key !== shown.key)].slice(0, LIMIT);
}
