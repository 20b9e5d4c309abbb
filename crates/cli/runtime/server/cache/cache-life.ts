// `cacheLife` and `cacheTag`: what a cached function says about its result.
import { currentConfig } from "../host-access.ts";
import { routePath } from "../request-scope.ts";
import { currentWork, isCaching } from "../work.ts";
import { checkTags } from "./limits.ts";
import { joinTags, shorterLife } from "./lifetime.ts";
import { builtInProfiles, profileNamed } from "./profiles.ts";
import type { Work } from "../work.ts";
import type { CacheProfile, CacheProfiles } from "./profiles.ts";

/** The profiles of the app: Next's own, and those of its configuration. */
export function currentProfiles(): CacheProfiles & { default: CacheProfile } {
  const { cacheLife, staleTimes } = currentConfig();
  const base: CacheProfile = { ...builtInProfiles.default, stale: staleTimes.static, ...cacheLife["default"] };
  const own = Object.entries(cacheLife).map(([name, profile]): [string, CacheProfile] => [name, { ...base, ...profile }]);
  return { ...builtInProfiles, ...Object.fromEntries(own), default: base };
}

function scope(call: "cacheLife" | "cacheTag", docs: string): Work {
  const { cacheComponents, useCache } = currentConfig();
  if (!cacheComponents && !useCache) throw new Error(`\`${call}()\` is only available with the \`cacheComponents\` config.`);
  const work = currentWork();
  if (work === undefined || !isCaching(work)) throw new Error(`${work === undefined ? "" : `Route "${routePath(work)}": `}\`${call}()\` can only be called inside a \`"use cache"\` or \`"use cache: private"\` function.\nLearn more: https://nextjs.org/docs/messages/${docs}`);
  return work;
}

const FIELDS = ["stale", "revalidate", "expire"] as const;

/** What is wrong with a lifetime that is written out. */
function problemOf(life: Partial<CacheProfile>): string | null {
  for (const field of FIELDS) {
    const seconds: unknown = life[field];
    if (seconds === undefined) continue;
    // `false` is what other caches call "never".
    if ((seconds as unknown) === false) return `The option ${field} must be a number of seconds: for one that is never reached, leave it out or say Infinity.`;
    if (typeof seconds !== "number" || Number.isNaN(seconds) || (field !== "stale" && seconds < 0)) return `The option ${field} must be a number of seconds, and is ${String(seconds)}.`;
  }
  const { revalidate, expire } = life;
  if (revalidate !== undefined && expire !== undefined && revalidate > expire) return "revalidate must be less than expire: what is not shown any more cannot be shown while it is made anew.";
  return null;
}

function lifeOf(given: unknown): CacheProfile {
  const profiles = currentProfiles();
  if (typeof given === "string") {
    const known = profileNamed(profiles, given);
    if (known !== undefined) return known;
    throw new Error(`Unknown \`cacheLife()\` profile "${given}" is not configured in next.config. Add it there: cacheLife: { ${JSON.stringify(given)}: { stale, revalidate, expire } }`);
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Error("Invalid `cacheLife()` option. Either pass a profile name or object.");
  const problem = problemOf(given as Partial<CacheProfile>);
  if (problem !== null) throw new Error(`Invalid \`cacheLife()\` option: ${problem}`);
  const said = Object.fromEntries(FIELDS.map((field) => [field, (given as Partial<CacheProfile>)[field]]).filter(([, seconds]) => seconds !== undefined));
  return { ...profiles.default, ...said };
}

/** Says for how long the result of the cached function is kept; of several words the shortest counts. */
export function cacheLife(profile: string | Partial<CacheProfile>): void {
  const work = scope("cacheLife", "cache-life-outside-use-cache");
  const life = lifeOf(profile);
  work.ownLife = work.ownLife === null ? life : shorterLife(work.ownLife, life);
}

/** Says what invalidates the result of the cached function. */
export function cacheTag(...tags: string[]): void {
  const work = scope("cacheTag", "cache-tag-outside-use-cache");
  const checked = checkTags(tags, "`cacheTag()`");
  for (const warning of checked.warnings) console.warn(warning);
  joinTags(work, checked.tags);
}
