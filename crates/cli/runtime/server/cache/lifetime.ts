// For how long what is rendered for everybody may be kept, and what invalidates it: the least of what went into it.
import { pathTags } from "../tags.ts";
import type { PagePolicy } from "../host.ts";
import type { Work } from "../work.ts";

/** The shorter of two times in seconds, where `false` is for ever. */
export function shorter(one: number | false, other: number | false): number | false {
  if (one === false) return other;
  return other === false ? one : Math.min(one, other);
}

/** Something that may be kept for so many seconds went into it. */
export function lowerLifetime(work: Work, seconds: number | false): void {
  work.revalidate = shorter(work.revalidate, seconds);
}

/** Something that carries these tags went into it. */
export function joinTags(work: Work, tags: readonly string[]): void {
  for (const tag of tags) work.tags.add(tag);
}

/** How what was rendered may be stored. */
export function pagePolicy({ revalidate, tags, routeId, pathname }: Work): PagePolicy {
  return { revalidate, tags: [...new Set([...tags, ...pathTags(routeId ?? "/", pathname)])] };
}
