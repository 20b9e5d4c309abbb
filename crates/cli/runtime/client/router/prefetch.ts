// Fetches pages before they are asked for: links near the viewport first come, first served, pointed-at links at once.
import { withoutHash } from "../../shared/href.ts";
import type { Answer } from "./request.ts";

/** What the prefetcher needs from the router. */
export interface PrefetchSource {
  /** Whether the router could show the page at once. */
  has(href: string): boolean;
  /** Fetches a page; `null` if the server has none to give in advance. */
  fetch(href: string, full: boolean): Promise<Answer | null>;
  /** Takes a page in. `full`: it was asked for with what is rendered per request. */
  store(answer: Answer, full: boolean): void;
}

interface Job {
  href: string;
  full: boolean;
}

const CONCURRENT = 4;
const FAILURES_TO_STOP = 3;
const DECLINED_LIMIT = 500;

let source: PrefetchSource | null = null;
let queue: Job[] = [];
let failures = 0;
/** Pages that the server renders per request: asking again in advance would only cost. */
const declined = new Set<string>();
const inFlight = new Map<string, Promise<Answer | null>>();
const jobs = new WeakMap<Element, Job>();
let observer: IntersectionObserver | null = null;

/** Connects the prefetcher. Before, links are only remembered. */
export function startPrefetching(from: PrefetchSource): void {
  source = from;
  pump();
}

/** The prefetch of a page that is under way. */
export function prefetchUnderWay(href: string): Promise<Answer | null> | undefined {
  return inFlight.get(withoutHash(href));
}

/** Prefetches a page now, or soon if too many are under way. */
export function prefetch(href: string, full: boolean, urgent = true): void {
  const job = { href: withoutHash(href), full };
  if (queue.some((other) => other.href === job.href && other.full === full)) return;
  if (urgent) queue.unshift(job);
  else queue.push(job);
  pump();
}

/** Prefetches a link's page when the link comes near the viewport. Returns what stops that. */
export function prefetchWhenVisible(link: Element, href: string, full: boolean): () => void {
  observer ??= new IntersectionObserver(onVisibility, { rootMargin: "200px" });
  const { observe, unobserve } = { observe: observer.observe.bind(observer), unobserve: observer.unobserve.bind(observer) };
  jobs.set(link, { href: withoutHash(href), full });
  observe(link);
  return () => {
    unobserve(link);
    jobs.delete(link);
  };
}

function onVisibility(entries: IntersectionObserverEntry[]): void {
  for (const entry of entries) {
    const job = jobs.get(entry.target);
    if (!job) continue;
    if (entry.isIntersecting) prefetch(job.href, job.full, false);
    else queue = queue.filter((other) => other.href !== job.href);
  }
}

function pump(): void {
  while (source && inFlight.size < CONCURRENT && failures < FAILURES_TO_STOP) {
    const job = queue.shift();
    if (!job) return;
    if (inFlight.has(job.href) || source.has(job.href) || (!job.full && declined.has(job.href))) continue;
    void run(job, source);
  }
}

async function run(job: Job, from: PrefetchSource): Promise<void> {
  const answer = from.fetch(job.href, job.full).then(
    (found) => {
      failures = 0;
      return found;
    },
    () => {
      failures++;
      return null;
    },
  );
  inFlight.set(job.href, answer);
  const found = await answer;
  inFlight.delete(job.href);
  if (found && (job.full || found.payload.staleTime > 0)) {
    from.store(found, job.full);
  } else {
    if (declined.size >= DECLINED_LIMIT) declined.clear();
    declined.add(job.href);
  }
  pump();
}
