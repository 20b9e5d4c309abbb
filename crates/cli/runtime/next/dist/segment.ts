// `next/dist/shared/lib/segment`: names of segments without a folder.
export const PAGE_SEGMENT_KEY = "__PAGE__";
export const DEFAULT_SEGMENT_KEY = "__DEFAULT__";
export const NOT_FOUND_SEGMENT_KEY = "/_not-found";

/** Whether a segment is a route group. */
export function isGroupSegment(segment: string): boolean {
  return segment.startsWith("(") && segment.endsWith(")");
}

/** Whether a segment is a parallel slot. */
export function isParallelRouteSegment(segment: string): boolean {
  return segment.startsWith("@") && segment !== "@children";
}
