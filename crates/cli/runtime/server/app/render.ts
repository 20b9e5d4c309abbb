// Renders a page: Flight from the segment tree, HTML from the Flight stream.
import { renderToPipeableStream } from "react-server-dom-webpack/server.node";
import { PREFETCH_HEADER, RSC_CONTENT_TYPE, RSC_VARY, STATE_TREE_HEADER } from "../../shared/wire.ts";
import { decodeSegment, mapParams } from "../params.ts";
import { STALE_TIME } from "../../shared/config.ts";
import { applyTrailingSlash } from "../../shared/href.ts";
import { queryRecord } from "../../shared/query.ts";
import { readKnownTree } from "../../shared/known-tree.ts";
import { DYNAMIC, digestOf, isBailout, parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { pagePolicy } from "../cache/lifetime.ts";
import { Collector } from "../collect.ts";
import { FlightTee } from "../flight-tee.ts";
import { isHtmlLimited } from "../metadata/bots.ts";
import { metadataElements, viewportElements } from "../metadata/elements.tsx";
import { contributors, fallbackContributors, resolveMetadata, resolveViewport } from "../metadata/resolve.ts";
import { failedMetadata, streamedMetadata } from "../metadata/streamed.tsx";
import { branch as branchOf, loadTree, segmentsOf } from "../routes.ts";
import { asksForDraft } from "../draft.ts";
import { headerOf } from "../host.ts";
import { nonceOf } from "../nonce.ts";
import { settled } from "../settled.ts";
import { DynamicUsage, markDynamic, newWork, runWork } from "../work.ts";
import { provideRootParams } from "../root-params.ts";
import { isForm } from "../actions/call.ts";
import { COMPONENTS, PAYLOAD, reportError } from "./errors.ts";
import { pageProps } from "./page-props.ts";
import { fallbackPlace, globalErrorPayload, loadingDepth, pageTrail, treePayload } from "./payload.tsx";
import { dynamicAnswer, prerenderedAnswer } from "./building.ts";
import { applyConfig, applyFetchConfig, cacheControl, routeConfig } from "./segment-config.ts";
import type { Writable } from "node:stream";
import type { ReactNode } from "react";
import type { AccessStatus, Redirect } from "../../shared/control-flow.ts";
import type { KnownSegment } from "../../shared/known-tree.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { Place, Trail } from "./payload.tsx";
import type { Contributor } from "../metadata/resolve.ts";
import type { StreamedMetadata } from "../metadata/streamed.tsx";
import type { UrlContext } from "../metadata/urls.ts";
import type { DocumentSink, FormState, Host, IncomingRequest, PagePolicy, RenderedDocument, RouteMatch } from "../host.ts";
import type { LoadedSegment, Params, SearchParams, SegmentDefinition, SegmentProps, ServerConfig } from "../routes.ts";
import type { Work } from "../work.ts";

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

const HTML_TYPE = "text/html; charset=utf-8";

/** The query as a promise; in a prerender, reading it is what makes the route dynamic. */
function searchParams({ work, match, forceStatic }: Attempt): Promise<SearchParams> {
  if (forceStatic) return settled({});
  if (work.mode !== "prerender") {
    const search = new URLSearchParams(match.query ?? new URL(work.request.url).search);
    search.delete("_rsc");
    return settled(queryRecord(search));
  }
  const promise = new Promise<SearchParams>(() => {});
  // `await` looks past the `then` of a promise that says it is a plain one.
  return Object.defineProperties(promise, {
    constructor: { value: undefined },
    then: { value: () => markDynamic(work, "searchParams") },
  });
}

/** Whether rendering stopped because the page depends on the request. */
function isDynamicUsage(work: Work): boolean {
  return work.usedDynamic !== null;
}

interface Attempt {
  environment: RenderEnvironment;
  route: PageRoute;
  tree: LoadedSegment;
  match: RouteMatch;
  work: Work;
  status: number;
  fallback: { place: Place; status: AccessStatus } | null;
  forceStatic: boolean;
  /** Seconds for which a client may show again what is made per request; `null` if the route does not say. */
  staleTime: number | null;
  /** What the document's `link` header says. */
  links: Set<string>;
  /** What of the page is wanted: all, or what the client does not have, or what can be shown at once. */
  extent: { known?: KnownSegment | null; cut?: number };
  /** What a form without JavaScript has led to. */
  formState: FormState | null;
}

/** Answers a request for a page. */
export async function renderPage(environment: RenderEnvironment, route: PageRoute, request: IncomingRequest, match: RouteMatch): Promise<Response | RenderedDocument> {
  const tree = await loadedTree(route);
  const config = routeConfig(route.pattern, segmentsOf(tree));
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isStatic = config.prerender && route.dynamic !== true;
  const prerender = isStatic && isRead && !asksForDraft(request, environment.host);
  if (isStatic && !isRead && statusOf(route) === 200 && !isForm(request)) {
    return new Response(new TextEncoder().encode("Method Not Allowed"), { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const attempt = (mode: "prerender" | "dynamic"): Attempt => {
    const work = newWork(request, mode);
    applyConfig(work, config);
    return { ...newAttempt(environment, route, tree, match, work), forceStatic: config.forceStatic, staleTime: config.staleTime };
  };
  // Another document: the layouts that the client has are none of its own.
  if (match.variant === "rsc" && tree.files.globalNotFound !== undefined) return nothing(attempt("dynamic"));
  if (prerender) {
    const first = attempt("prerender");
    try {
      const answer = await runWork(first.work, () => run(first));
      if (!isDynamicUsage(first.work)) return answer instanceof Response || environment.host.building ? prerenderedAnswer(answer, first.work) : answer;
    } catch (error) {
      if (!isDynamicUsage(first.work) && !isBailout(error)) throw error;
    }
    route.dynamic = true;
  }
  if (environment.host.building) return dynamicAnswer();
  const second = attempt("dynamic");
  if (match.variant === "rsc") {
    second.extent = isSpeculative(request) ? { cut: loadingDepth(branchOf(tree)) } : { known: readKnownTree(headerOf(request, STATE_TREE_HEADER)) };
    // Without a loading interface there is nothing to show before the page itself.
    if (second.extent.cut === -1) return nothing(second);
  }
  return runWork(second.work, () => run(second));
}

function loadedTree(route: PageRoute): Promise<LoadedSegment> {
  return (route.loaded ??= loadTree(route.tree).then(whole));
}

function statusOf(route: PageRoute): number {
  return route.id === "/_not-found/page" ? 404 : 200;
}

function newAttempt(environment: RenderEnvironment, route: PageRoute, tree: LoadedSegment, match: RouteMatch, work: Work): Attempt {
  work.routeId = match.routeId;
  work.pathname = match.pathname;
  return { environment, route, tree, match, work, status: statusOf(route), fallback: null, forceStatic: false, staleTime: null, links: new Set(), extent: {}, formState: null };
}

/** The payload of a page as it is after a server function has run, for the request that called it. */
export async function renderPayload(environment: RenderEnvironment, route: PageRoute, match: RouteMatch, work: Work): Promise<RoutePayload | null> {
  const tree = await loadedTree(route);
  const attempt = newAttempt(environment, route, tree, match, work);
  work.mode = "dynamic";
  applyFetchConfig(work, routeConfig(route.pattern, segmentsOf(tree)));
  const built = await runWork(work, () => build(attempt));
  // A redirect, or an error: the client asks for the page itself.
  return "payload" in built ? built.payload : null;
}

/** The document of a page after a form without JavaScript has been taken: with its state, or with what it ended in. */
export async function renderFormResult(environment: RenderEnvironment, route: PageRoute, match: RouteMatch, work: Work, formState: FormState | null, thrown: unknown): Promise<Response | RenderedDocument> {
  const tree = await loadedTree(route);
  const attempt = { ...newAttempt(environment, route, tree, match, work), formState };
  work.mode = "dynamic";
  applyFetchConfig(work, routeConfig(route.pattern, segmentsOf(tree)));
  return runWork(work, async () => {
    if (thrown === null) return run(attempt);
    const answer = await navigation(attempt, thrown, pageTrail(branchOf(tree)));
    if (answer === null) throw thrown;
    return answer;
  });
}

/** A `global-not-found` is a document of its own: none of the app's layouts is around it. */
function whole(tree: LoadedSegment): LoadedSegment {
  const { globalNotFound, globalError } = tree.files;
  if (globalNotFound === undefined) return tree;
  return { segment: tree.segment, files: { page: globalNotFound, globalNotFound, ...(globalError && { globalError }) }, metadata: tree.metadata, slots: {} };
}

function isSpeculative(request: IncomingRequest): boolean {
  return /^[1-3]$/.test(headerOf(request, PREFETCH_HEADER) ?? "");
}

/** A payload that says that there is none. */
function nothing(attempt: Attempt): Response {
  return new Response("0:null\n", { headers: headers(attempt, RSC_CONTENT_TYPE) });
}

/** Parameters as pages get them: every value encoded in one way, however the URL wrote it. */
function encodedParams(params: RouteMatch["params"]): Params {
  return mapParams(params, (value) => encodeURIComponent(decodeSegment(value)));
}

/** Path and query as the browser shows them, without the base path. What is kept for everybody has the path's one form. */
function shownHref(url: URL, isForAll: boolean, { basePath, trailingSlash }: ServerConfig): string {
  const pathname = basePath === "" ? url.pathname : url.pathname.slice(basePath.length) || "/";
  return isForAll ? applyTrailingSlash(pathname, trailingSlash) : pathname + url.search;
}

/** Whether the page need not wait for its metadata. */
function isStreamed(attempt: Attempt): boolean {
  const { work, extent, fallback, tree } = attempt;
  // A document without layouts has no place where metadata could come later.
  const hasLayout = Object.keys(tree.slots).length > 0;
  return work.mode !== "prerender" && extent.cut === undefined && fallback === null && hasLayout && !isLimited(attempt);
}

function isLimited({ work, environment }: Attempt): boolean {
  return isHtmlLimited(headerOf(work.request, "user-agent"), environment.htmlLimitedBots);
}

function urlContext({ environment: { config }, work, match }: Attempt): UrlContext {
  const port = process.env["PORT"] ?? new URL(work.request.url).port;
  return { pathname: match.pathname, trailingSlash: config.trailingSlash, basePath: config.basePath, params: encodedParams(match.params), fallbackBase: new URL(`http://localhost:${port}`) };
}

/** A page's payload, with what its document needs besides. */
interface Built {
  payload: RoutePayload;
  head: ReactNode[];
  late: StreamedMetadata | undefined;
  /** Where the page ended in an access error while it was rendered. */
  access(): Trail | null;
}

async function build(attempt: Attempt): Promise<Built | Response | RenderedDocument> {
  const { environment, tree, match, work } = attempt;
  const branch = branchOf(tree);
  const params: Params = encodedParams(match.params);
  provideRootParams(work, branch, params);
  const props: SegmentProps = pageProps({ params: settled(params), searchParams: searchParams(attempt) });
  let access: Trail | null = null;

  const isShell = attempt.extent.cut !== undefined;
  const { staleTimes } = environment.config;
  const isForAll = isShell || work.mode === "prerender";
  const revisitTime = isForAll ? 0 : (attempt.staleTime ?? staleTimes.dynamic);
  let head: ReactNode[] = [];
  let late: StreamedMetadata | undefined;
  const resolve = async (files: readonly Contributor[]): Promise<void> => {
    head = [viewportElements(await resolveViewport(files, props))];
    const isMissing = attempt.fallback !== null || attempt.status === 404;
    const resolved = resolveMetadata(files, props, urlContext(attempt)).then((metadata) =>
      metadataElements(isMissing ? { ...metadata, robots: { basic: "noindex", googleBot: null } } : metadata),
    );
    if (isStreamed(attempt)) late = streamedMetadata(resolved);
    else head.push(await resolved);
  };
  try {
    const { fallback } = attempt;
    if (fallback === null) await resolve(contributors(branch));
    // The page's own metadata, unless that is what ended rendering.
    else await resolve(contributors(branch)).catch(() => resolve(fallbackContributors(fallback.place, fallback.status, branch)));
  } catch (error) {
    const answer = await navigation(attempt, error, pageTrail(branch));
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

/** The references, with a note of those that are asked for. */
function noting(references: Host["clientReferences"], asked: Set<string>): Host["clientReferences"] {
  return new Proxy(references, {
    get(target, id) {
      const reference: unknown = Reflect.get(target, id);
      if (reference !== undefined && typeof id === "string") asked.add(id);
      return reference;
    },
  });
}

async function run(attempt: Attempt): Promise<Response | RenderedDocument> {
  const { environment, tree, match, work } = attempt;
  const built = await build(attempt);
  if (!("payload" in built)) return built;
  const { payload, head, late } = built;
  const { clientReferences } = environment.host;
  const named = new Set<string>();
  const flight = renderToPipeableStream(payload, attempt.route.warm ? clientReferences : noting(clientReferences, named), {
    onError: (error) => reportError(environment.host, work, error, match.variant === "rsc" ? PAYLOAD : COMPONENTS),
  });
  if (work.mode === "prerender") work.onDynamic = (api) => queueMicrotask(() => flight.abort(new DynamicUsage(api)));
  if (match.variant === "rsc") return payloadResponse(attempt, flight);

  const tee = new FlightTee();
  flight.pipe(writable(tee));
  const { maxHeadersLength } = environment.config;
  const links = work.mode !== "prerender" && maxHeadersLength > 0 ? { limit: maxHeadersLength, take: (link: string) => void attempt.links.add(link), named } : undefined;
  // The header says what is known at the first turn: SSR then has what Flight has by then.
  if (links) await new Promise(setImmediate);
  attempt.route.warm ||= links !== undefined;
  const { default: ssr } = await environment.host.loadSsr();
  const failures: unknown[] = [];
  // What is kept for everybody has nobody's nonce.
  const nonce = work.mode === "prerender" ? undefined : nonceOf(work.request);
  const input = {
    nonce,
    flight: tee,
    ...(links && { links }),
    prerender: work.mode === "prerender",
    emptyQuery: attempt.forceStatic,
    formState: attempt.formState,
    references: environment.host.clientReferences,
    bootstrap: environment.host.bootstrap,
    bootstrapScript: bootstrapScript(environment.config, attempt.formState),
    aborted: work.request.signal,
    onError(error: unknown) {
      failures.push(error);
      // Client components cannot reach this render's state: their errors tell.
      if (work.mode === "prerender" && digestOf(error) === DYNAMIC) work.usedDynamic ??= "searchParams";
      return reportError(environment.host, work, error, { routeType: "render", renderSource: "server-rendering" });
    },
  };
  let document;
  try {
    document = await ssr.render({ ...input, errorFrame: null });
    if (work.mode === "prerender") await document.complete;
    // Who runs no script sees no more than the document itself.
    else if (isLimited(attempt)) await document.complete.catch(() => {});
  } catch (error) {
    if (isDynamicUsage(work) || (work.mode === "prerender" && isBailout(error))) throw error;
    const answer = await navigation(attempt, error, built.access() ?? pageTrail(branchOf(tree)));
    if (answer !== null) return answer;
    // Without a root layout there is no place for the interface of a status: the browser shows the built-in one.
    return documentResponse({ ...attempt, status: parseAccess(error) ?? 500 }, nonce, tee, await ssr.render({ ...input, errorFrame: [head, await late?.known] }));
  }
  return documentResponse(attempt, nonce, tee, document);
}

/** The answer to an error that steers rendering: a redirect, or the page again with the interface of a status. */
async function navigation(attempt: Attempt, error: unknown, trail: Trail): Promise<Response | RenderedDocument | null> {
  const redirect = parseRedirect(error);
  if (redirect !== null) return attempt.match.variant === "rsc" ? null : redirectResponse(attempt, redirect);
  const status = parseAccess(error);
  // A fallback that itself ends in an access error has nothing left to show.
  if (status === null || attempt.fallback !== null) return null;
  const place = fallbackPlace(trail, status);
  return place === undefined ? null : run({ ...attempt, status, fallback: { place, status } });
}

function redirectResponse(attempt: Attempt, redirect: Redirect): Response {
  const local = redirect.url.startsWith("/") && !redirect.url.startsWith("//");
  const location = local ? attempt.environment.config.basePath + redirect.url : redirect.url;
  return new Response(null, { status: redirect.status, headers: { location, vary: RSC_VARY, "cache-control": cacheControl(lifetime(attempt), attempt.work.expire) } });
}

function headers(attempt: Attempt, type: string): [string, string][] {
  return [
    ["content-type", type],
    ["vary", RSC_VARY],
    // What is not there today may be there tomorrow: no cache outside of this server is told to keep that.
    ["cache-control", cacheControl(attempt.status === 404 ? null : lifetime(attempt), attempt.work.expire)],
    ...attempt.work.setCookies.map((cookie): [string, string] => ["set-cookie", cookie]),
  ];
}

/** Seconds for which everybody may get this; `null` if it is for one visitor, or says what went wrong. Known when all is rendered. */
function lifetime({ work, status }: Attempt): number | false | null {
  return work.mode !== "prerender" || work.failed || status >= 500 ? null : work.revalidate;
}

function policy(attempt: Attempt): PagePolicy | null {
  return lifetime(attempt) === null ? null : pagePolicy(attempt.work);
}

/** What the document's first script says. */
function bootstrapScript(config: ServerConfig, formState: FormState | null): string {
  const client = { basePath: config.basePath, trailingSlash: config.trailingSlash, keepSlashes: config.keepSlashes, strict: config.reactStrictMode, ...(config.staleTimes.static !== STALE_TIME && { staleTime: config.staleTimes.static }), ...(formState && { formState }) };
  return `self.__vinext=${JSON.stringify(client).replaceAll("<", "\\u003c")}`;
}

function documentResponse(attempt: Attempt, nonce: string | undefined, tee: FlightTee, document: { complete: Promise<void>; pipe(destination: DocumentSink): void; abort(reason: unknown): void }): RenderedDocument {
  return {
    status: attempt.status,
    headers: [...headers(attempt, HTML_TYPE), ...(attempt.links.size > 0 ? [["link", [...attempt.links].join(", ")] as [string, string]] : [])],
    shared: policy(attempt) !== null,
    cache: Promise.resolve(policy(attempt)),
    pipe(sink) {
      let open = 2;
      const close = (): void => {
        if (--open > 0) return;
        sink.flush();
        sink.end();
      };
      if (nonce !== undefined) sink.nonce(nonce);
      tee.on("data", (chunk: Uint8Array) => void sink.flight(chunk));
      void tee.ended().then(close, (error: unknown) => sink.abort(error));
      document.pipe(withEnd(sink, close));
    },
    abandon: () => document.abort(new Error("the client has gone")),
  };
}

/** The sink, with another meaning of its end. */
function withEnd(sink: DocumentSink, end: () => void): DocumentSink {
  return {
    write: (chunk) => sink.write(chunk),
    nonce: (nonce) => sink.nonce(nonce),
    flight: (chunk) => sink.flight(chunk),
    flush: () => sink.flush(),
    end,
    abort: (reason) => sink.abort(reason),
    on: (event, listener) => sink.on(event, listener),
    destroy: (error) => sink.destroy(error),
  };
}

async function payloadResponse(attempt: Attempt, flight: { pipe<T extends Writable>(destination: T): T; abort(reason: unknown): void }): Promise<RenderedDocument> {
  if (attempt.work.mode !== "prerender") {
    return {
      status: attempt.status,
      headers: headers(attempt, RSC_CONTENT_TYPE),
      shared: false,
      cache: Promise.resolve(null),
      pipe: (sink) => void flight.pipe(writable(sink)),
      abandon: () => flight.abort(new Error("the client has gone")),
    };
  }
  const whole = new Collector();
  flight.pipe(writable(whole));
  await whole.ended;
  return {
    status: attempt.status,
    headers: headers(attempt, RSC_CONTENT_TYPE),
    shared: policy(attempt) !== null,
    cache: Promise.resolve(policy(attempt)),
    pipe(sink) {
      for (const chunk of whole.chunks) sink.write(chunk);
      sink.flush();
      sink.end();
    },
    abandon() {},
  };
}

/** React asks for a Node stream and uses the few members that a destination has. */
function writable(destination: object): Writable {
  return destination as Writable;
}

