// What may be one, many or nothing, as a list.
import type { OneOrMany } from "./types.ts";

function isList<T>(value: OneOrMany<T>): value is readonly T[] {
  return Array.isArray(value);
}

/** The values; none for nothing. */
export function list<T>(value: OneOrMany<T> | null | undefined): readonly T[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

/** The values, `null` for nothing. */
export function listOrNull<T>(value: OneOrMany<T> | null | undefined): T[] | null {
  return value === undefined || value === null ? null : [...list(value)];
}
