// Renders a page: Flight from the segment tree, HTML from the Flight stream.
import { renderToPipeableStream } from "react-server-dom-webpack/server.node";
import { PREFETCH_HEADER, RSC_CONTENT_TYPE, RSC_VARY, STATE_TREE_HEADER } from "../../shared/wire.ts";
import { STALE_TIME } from "../../shared/config.ts";
import { readKnownTree } from "../../shared/known-tree.ts";
import { DYNAMIC, digestOf, isBailout, parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { Collector } from "../collect.ts";
import { FlightTee } from "../flight-tee.ts";
import { branch as branchOf, loadTree, segmentsOf } from "../routes.ts";
import { asksForDraft } from "../draft.ts";
import { headerOf } from "../host.ts";
import { nonceOf } from "../nonce.ts";
import { DynamicUsage, newWork, runWork } from "../work.ts";
import { isForm } from "../actions/call.ts";
import { build, headers, HTML_TYPE, isLimited, lifetime, newAttempt, noting, nothing, NoShell, policy, statusOf, unknownParams } from "./attempt.ts";
import { COMPONENTS, PAYLOAD, reportError } from "./errors.ts";
import { fallbackPlace, loadingDepth, pageTrail } from "./payload.tsx";
import { dynamicAnswer, prerenderedAnswer } from "./building.ts";
import { frameless, isExport } from "./exporting.ts";
import { decodeRest, provideKept } from "./kept.ts";
import { renderPartly, renderShell } from "./partial.ts";
import { applyConfig, applyFetchConfig, cacheControl, routeConfig } from "./segment-config.ts";
import { UnstableValueError } from "./stage.ts";
import type { Writable } from "node:stream";
import type { Redirect } from "../../shared/control-flow.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { Trail } from "./payload.tsx";
import type { DocumentSink, FormState, Host, IncomingRequest, RenderedDocument, RouteMatch, SsrDocument, SsrInput } from "../host.ts";
import type { LoadedSegment, ServerConfig } from "../routes.ts";
import type { Attempt, PageRoute, RenderEnvironment } from "./attempt.ts";
import type { RouteConfig } from "./segment-config.ts";
import type { Work } from "../work.ts";

export type { PageRoute, RenderEnvironment } from "./attempt.ts";

/** Whether rendering stopped because the page depends on the request. */
function isDynamicUsage(work: Work): boolean {
  return work.usedDynamic !== null;
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
    return { ...newAttempt(environment, route, tree, match, work), forceStatic: config.forceStatic, staleTime: config.staleTime, whole: config.whole };
  };
  // Another document: the layouts that the client has are none of its own.
  if (match.variant === "rsc" && tree.files.globalNotFound !== undefined) return nothing(attempt("dynamic"));
  if (environment.config.cacheComponents) return renderComponents(route, config, request, attempt, isRead);
  if (prerender) {
    const first = attempt("prerender");
    try {
      const answer = await runWork(first.work, () => run(first));
      if (!isDynamicUsage(first.work)) return answer instanceof Response || environment.host.building ? prerenderedAnswer(answer, first.work) : answer;
    } catch (error) {
      if (!isDynamicUsage(first.work) && !isBailout(error)) throw error;
      if (isExport) throw frameless(route.pattern, error);
    }
    route.dynamic = true;
  }
  if (environment.host.building) return dynamicAnswer();
  return renderNow(attempt("dynamic"), request);
}

/** Renders a page for a request: its document, or what of its payload is asked for. */
function renderNow(attempt: Attempt, request: IncomingRequest): Promise<Response | RenderedDocument> | Response {
  if (attempt.match.variant === "rsc") {
    attempt.extent = { known: readKnownTree(headerOf(request, STATE_TREE_HEADER)), ...(isSpeculative(request) && { cut: loadingDepth(branchOf(attempt.tree)) }) };
    // Without a loading interface there is nothing to show before the page itself.
    if (attempt.extent.cut === -1) return nothing(attempt);
  }
  return runWork(attempt.work, () => run(attempt));
}

/** Says what keeps a page from having a shell, or from being all of one, as far as that is known. */
function withoutShell(route: PageRoute, error: NoShell, { whole }: RouteConfig): Error {
  const what = `Route "${route.pattern}": there is uncached or runtime data`;
  const read = error.message === "" ? "" : ` (${error.message})`;
  if (whole) {
    const places = { page: "", metadata: " in `generateMetadata()`", viewport: " in `generateViewport()`" };
    return new Error(`${what}${places[error.place]}${read}, but \`ensureStatic = "navigation"\` says that nothing of it waits for a request, not inside of \`<Suspense>\` either. Keep it with "use cache", do without it, or have a Client Component read it in the browser. See https://nextjs.org/docs/messages/static-route-dynamic`);
  }
  const texts = {
    page: `${what} outside of \`<Suspense>\`${read}: nothing of the page can be shown before it is there. Put a \`<Suspense>\` around what reads it, add a \`loading\` file, keep it with "use cache", or say that it may be waited for: \`export const instant = false\`.`,
    metadata: `${what} in \`generateMetadata()\`, and nowhere else: the page waits for nothing but that. Keep it with "use cache", or have something else of the page wait for \`connection()\`, inside \`<Suspense>\`.`,
    viewport: `${what} in \`generateViewport()\`${read}: nothing of the page can be shown before it is there. Keep it with "use cache", or say that it may be waited for: \`export const instant = false\`.`,
  };
  return new Error(texts[error.place]);
}

/** Answers a request for a page that is rendered as far as it is the same for everybody, and the rest per request. */
async function renderComponents(route: PageRoute, config: RouteConfig, request: IncomingRequest, attempt: (mode: "prerender" | "dynamic") => Attempt, isRead: boolean): Promise<Response | RenderedDocument> {
  const now = attempt("dynamic");
  const { environment, match } = now;
  if (request.rest !== undefined) {
    const rest = decodeRest(request.rest);
    provideKept(now.work, rest.kept);
    if (match.variant === "rsc") return renderNow(now, request);
    return runWork(now.work, () => run({ ...now, rest, late: rest.late }));
  }
  const prerender = match.variant === "html" && isRead && route.dynamic !== true && !asksForDraft(request, environment.host);
  if (!prerender) return environment.host.building ? dynamicAnswer() : renderNow(now, request);
  const failed = (fault: Error): Promise<Response | RenderedDocument> => runWork(now.work, () => run({ ...now, fault }));
  let last = now;
  const make = (): Attempt => (last = attempt("prerender"));
  try {
    const answer = await renderPartly(make, ssrInput, navigation);
    return answer instanceof Response || environment.host.building ? prerenderedAnswer(answer, last.work) : answer;
  } catch (error) {
    if (error instanceof UnstableValueError && error.place === "client" && !environment.host.building) return failed(error);
    if (!(error instanceof NoShell)) throw error;
    if (config.whole && !environment.host.building) return failed(withoutShell(route, error, config));
    if (environment.host.building) {
      // Without its parameters there is nothing to show: each page is rendered when it is asked for.
      if (!config.whole && (match.shell?.refined === true || config.waits)) return dynamicAnswer();
      throw withoutShell(route, error, config);
    }
    // Who asks for what is shown of no page in particular has no page to be shown.
    if (match.shell !== undefined) return dynamicAnswer();
  }
  route.dynamic = true;
  return renderNow(attempt("dynamic"), request);
}

function loadedTree(route: PageRoute): Promise<LoadedSegment> {
  return (route.loaded ??= loadTree(route.tree).then(whole));
}

/** The payload of a page as it is after a server function has run, for the request that called it. */
export async function renderPayload(environment: RenderEnvironment, route: PageRoute, match: RouteMatch, work: Work): Promise<RoutePayload | null> {
  const tree = await loadedTree(route);
  const attempt = newAttempt(environment, route, tree, match, work);
  work.mode = "dynamic";
  applyFetchConfig(work, routeConfig(route.pattern, segmentsOf(tree)));
  const built = await runWork(work, () => build(attempt, navigation));
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

/** What SSR is told, besides the payload. */
function ssrInput(attempt: Attempt, flight: FlightTee, failures: unknown[]): SsrInput {
  const { environment, work } = attempt;
  const unknown = attempt.rest?.unknown ?? [...unknownParams(attempt)];
  return {
    flight,
    errorFrame: null,
    // What is kept for everybody has nobody's nonce.
    nonce: work.mode === "prerender" ? undefined : nonceOf(work.request),
    prerender: work.mode === "prerender",
    emptyQuery: attempt.forceStatic,
    formState: attempt.formState,
    references: environment.host.clientReferences,
    bootstrap: environment.host.bootstrap,
    bootstrapScript: bootstrapScript(environment.config, attempt.formState),
    ...(attempt.rest && { postponed: attempt.rest.postponed }),
    ...(unknown.length > 0 && { unknownParams: unknown }),
    aborted: work.request.signal,
    onError(error: unknown) {
      failures.push(error);
      // Client components cannot reach this render's state: their errors tell.
      if (work.mode === "prerender" && digestOf(error) === DYNAMIC) work.usedDynamic ??= "searchParams";
      return reportError(environment.host, work, error, { routeType: "render", renderSource: "server-rendering" });
    },
  };
}

/** A document of which everything has been sent. */
const SENT: SsrDocument = {
  complete: Promise.resolve(),
  pipe(destination) {
    destination.flush();
    destination.end();
  },
  abort() {},
};

async function run(attempt: Attempt): Promise<Response | RenderedDocument> {
  const { environment, tree, match, work } = attempt;
  if (work.holes !== null) return renderShell(attempt, ssrInput, navigation);
  const built = await build(attempt, navigation);
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
  const links = work.mode !== "prerender" && attempt.rest === null && maxHeadersLength > 0 ? { limit: maxHeadersLength, take: (link: string) => void attempt.links.add(link), named } : undefined;
  // The header says what is known at the first turn: SSR then has what Flight has by then.
  if (links) await new Promise(setImmediate);
  attempt.route.warm ||= links !== undefined;
  const { default: ssr } = await environment.host.loadSsr();
  const input = { ...ssrInput(attempt, tee, []), ...(links && { links }) };
  const { nonce } = input;
  let document;
  try {
    if (attempt.fault !== null) {
      input.onError(attempt.fault);
      throw attempt.fault;
    }
    document = attempt.rest?.postponed === null ? SENT : await ssr.render(input);
    if (work.mode === "prerender") await document.complete;
    // Who runs no script sees no more than the document itself.
    else if (isLimited(attempt)) await document.complete.catch(() => {});
  } catch (error) {
    // The shell is sent: there is no other answer any more.
    if (attempt.rest !== null || isDynamicUsage(work) || (work.mode === "prerender" && isBailout(error))) throw error;
    const answer = await navigation(attempt, error, built.access() ?? pageTrail(branchOf(tree)));
    if (answer !== null) return answer;
    // Without a root layout there is no place for the interface of a status: the browser shows the built-in one.
    const errorFrame = attempt.fault === null ? [head, await late?.known] : [];
    return documentResponse({ ...attempt, status: parseAccess(error) ?? 500 }, nonce, tee, await ssr.render({ ...input, errorFrame }));
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

