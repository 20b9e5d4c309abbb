// Parameters of a match, which have the URL's own encoding.
import type { RouteMatch } from "./host.ts";

/** The text that a segment of a URL stands for; a malformed one stands for itself. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The parameters with every value changed. */
export function mapParams(params: RouteMatch["params"], change: (value: string) => string): RouteMatch["params"] {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === "string" ? change(value) : value.map(change)]),
  );
}
