// What a route's files say about when it is rendered.
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
}

/** Reads the configuration of a route's segments: all slots of a layout are rendered together or not at all. */
export function routeConfig(pattern: string, segments: readonly LoadedSegment[]): RouteConfig {
  const modules = segments.flatMap(({ files }) => [files.layout?.module, files.page?.module, files.default?.module]).filter((module) => module !== undefined);
  let revalidate: number | false = false;
  let dynamic: SegmentModule["dynamic"];
  for (const module of modules) {
    if (typeof module.revalidate === "number") revalidate = revalidate === false ? module.revalidate : Math.min(revalidate, module.revalidate);
    dynamic = module.dynamic ?? dynamic;
  }
  // A slot's own catch-all takes what the pattern says, if that has no parameters.
  const hasParams = pattern.includes("[") || segments.some(({ segment }) => /^[^[]*\[(?!\[?\.\.\.)/.test(segment));
  const listed = modules.some((module) => module.generateStaticParams !== undefined);
  const forceStatic = dynamic === "force-static";
  const possible = !hasParams || listed || forceStatic || dynamic === "error";
  return { prerender: dynamic !== "force-dynamic" && revalidate !== 0 && possible, revalidate, forceStatic, dynamic: dynamic === "force-static" || dynamic === "error" ? dynamic : "auto" };
}

/** The `cache-control` of a page. `null`: it is rendered for every request. */
export function cacheControl(revalidate: number | false | null): string {
  const YEAR = 31_536_000;
  if (revalidate === null) return "private, no-cache, no-store, max-age=0, must-revalidate";
  if (revalidate === false) return `s-maxage=${YEAR}`;
  return revalidate < YEAR ? `s-maxage=${revalidate}, stale-while-revalidate=${YEAR - revalidate}` : `s-maxage=${revalidate}`;
}
