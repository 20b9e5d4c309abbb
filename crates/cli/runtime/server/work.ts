// What belongs to one request: carried by AsyncLocalStorage, never by a module.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Revalidated } from "../shared/action-wire.ts";
import type { Holes } from "./app/holes.ts";
import type { Durations } from "./cache/handlers/question.ts";
import type { FetchCache } from "./cache/fetch-policy.ts";
import type { CacheProfile } from "./cache/profiles.ts";
import type { IncomingRequest } from "./host.ts";

/** Thrown out of a prerender attempt when the page turns out to depend on the request. */
export class DynamicUsage extends Error {
  readonly digest = "DYNAMIC_SERVER_USAGE";
  constructor(api: string) {
    super(`${api} makes this route dynamic: it is rendered for every request`);
  }
}

/** What was said about a tag. */
export interface Invalidation {
  /** Seconds for which what carries it may still be shown while it is made anew: 0 is not at all, `null` is for ever. */
  expire: number | null;
  /** What comes after it may still have changed what carries the tag. */
  isOpen: boolean;
  /** As it is told the app's `cacheHandlers`: `null` is at once. */
  durations: Durations | null;
}

/** The state of one request. */
export interface Work {
  request: IncomingRequest;
  /** The id of the route that answers. */
  routeId?: string;
  /** The path that is answered: without base path, percent-encoded. */
  pathname: string;
  /** "prerender": what is rendered must not depend on the request. */
  mode: "prerender" | "dynamic" | "handler" | "action";
  /** Something runs for the request that its APIs are limited in: a task after the response, or a cached function. */
  within: null | "after render" | "after handler" | "unstable_cache" | "use cache" | "use cache: private" | "generateStaticParams";
  /** What the route says about APIs of the request: they give empty answers, or they are an error. */
  dynamic: "auto" | "force-static" | "error";
  /** The route says that it is rendered for every request: its fetches are not stored unless they ask for it. */
  forceDynamic: boolean;
  /** What the route says about its fetches. */
  fetchCache: FetchCache | undefined;
  /** `unstable_noStore` was called: a fetch that says nothing is not stored. */
  noStore: boolean;
  /** Whether the data cache is used at all: not by a proxy. */
  usesDataCache: boolean;
  /** Whether draft mode is on; `null` as long as nobody has asked. */
  draft: boolean | null;
  /** What is left out of what is prerendered; `null` where that is all or nothing. */
  holes: Holes | null;
  /** What made a prerender dynamic. */
  usedDynamic: string | null;
  /** Something failed: what was rendered is not for everybody. */
  failed: boolean;
  /** Called when a prerender turns out dynamic. */
  onDynamic: ((api: string) => void) | null;
  /** Seconds after which what was rendered is rendered again; `false` is never. */
  revalidate: number | false;
  /** Seconds after which it is not shown any more; `false` if nothing says so. */
  expire: number | false;
  /** Seconds for which a client may show it again without asking; `false` if nothing says so. */
  stale: number | false;
  /** What a cached function says about itself, by `cacheLife`. */
  ownLife: CacheProfile | null;
  tags: Set<string>;
  /** Tags that were invalidated here: whoever changed something does not read what it was before. */
  invalidated: Map<string, Invalidation>;
  /** Cookies that a handler or a server function sets. */
  setCookies: string[];
  /** What a server function made outdated. */
  revalidated: Revalidated | null;
  /** Values that belong to the request, by what made them. */
  memo: Map<unknown, unknown>;
}

const storage = new AsyncLocalStorage<Work>();

/** Runs `action` with `work` as the current request. */
export function runWork<T>(work: Work, action: () => T): T {
  return storage.run(work, action);
}

/** The current request's state, if there is one. */
export function currentWork(): Work | undefined {
  return storage.getStore();
}

/** The current request's state, for an API that only exists within a request. */
export function requireWork(api: string): Work {
  const work = storage.getStore();
  if (work === undefined) {
    throw new Error(`\`${api}\` was called outside a request scope. Read more: https://nextjs.org/docs/messages/next-dynamic-api-wrong-context`);
  }
  return work;
}

/** Whether a function runs whose result is kept. */
export function isCaching({ within }: Work): boolean {
  return within === "use cache" || within === "use cache: private";
}

/** Whether what runs is part of what is kept: what it uses decides for how long that may be. */
export function isForAll(work: Work): boolean {
  return isCaching(work) || (work.mode === "prerender" && work.within === null);
}

/** Notes that what is being rendered depends on the request. In a prerender this ends the attempt. */
export function markDynamic(work: Work, api: string): void {
  if (work.mode !== "prerender") return;
  work.usedDynamic ??= api;
  work.onDynamic?.(api);
  throw new DynamicUsage(api);
}

/**
 * Notes that what is being rendered depends on the request. Where it may be left out of what is prerendered, it is: the
 * promise never settles. Elsewhere this is `null`, or ends the attempt.
 */
export function leaveOut(work: Work, api: string): Promise<never> | null {
  if (work.holes !== null && work.mode === "prerender" && work.within === null) return work.holes.hang(api);
  markDynamic(work, api);
  return null;
}

/** A new request's state. */
export function newWork(request: IncomingRequest, mode: Work["mode"]): Work {
  return {
    request,
    pathname: "/",
    mode,
    within: null,
    dynamic: "auto",
    forceDynamic: false,
    fetchCache: undefined,
    noStore: false,
    usesDataCache: true,
    draft: null,
    holes: null,
    usedDynamic: null,
    failed: false,
    onDynamic: null,
    revalidate: false,
    expire: false,
    stale: false,
    ownLife: null,
    tags: new Set(),
    invalidated: new Map(),
    setCookies: [],
    revalidated: null,
    memo: new Map(),
  };
}
