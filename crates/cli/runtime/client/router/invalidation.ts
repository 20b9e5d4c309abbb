// Who wants to know when a prefetched page may not be shown any more. Time comes in.

/** Callbacks by page; each is called once. */
export interface Watchers {
  /** Waits for the end of a page's answer, which is known until `expires` (milliseconds) or still to come. */
  add(href: string, callback: () => void, expires?: number): void;
  /** An answer arrived that may be shown for `seconds`. */
  stored(href: string, seconds: number): void;
  /** Nothing that was fetched may be shown any more. */
  invalidate(): void;
}

/** No callbacks yet. `later` calls after seconds. */
export function createWatchers(later: (call: () => void, seconds: number) => void, now: () => number): Watchers {
  const waiting = new Map<string, Set<() => void>>();

  function fire(href: string, callback: () => void): void {
    const callbacks = waiting.get(href);
    if (!callbacks?.delete(callback)) return;
    if (callbacks.size === 0) waiting.delete(href);
    callback();
  }

  return {
    add(href, callback, expires) {
      // Its own function: the same callback may be given for two calls.
      const own = (): void => callback();
      waiting.set(href, (waiting.get(href) ?? new Set()).add(own));
      if (expires !== undefined) later(() => fire(href, own), (expires - now()) / 1000);
    },
    stored(href, seconds) {
      for (const callback of waiting.get(href) ?? []) later(() => fire(href, callback), seconds);
    },
    invalidate() {
      for (const [href, callbacks] of [...waiting]) for (const callback of [...callbacks]) fire(href, callback);
    },
  };
}
