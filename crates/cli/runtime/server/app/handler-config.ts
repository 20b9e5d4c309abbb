// What a route handler's module says about itself. Pure.
import { isFetchCache } from "../cache/fetch-policy.ts";
import { isExport } from "./exporting.ts";
import type { FetchCache } from "../cache/fetch-policy.ts";
import type { Work } from "../work.ts";
import type { RouteMatch } from "../host.ts";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] as const;

/** The methods that a module may have a function for. */
export type Method = (typeof METHODS)[number];

type Handler = (request: Request, context: { params: Promise<RouteMatch["params"]> }) => unknown;

/** A module of functions named after methods. */
export type HandlerModule = Partial<Record<Method, Handler>> & {
  dynamic?: "auto" | "force-dynamic" | "error" | "force-static";
  revalidate?: number | false;
  fetchCache?: unknown;
  generateStaticParams?: unknown;
};

/** How a module's GET is answered. */
export interface HandlerConfig {
  /** Once for everybody, unless it turns out to depend on the request. */
  isStatic: boolean;
  dynamic: Work["dynamic"];
  revalidate: number | false;
  forceDynamic: boolean;
  fetchCache: FetchCache | undefined;
}

/** Methods that follow from GET, or that what is stored cannot answer. */
const OTHERS = METHODS.filter((method) => method !== "GET");

/**
 * Reads the configuration of a module: it answers each request by itself unless it says otherwise, or is `forAll`: then
 * it answers everybody alike unless it says otherwise. When `exporting`, what the request says is not even empty, as in Next.
 */
export function handlerConfig(module: HandlerModule, pattern: string, forAll = false, exporting = isExport): HandlerConfig {
  const { dynamic, revalidate = false, fetchCache, generateStaticParams } = module;
  const forceDynamic = dynamic === "force-dynamic";
  const isListed = typeof generateStaticParams === "function";
  const isForced = dynamic === "force-static" || dynamic === "error";
  const asks = forAll || isForced || isListed || module.revalidate !== undefined;
  const isPossible = !pattern.includes("[") || isListed || isForced;
  const isStatic = asks && isPossible && !forceDynamic && revalidate !== 0 && OTHERS.every((method) => module[method] === undefined);
  return { isStatic, dynamic: exporting ? "error" : isForced ? dynamic : "auto", revalidate, forceDynamic, fetchCache: isFetchCache(fetchCache) ? fetchCache : undefined };
}

/** The methods that a module answers, those that follow from others included. */
export function allowedMethods(module: Partial<Record<Method, unknown>>): Method[] {
  const allowed = METHODS.filter((method) => module[method] !== undefined);
  if (module.GET !== undefined && module.HEAD === undefined) allowed.push("HEAD");
  if (module.OPTIONS === undefined) allowed.push("OPTIONS");
  return allowed.sort();
}
