// One try to render a page: what it is rendered for and with, and the payload that comes of it.
import { decodeSegment, mapParams } from "../params.ts";
import { applyTrailingSlash } from "../../shared/href.ts";
import { queryRecord } from "../../shared/query.ts";
import { isHtmlLimited } from "../metadata/bots.ts";
import { metadataElements, viewportElements } from "../metadata/elements.tsx";
import { contributors, fallbackContributors, resolveMetadata, resolveViewport } from "../metadata/resolve.ts";
import { failedMetadata, streamedMetadata } from "../metadata/streamed.tsx";
import { branch as branchOf } from "../routes.ts";
import { headerOf } from "../host.ts";
import { settled } from "../settled.ts";
import { dependOnRequest } from "../request-scope.ts";
import { RSC_CONTENT_TYPE, RSC_VARY, STALE_TIME_HEADER } from "../../shared/wire.ts";
import { pagePolicy } from "../cache/lifetime.ts";
import { exportedPath, isExport } from "./exporting.ts";
import { cacheControl } from "./segment-config.ts";
import { provideRootParams } from "../root-params.ts";
import { pageProps } from "./page-props.ts";
import { globalErrorPayload, pageTrail, promisedParams, treePayload } from "./payload.tsx";
import type { ReactNode } from "react";
import type { AccessStatus } from "../../shared/control-flow.ts";
import type { KnownSegment } from "../../shared/known-tree.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { Place, Trail, UnknownParams } from "./payload.tsx";
import type { Contributor } from "../metadata/resolve.ts";
import type { StreamedMetadata } from "../metadata/streamed.tsx";
import type { UrlContext } from "../metadata/urls.ts";
import type { FormState, Host, PagePolicy, RenderedDocument, RouteMatch } from "../host.ts";
import type { Rest } from "./kept.ts";
import type { LoadedSegment, Params, SearchParams, SegmentDefinition, SegmentProps, ServerConfig } from "../routes.ts";
import type { Work } from "../work.ts";

/** The media type of a document. */
export const HTML_TYPE = "text/html; charset=utf-8";

/** A page route, with what is learned about it while it is served. */
export interface PageRoute {
  id: string;
  pattern: string;
  tree: SegmentDefinition;
  loaded?: Promise<LoadedSegment>;
  /** A prerender has met an API of the request: the route is rendered per request from then on. */
  dynamic?: boolean;
  /** A document of it has been rendered: most of its client modules are loaded. */
  warm?: boolean;
}

/** What every render of a server needs. */
export interface RenderEnvironment {
  host: Host;
  buildId: string;
  config: ServerConfig;
  /** Instead of Next's own list. */
  htmlLimitedBots: RegExp | undefined;
}

/** The query as a promise; in a prerender, reading it is what makes the route dynamic, or a part of it. */
function searchParams({ work, match, forceStatic }: Attempt): Promise<SearchParams> {
  if (forceStatic) return settled({});
  if (work.mode !== "prerender") {
    const search = new URLSearchParams(match.query ?? new URL(work.request.url).search);
    search.delete("_rsc");
    return settled(queryRecord(search));
  }
  const promise = new Promise<SearchParams>(() => {});
  const { holes } = work;
  // `await` looks past the `then` of a promise that says it is a plain one.
  return Object.defineProperties(promise, {
    constructor: { value: undefined },
    then: { value: () => (holes === null ? dependOnRequest(work, "searchParams") : holes.hang("searchParams")) },
  });
}

/** What one try to render a page needs. */
export interface Attempt {
  environment: RenderEnvironment;
  route: PageRoute;
  tree: LoadedSegment;
  match: RouteMatch;
  work: Work;
  status: number;
  fallback: { place: Place; status: AccessStatus } | null;
  forceStatic: boolean;
  /** Whether none of it may be left to a request. */
  whole: boolean;
  /** Seconds for which a client may show again what is made per request; `null` if the route does not say. */
  staleTime: number | null;
  /** What the document's `link` header says. */
  links: Set<string>;
  /** What of the page is wanted: all, or what the client does not have, or what can be shown at once. */
  extent: { known?: KnownSegment | null; cut?: number };
  /** What a form without JavaScript has led to. */
  formState: FormState | null;
  /** Why there is no document of it: only a frame in which the browser renders it. */
  fault: Error | null;
  /** What is left to do of a page whose shell is there. */
  rest: Rest | null;
  /** Whether metadata comes after the page; `null` if that depends on how soon it is known, "never" leaves it out. */
  late: boolean | "never" | null;
}

/** There is nothing that could be shown before the request is known: where that is, and what was read there. */
export class NoShell extends Error {
  readonly place: "page" | "metadata" | "viewport";
  constructor(place: NoShell["place"], what = "") {
    super(what);
    this.place = place;
  }
}

function isUnknown(name: string, value: string | string[]): boolean {
  const text = decodeSegment(typeof value === "string" ? value : (value[0] ?? ""));
  return [`[${name}]`, `[...${name}]`, `[[...${name}]]`].includes(text);
}

/** Whether a page is rendered for nobody's parameters: their names stand in their places. */
export function unknownParams({ match, work }: Attempt): ReadonlySet<string> {
  if (match.shell === undefined || work.holes === null) return new Set();
  return new Set(Object.entries(match.params).filter(([name, value]) => isUnknown(name, value)).map(([name]) => name));
}

/** The status of a route's pages, as far as the route says. */
export function statusOf(route: PageRoute): number {
  return route.id === "/_not-found/page" ? 404 : 200;
}

/** An attempt at all of a page, for whoever asks. */
export function newAttempt(environment: RenderEnvironment, route: PageRoute, tree: LoadedSegment, match: RouteMatch, work: Work): Attempt {
  work.routeId = match.routeId;
  work.pathname = match.pathname;
  return { environment, route, tree, match, work, status: statusOf(route), fallback: null, forceStatic: false, staleTime: null, whole: false, links: new Set(), extent: {}, formState: null, fault: null, rest: null, late: null };
}

/** Parameters as pages get them: every value encoded in one way, however the URL wrote it. */
export function encodedParams(params: RouteMatch["params"]): Params {
  return mapParams(params, (value) => encodeURIComponent(decodeSegment(value)));
}

/** Path and query as the browser shows them, without the base path. What is kept for everybody has the path's one form. */
function shownHref(url: URL, isForAll: boolean, { basePath, trailingSlash }: ServerConfig): string {
  const pathname = basePath === "" ? url.pathname : url.pathname.slice(basePath.length) || "/";
  if (isExport) return exportedPath(pathname, trailingSlash);
  return isForAll ? applyTrailingSlash(pathname, trailingSlash) : pathname + url.search;
}

/** Whether the page need not wait for its metadata. */
function isStreamed(attempt: Attempt): boolean {
  const { work, extent, fallback, tree } = attempt;
  // A document without layouts has no place where metadata could come later.
  const hasLayout = Object.keys(tree.slots).length > 0;
  return work.mode !== "prerender" && extent.cut === undefined && fallback === null && hasLayout && !isLimited(attempt);
}

/** Whether who asks waits for metadata. */
export function isLimited({ work, environment }: Attempt): boolean {
  return isHtmlLimited(headerOf(work.request, "user-agent"), environment.htmlLimitedBots);
}

function urlContext({ environment: { config }, work, match }: Attempt): UrlContext {
  const port = process.env["PORT"] ?? new URL(work.request.url).port;
  return { pathname: match.pathname, trailingSlash: config.trailingSlash, basePath: config.basePath, params: encodedParams(match.params), fallbackBase: new URL(`http://localhost:${port}`) };
}

/** A page's payload, with what its document needs besides. */
export interface Built {
  payload: RoutePayload;
  head: ReactNode[];
  late: StreamedMetadata | undefined;
  /** Where the page ended in an access error while it was rendered. */
  access(): Trail | null;
}

/** What an error that steers rendering leads to; `null` if it is none. */
export type Steer = (attempt: Attempt, error: unknown, trail: Trail) => Promise<Response | RenderedDocument | null>;

/** Starts something, and says whether it is there before a prerender has to go on without it. */
async function startInTime<T>(work: Work, start: () => Promise<T>): Promise<{ promise: Promise<T>; isInTime: boolean }> {
  const late = work.holes?.patience().then(() => false);
  const promise = start();
  const known = promise.then(
    () => true,
    () => true,
  );
  return { promise, isInTime: late === undefined || (await Promise.race([known, late])) };
}

/** A page's payload, or what an error has led to before there was one. */
export async function build(attempt: Attempt, steer: Steer): Promise<Built | Response | RenderedDocument> {
  const { environment, tree, match, work } = attempt;
  const branch = branchOf(tree);
  const params: Params = encodedParams(match.params);
  const unknown = unknownParams(attempt);
  provideRootParams(work, branch, params, unknown);
  const missing: UnknownParams = { unknown, hang: (what) => work.holes?.hang(what) ?? new Promise<never>(() => {}) };
  const props: SegmentProps = pageProps({ params: promisedParams(params, missing), searchParams: searchParams(attempt) });
  let access: Trail | null = null;

  const isShell = attempt.extent.cut !== undefined;
  const { staleTimes } = environment.config;
  const isForAll = isShell || work.mode === "prerender";
  const revisitTime = isForAll ? 0 : (attempt.staleTime ?? staleTimes.dynamic);
  let head: ReactNode[] = [];
  let late: StreamedMetadata | undefined;
  const resolve = async (files: readonly Contributor[]): Promise<void> => {
    const viewport = await startInTime(work, () => resolveViewport(files, props));
    if (!viewport.isInTime) throw new NoShell("viewport", work.holes?.asked.at(-1));
    head = [viewportElements(await viewport.promise)];
    const isMissing = attempt.fallback !== null || attempt.status === 404;
    const { promise: resolved, isInTime } = await startInTime(work, () =>
      resolveMetadata(files, props, urlContext(attempt)).then((metadata) => metadataElements(isMissing ? { ...metadata, robots: { basic: "noindex", googleBot: null } } : metadata)),
    );
    if (attempt.late === "never") resolved.catch(() => {});
    else if (attempt.late ?? (isStreamed(attempt) || !isInTime)) late = streamedMetadata(resolved);
    else head.push(await resolved);
  };
  try {
    const { fallback } = attempt;
    if (fallback === null) await resolve(contributors(branch));
    // The page's own metadata, unless that is what ended rendering.
    else await resolve(contributors(branch)).catch(() => resolve(fallbackContributors(fallback.place, fallback.status, branch)));
  } catch (error) {
    const answer = await steer(attempt, error, pageTrail(branch));
    if (answer !== null) return answer;
    if (isShell) return nothing(attempt);
    if (work.mode === "prerender" || head.length === 0) throw error;
    late = failedMetadata(error);
  }

  const url = new URL(work.request.url);
  url.searchParams.delete("_rsc");
  const payload: RoutePayload = {
    buildId: environment.buildId,
    href: shownHref(url, work.mode === "prerender", environment.config),
    tree: treePayload(tree, {
      params,
      searchParams: props.searchParams ?? settled({}),
      css: environment.host.css,
      ...missing,
      onAccess: (trail) => {
        access ??= trail;
      },
      fallback: attempt.fallback,
      ...(late && { outlet: late.outlet }),
      ...attempt.extent,
    }),
    head,
    ...(late && { metadata: late.elements }),
    ...(tree.files.globalError && { globalError: globalErrorPayload(tree.files.globalError, environment.host.css) }),
    ...(isShell && { shell: true }),
    staleTime: isForAll ? staleTimes.static : 0,
    ...(revisitTime > 0 && { revisitTime }),
  };
  return { payload, head, late, access: () => access };
}

/** A payload that says that there is none. */
export function nothing(attempt: Attempt): Response {
  return new Response("0:null\n", { headers: headers(attempt, RSC_CONTENT_TYPE) });
}

/** The headers of an answer that everybody may get for `kept` seconds (`null`: that is for one visitor). */
export function headers(attempt: Attempt, type: string, kept = lifetime(attempt)): [string, string][] {
  return [
    ["content-type", type],
    ["vary", RSC_VARY],
    // What is not there today may be there tomorrow: no cache outside of this server is told to keep that.
    ["cache-control", cacheControl(attempt.status === 404 ? null : kept, attempt.work.expire)],
    ...(attempt.work.mode === "prerender" && attempt.work.stale !== false ? [[STALE_TIME_HEADER, String(Math.max(attempt.work.stale, LEAST_STALE))] as [string, string]] : []),
    ...attempt.work.setCookies.map((cookie): [string, string] => ["set-cookie", cookie]),
  ];
}

/** Less would ask for pages again before anybody can have followed a link to them. */
const LEAST_STALE = 30;

/** Seconds for which everybody may get this; `null` if it is for one visitor, or says what went wrong. Known when all is rendered. */
export function lifetime({ work, status }: Attempt): number | false | null {
  return work.mode !== "prerender" || work.failed || status >= 500 ? null : work.revalidate;
}

/** How what was rendered may be stored; `null` if it may not. */
export function policy(attempt: Attempt): PagePolicy | null {
  return lifetime(attempt) === null ? null : pagePolicy(attempt.work);
}

/** The references, with a note of those that are asked for. */
export function noting(references: Host["clientReferences"], asked: Set<string>): Host["clientReferences"] {
  return new Proxy(references, {
    get(target, id) {
      const reference: unknown = Reflect.get(target, id);
      if (reference !== undefined && typeof id === "string") asked.add(id);
      return reference;
    },
  });
}
