// Route handlers: a module of functions named after HTTP methods.
import { NextRequest } from "../../next/web/request.ts";
import { parseSetCookie } from "../../shared/cookies.ts";
import { parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { asksForDraft } from "../draft.ts";
import { currentConfig, currentHost } from "../host-access.ts";
import { tellOfError } from "../instrumentation.ts";
import { settleInvalidations } from "../invalidate.ts";
import { decodeSegment, mapParams } from "../params.ts";
import { pagePolicy } from "../cache/lifetime.ts";
import { newWork, runWork } from "../work.ts";
import { dynamicAnswer } from "./building.ts";
import { Holes, turn } from "./holes.ts";
import { provideKept } from "./kept.ts";
import { applyConfig, cacheControl } from "./segment-config.ts";
import { METHODS, allowedMethods, handlerConfig } from "./handler-config.ts";
import { Stage } from "./stage.ts";
import { staticRequest } from "./static-request.ts";
import type { IncomingRequest, RenderedDocument, RouteMatch } from "../host.ts";
import type { Kept } from "./kept.ts";
import type { RouteFile } from "../routes.ts";
import type { Work } from "../work.ts";
import type { HandlerModule, Method } from "./handler-config.ts";

/** What a request is answered with. */
interface Call {
  file: RouteFile;
  handler: NonNullable<HandlerModule[Method]>;
  basePath: string;
  match: RouteMatch;
  work: Work;
  request: Request;
}

function isMethod(method: string): method is Method {
  return METHODS.some((known) => known === method);
}

function moduleOf(module: unknown): HandlerModule {
  return typeof module === "object" && module !== null ? module : {};
}

function navigationResponse(error: unknown, { basePath, work }: Call): Response | null {
  const redirect = parseRedirect(error);
  if (redirect !== null) {
    const local = redirect.url.startsWith("/") && !redirect.url.startsWith("//");
    return withCookies(new Response(null, { status: redirect.status, headers: { location: local ? basePath + redirect.url : redirect.url } }), work.setCookies);
  }
  const status = parseAccess(error);
  return status === null ? null : new Response(null, { status });
}

/** The response with the cookies that were set beside it. What it sets itself is what counts. */
function withCookies(response: Response, cookies: readonly string[]): Response {
  const own = new Set(response.headers.getSetCookie().map((cookie) => parseSetCookie(cookie)?.name));
  const further = cookies.filter((cookie) => !own.has(parseSetCookie(cookie)?.name));
  if (further.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const cookie of further) headers.append("set-cookie", cookie);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** What the handler answers. Only faults are thrown. */
async function answer(call: Call): Promise<Response> {
  const { file, handler, match, work, request } = call;
  let given: unknown;
  try {
    given = await runWork(work, () => handler(request, { params: Promise.resolve(mapParams(match.params, decodeSegment)) }));
  } catch (error) {
    const response = navigationResponse(error, call);
    if (response === null) throw error;
    return response;
  } finally {
    await settleInvalidations(work);
  }
  if (!(given instanceof Response)) {
    throw new Error(`No response is returned from route handler '${file.id}'. Expected a Response object but received '${typeName(given)}' (method: ${request.method}, url: ${work.request.url.replace(/^[a-z]+:\/\/[^/]*/, "")}). Ensure you return a \`Response\` or a \`NextResponse\` in all branches of your handler.`);
  }
  if (given.headers.has("x-middleware-next")) throw new Error("NextResponse.next() was used in a app route handler, this is not supported. See here for more info: https://nextjs.org/docs/messages/next-response-next-in-app-route-handler");
  if (given.headers.has("x-middleware-rewrite")) throw new Error("NextResponse.rewrite() was used in a app route handler, this is not currently supported. Please remove the invocation to continue.");
  if (given.status === 0) throw new Error(`the route handler '${file.id}' returned Response.error()`);
  return withCookies(given, work.setCookies);
}

function typeName(value: unknown): string {
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "Object") : String(value === null ? "null" : typeof value);
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, { status: response.status, statusText: response.statusText, headers: response.headers });
}

function isStorable(status: number): boolean {
  return status >= 200 && status < 500 && status !== 206 && status !== 304;
}

/** What everybody gets, whole. `null`: the answer depends on the request. */
async function answerAll(call: Call): Promise<RenderedDocument | null> {
  const { work } = call;
  let response: Response | undefined;
  let body: Uint8Array | undefined;
  try {
    response = await answer(call);
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (work.usedDynamic === null) throw error;
  }
  // Whoever catches what says so has an answer for nobody.
  if (work.usedDynamic !== null || response === undefined || body === undefined) return null;
  const whole = body;
  const headers: [string, string][] = [...response.headers];
  const setsCookie = response.headers.getSetCookie().length > 0;
  // A cookie is one visitor's: no cache on the way may keep the answer, either.
  if (!response.headers.has("cache-control")) headers.push(["cache-control", cacheControl(setsCookie ? null : work.revalidate, work.expire)]);
  // Only a whole answer that anybody may get is stored. What is no success may say all in its head.
  const isShared = (whole.length > 0 || response.status >= 300) && isStorable(response.status) && !setsCookie;
  const { building } = currentHost();
  return {
    status: response.status,
    headers,
    // A build hears that the route asks for nothing of the request, also where its answer is not kept.
    shared: isShared || building,
    cache: Promise.resolve(isShared ? pagePolicy(work) : null),
    ...(building && { prerendered: "static" as const }),
    pipe(sink) {
      if (whole.length > 0) sink.write(whole);
      sink.flush();
      sink.end();
    },
    abandon() {},
  };
}

/** What everybody gets, if it is made of nothing but what is kept. It is made twice: the first time fills caches. */
async function answerInTime(all: () => Promise<RenderedDocument | null>, begin: (holes: Holes) => Work): Promise<RenderedDocument | null> {
  const kept: Kept = new Map();
  const attempt = (holes: Holes): Promise<RenderedDocument | null> => {
    provideKept(begin(holes), kept);
    // A body of its own is read in a turn of its own.
    const late = holes.patience().then(turn);
    return Promise.race([all(), late.then(() => null)]);
  };
  const filling = new Holes("fill");
  await attempt(filling).catch(() => null);
  filling.throwIfGivenUp();
  const stage = new Stage("server");
  const made = await stage.run(() => attempt(new Holes("final")));
  stage.end();
  return stage.signal.aborted ? null : made;
}

/** Routes whose answers have turned out to depend on the request: the same for all requests of a server. */
export const dynamicRoutes = new Set<string>();

/** Answers a request for a route handler: for one that is `forAll`, with what everybody gets, unless it says otherwise. */
export async function handleRoute(file: RouteFile, pattern: string, basePath: string, incoming: IncomingRequest, match: RouteMatch, forAll = false): Promise<Response | RenderedDocument> {
  const module = moduleOf(await file.load());
  const { method } = incoming;
  if (!isMethod(method)) return new Response(null, { status: 400 });
  const handler = module[method] ?? (method === "HEAD" ? module.GET : undefined);
  if (handler === undefined) {
    const allow = allowedMethods(module).join(", ");
    return method === "OPTIONS" ? new Response(null, { status: 204, headers: { allow } }) : new Response(null, { status: 405, headers: { allow } });
  }
  const config = handlerConfig(module, pattern, forAll || currentConfig().cacheComponents);
  const begin = (mode: "prerender" | "handler"): Work => {
    const work = newWork(incoming, mode);
    work.routeId = match.routeId;
    work.pathname = match.pathname;
    applyConfig(work, config);
    return work;
  };
  const isDraft = config.isStatic && asksForDraft(incoming, currentHost());
  let work = begin("prerender");
  try {
    if (config.isStatic && !isDraft && handler === module.GET && !dynamicRoutes.has(match.routeId)) {
      const all = (): Promise<RenderedDocument | null> => answerAll({ file, handler, basePath, match, work, request: staticRequest(incoming, work) });
      const made = currentConfig().cacheComponents ? await answerInTime(all, (holes) => (work = Object.assign(begin("prerender"), { holes }))) : await all();
      if (made !== null) return made;
      dynamicRoutes.add(match.routeId);
    }
    if (currentHost().building) return dynamicAnswer();
    work = begin("handler");
    const response = await answer({ file, handler, basePath, match, work, request: new NextRequest(incoming.toRequest()) });
    if (isDraft && !response.headers.has("cache-control")) {
      const headers = new Headers(response.headers);
      headers.set("cache-control", cacheControl(null));
      return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
    }
    return method === "HEAD" ? withoutBody(response) : response;
  } catch (error) {
    await tellOfError(error, work, { routeType: "route" });
    throw error;
  }
}
