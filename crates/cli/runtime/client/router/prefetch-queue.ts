// The order in which pages are fetched before they are asked for. No DOM and no network: both come in.

/** What a prefetch came to: `declined` if the server renders the page per request, so asking again is of no use. */
export type Outcome = "stored" | "declined";

/** What the queue needs from the router. */
export interface PrefetchSource {
  /** Whether the router could show the page at once. */
  has(href: string, full: boolean): boolean;
  /** Fetches a page and takes it in. Rejects if that fails. */
  run(href: string, full: boolean): Promise<Outcome>;
}

/** Pages that are waiting to be fetched. */
export interface PrefetchQueue {
  /** Fetches a page soon. `urgent`: before all others. */
  add(href: string, full: boolean, urgent: boolean): void;
  /** The page is not wanted any more; a fetch under way goes on. */
  drop(href: string): void;
}

/** Fetches at the same time: the browser's connections are for the page itself first. */
export const CONCURRENT = 4;
/** Failures in a row after which the server is left alone, but for pages that are urgent. */
export const FAILURES_TO_STOP = 3;
const DECLINED_LIMIT = 500;

/** An empty queue. */
export function createQueue(source: PrefetchSource): PrefetchQueue {
  let waiting: { href: string; full: boolean }[] = [];
  let failures = 0;
  const underWay = new Set<string>();
  const declined = new Set<string>();

  function pump(): void {
    // One more failure and it is over: no more than one try.
    const limit = failures === FAILURES_TO_STOP - 1 ? 1 : CONCURRENT;
    while (underWay.size < limit && failures < FAILURES_TO_STOP) {
      const job = waiting.shift();
      if (!job) return;
      const { href, full } = job;
      if (underWay.has(href) || source.has(href, full) || (!full && declined.has(href))) continue;
      underWay.add(href);
      void run(href, full);
    }
  }

  async function run(href: string, full: boolean): Promise<void> {
    try {
      if ((await source.run(href, full)) === "declined") {
        if (declined.size >= DECLINED_LIMIT) declined.clear();
        declined.add(href);
      }
      failures = 0;
    } catch {
      failures++;
    }
    underWay.delete(href);
    pump();
  }

  function drop(href: string): void {
    waiting = waiting.filter((job) => job.href !== href);
  }

  return {
    add(href, full, urgent) {
      // Somebody points at the link: one more try will do no harm.
      if (urgent) failures = Math.min(failures, FAILURES_TO_STOP - 1);
      const wanted = full || waiting.some((job) => job.href === href && job.full);
      drop(href);
      waiting[urgent ? "unshift" : "push"]({ href, full: wanted });
      pump();
    },
    drop,
  };
}
