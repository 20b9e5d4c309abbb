// For how long what is rendered for everybody may be kept, and what invalidates it: the least of what went into it.
import { pathTags } from "../tags.ts";
import { NEVER } from "./profiles.ts";
import type { PagePolicy } from "../host.ts";
import type { Work } from "../work.ts";
import type { CacheProfile } from "./profiles.ts";

/** The shorter of two times in seconds, where `false` is for ever. */
export function shorter(one: number | false, other: number | false): number | false {
  if (one === false) return other;
  return other === false ? one : Math.min(one, other);
}

/** The shorter of two lifetimes, time by time. */
export function shorterLife(one: CacheProfile, other: Record<keyof CacheProfile, number | false>): CacheProfile {
  const least = (name: keyof CacheProfile): number => (other[name] === false ? one[name] : Math.min(one[name], other[name]));
  return { stale: least("stale"), revalidate: least("revalidate"), expire: least("expire") };
}

/** Something that may be kept for so many seconds went into it. */
export function lowerLifetime(work: Work, seconds: number | false): void {
  work.revalidate = shorter(work.revalidate, seconds);
}

/** Something went into it that is kept like this. */
export function lowerLife(work: Work, { stale, revalidate, expire }: CacheProfile): void {
  work.stale = shorter(work.stale, stale);
  lowerLifetime(work, revalidate >= NEVER ? false : revalidate);
  work.expire = shorter(work.expire, expire >= NEVER ? false : expire);
}

/** Something that carries these tags went into it. */
export function joinTags(work: Work, tags: readonly string[]): void {
  for (const tag of tags) work.tags.add(tag);
}

/** How what was rendered may be stored. */
export function pagePolicy({ revalidate, expire, tags, routeId, pathname }: Work): PagePolicy {
  return { revalidate, ...(expire !== false && { expire }), tags: [...new Set([...tags, ...pathTags(routeId ?? "/", pathname)])] };
}
