// A seeded generator: a failing sequence can be run again.

/** Random choices that depend on the seed alone (mulberry32). */
export interface Random {
  /** An integer in `0..limit`. */
  below(limit: number): number;
  /** One of several. */
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** Starts a sequence. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return { below, pick: ([first, ...rest]) => rest[below(rest.length + 1) - 1] ?? first };
}
