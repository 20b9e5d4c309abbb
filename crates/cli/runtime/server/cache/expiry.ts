// Until when what was marked stale may be shown: what the second argument of `revalidateTag` says. Pure.
import { NEVER } from "./profiles.ts";
import type { CacheProfile } from "./profiles.ts";

/** Seconds that are given; `undefined` if they are not. */
function secondsOf(name: keyof CacheProfile, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "number" || Number.isNaN(given)) {
    const hint = given === false ? "write Infinity for ever" : "write a number of seconds, or Infinity";
    throw new Error(`The ${name} option of revalidateTag must be a number of seconds, and is ${String(given)}: ${hint}`);
  }
  return given;
}

/** Seconds until what is marked is gone: 0 is at once, `null` is never. Throws if the times are none. */
export function expiryOf({ stale, revalidate, expire }: Partial<CacheProfile>): number | null {
  secondsOf("stale", stale);
  const [again, gone] = [secondsOf("revalidate", revalidate), secondsOf("expire", expire)];
  if (again !== undefined && gone !== undefined && again > gone) {
    throw new Error(`revalidateTag was given \`revalidate: ${again}\`, which is more than \`expire: ${gone}\`: what is gone cannot be made anew before it is shown`);
  }
  return gone === undefined || gone >= NEVER ? null : Math.max(gone, 0);
}

/** The sooner of two. */
export function sooner(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.min(one, other);
}
