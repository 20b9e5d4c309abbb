// The lifetimes that have a name ("profiles" of `cacheLife`). Pure.

/** Seconds for which something is kept. */
export interface CacheProfile {
  /** For which a client may use its copy without asking. */
  stale: number;
  /** After which it is shown once more while it is made anew. */
  revalidate: number;
  /** After which it is not shown any more. */
  expire: number;
}

/** Profiles by their names. */
export type CacheProfiles = Readonly<Record<string, CacheProfile>>;

/** "Never", as Next says it in seconds. */
export const NEVER = 0xff_ff_ff_fe;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLIENT = 5 * MINUTE;

/** Those that every app has. */
export const builtInProfiles = {
  default: { stale: CLIENT, revalidate: 15 * MINUTE, expire: NEVER },
  seconds: { stale: 30, revalidate: 1, expire: MINUTE },
  minutes: { stale: CLIENT, revalidate: MINUTE, expire: HOUR },
  hours: { stale: CLIENT, revalidate: HOUR, expire: DAY },
  days: { stale: CLIENT, revalidate: DAY, expire: 7 * DAY },
  weeks: { stale: CLIENT, revalidate: 7 * DAY, expire: 30 * DAY },
  max: { stale: CLIENT, revalidate: 30 * DAY, expire: 365 * DAY },
} as const satisfies CacheProfiles;

/** The profile of a name, if the table has it. */
export function profileNamed(profiles: CacheProfiles, name: string): CacheProfile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}
