// What a route's files say about when it is rendered.
import { currentConfig } from "../host-access.ts";
import { isFetchCache } from "../cache/fetch-policy.ts";
import { isExport } from "./exporting.ts";
import type { FetchCache } from "../cache/fetch-policy.ts";
import type { LoadedSegment, SegmentModule } from "../routes.ts";
import type { Work } from "../work.ts";

/** The configuration of a route: the strictest of its segments. */
export interface RouteConfig {
  /** Whether the route may be rendered once for everybody. */
  prerender: boolean;
  /** Seconds after which a stored page is rendered again. */
  revalidate: number | false;
  /** Whether APIs of the request give empty answers. */
  forceStatic: boolean;
  /** What the route says about APIs of the request. */
  dynamic: Work["dynamic"];
  /** Whether the route says that it is rendered for every request. */
  forceDynamic: boolean;
  /** What the route says about its fetches: the innermost segment's word. */
  fetchCache: FetchCache | undefined;
  /** Seconds for which a client may show it again, if it is made per request: the least that a segment says. */
  staleTime: number | null;
  /** Whether it says that it may be waited for: `instant = false`. */
  waits: boolean;
  /** Whether all of it has to be the same for everybody: `ensureStatic = "navigation"`. */
  whole: boolean;
}

function modulesOf(segments: readonly LoadedSegment[]): SegmentModule[] {
  return segments.flatMap(({ files }) => [files.layout?.module, files.page?.module, files.default?.module]).filter((module) => module !== undefined);
}

/** Whether one of a route's segments says that no part of it may wait for a request. */
export function isWhole(segments: readonly LoadedSegment[]): boolean {
  return modulesOf(segments).some((module) => module.ensureStatic === "navigation");
}

/**
 * Reads the configuration of a route's segments: all slots of a layout are rendered together or not at all. `exporting`: a
 * route that does not say otherwise is one that must not depend on the request.
 */
export function routeConfig(pattern: string, segments: readonly LoadedSegment[], exporting = isExport): RouteConfig {
  const modules = modulesOf(segments);
  let revalidate: number | false = false;
  let forceDynamic = false;
  let stance: Exclude<SegmentModule["dynamic"], "force-dynamic">;
  let fetchCache: FetchCache | undefined;
  let staleTime: number | null = null;
  for (const module of modules) {
    if (typeof module.revalidate === "number") revalidate = revalidate === false ? module.revalidate : Math.min(revalidate, module.revalidate);
    if (module.dynamic === "force-dynamic") forceDynamic = true;
    else stance = module.dynamic ?? stance;
    if (isFetchCache(module.fetchCache)) fetchCache = module.fetchCache;
    const { unstable_dynamicStaleTime: seconds } = module;
    if (typeof seconds === "number") staleTime = Math.min(seconds, staleTime ?? seconds);
  }
  if (exporting && stance !== "force-static") stance = "error";
  // A slot's own catch-all takes what the pattern says, if that has no parameters.
  const hasParams = pattern.includes("[") || segments.some(({ segment }) => /^[^[]*\[(?!\[?\.\.\.)/.test(segment));
  const listed = modules.some((module) => module.generateStaticParams !== undefined);
  const waits = modules.some((module) => module.instant === false);
  const possible = !hasParams || listed || stance === "force-static" || stance === "error";
  // As Next does: a route of which one segment is dynamic is so, whatever those below say, and "auto" that is written
  // out is for every request.
  const prerender = !forceDynamic && stance !== "auto" && revalidate !== 0 && possible;
  return { prerender, revalidate, forceStatic: stance === "force-static", dynamic: stance ?? "auto", forceDynamic, fetchCache, staleTime, waits, whole: isWhole(segments) };
}

/** Tells a request's state what its route says about fetches. */
export function applyFetchConfig(work: Work, { forceDynamic, fetchCache }: Pick<RouteConfig, "forceDynamic" | "fetchCache">): void {
  work.forceDynamic = forceDynamic;
  work.fetchCache = fetchCache;
}

/** Tells a request's state what its route says. */
export function applyConfig(work: Work, config: Pick<RouteConfig, "dynamic" | "forceDynamic" | "fetchCache" | "revalidate">): void {
  work.dynamic = config.dynamic;
  work.revalidate = config.revalidate;
  applyFetchConfig(work, config);
}

/** The `cache-control` of a page that everybody gets until it is `expire` seconds old. `null`: it is rendered for every request. */
export function cacheControl(revalidate: number | false | null, expire: number | false = false): string {
  const YEAR = 31_536_000;
  if (revalidate === null) return "private, no-cache, no-store, max-age=0, must-revalidate";
  if (revalidate === false) return `s-maxage=${YEAR}`;
  const until = expire === false ? currentConfig().expireTime : expire;
  return revalidate < until ? `s-maxage=${revalidate}, stale-while-revalidate=${until - revalidate}` : `s-maxage=${revalidate}`;
}
