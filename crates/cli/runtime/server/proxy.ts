// The app's `proxy` (or `middleware`): it sees a request before a route answers, and says what becomes of it.
//
// Apps say it with headers of a response. Here it becomes data: nothing that decides about a request travels in headers.
import { NextFetchEvent } from "../next/web/fetch-event.ts";
import { NextRequest } from "../next/web/request.ts";
import { COOKIES_SET } from "../next/web/response.ts";
import { currentHost } from "./host-access.ts";
import { tellOfError } from "./instrumentation.ts";
import { newWork, runWork } from "./work.ts";
import type { IncomingRequest, ProxyAnswer, ProxyDecision, RouteMatch } from "./host.ts";
import type { RouteFile } from "./routes.ts";
import type { Work } from "./work.ts";

type Proxy = (request: NextRequest, event: NextFetchEvent) => unknown;

/** What stands before the names of headers that the framework takes out again. */
const INTERNAL = "x-middleware-";
const OVERRIDES = "x-middleware-override-headers";
const OVERRIDE = "x-middleware-request-";

function proxyOf(module: unknown, file: RouteFile): Proxy {
  const { default: whole, proxy, middleware } = module as Record<string, unknown>;
  const found = proxy ?? middleware ?? whole;
  if (typeof found !== "function") throw new Error(`${file.id} must export a function named \`proxy\`, or a default function`);
  return found as Proxy;
}

/** The headers that the request is to have, if they were replaced. */
function overrides(headers: Headers): [string, string][] | null {
  const names = headers.get(OVERRIDES);
  if (names === null) return null;
  const wanted = names.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return wanted.flatMap((name): [string, string][] => {
    const value = headers.get(OVERRIDE + name);
    return value === null ? [] : [[name, value]];
  });
}

/** What a response of a proxy means. As in Next, cookies that were written as a header are for the browser alone. */
function decisionOf(headers: Headers): ProxyDecision {
  const onward = { headers: overrides(headers), cookies: headers.has(COOKIES_SET) ? headers.getSetCookie() : [] };
  const to = headers.get("x-middleware-rewrite");
  if (to !== null) return { kind: "rewrite", to, ...onward };
  return headers.get("x-middleware-next") === "1" ? { kind: "next", ...onward } : { kind: "respond" };
}

function withoutInternal(headers: Headers): Headers {
  const kept = new Headers();
  for (const [name, value] of headers) {
    if (!name.startsWith(INTERNAL)) kept.append(name, value);
  }
  return kept;
}

/** Asks the proxy about a request. */
export async function askProxy(file: RouteFile, incoming: IncomingRequest, match: RouteMatch): Promise<ProxyAnswer> {
  const work: Work = { ...newWork(incoming, "handler"), routeId: match.routeId, usesDataCache: false };
  const event = new NextFetchEvent({ page: match.routeId });
  let given: unknown;
  try {
    const proxy = proxyOf(await file.load(), file);
    const request = new NextRequest(incoming.toRequest());
    given = await runWork(work, () => proxy(request, event));
    if (given !== undefined && given !== null && !(given instanceof Response)) throw new TypeError("Expected an instance of Response to be returned");
  } catch (error) {
    await tellOfError(error, work, { routeType: "proxy" });
    throw error;
  } finally {
    for (const promise of event.pending) currentHost().waitUntil(promise);
  }
  const response = given instanceof Response ? given : null;
  const decision: ProxyDecision = response === null ? { kind: "next", headers: null, cookies: [] } : decisionOf(response.headers);
  const headers = withoutInternal(response?.headers ?? new Headers());
  for (const cookie of work.setCookies) headers.append("set-cookie", cookie);
  if (decision.kind !== "respond") decision.cookies.push(...work.setCookies);
  if (decision.kind === "respond" && response !== null) {
    return { decision, response: new Response(response.body, { status: response.status, statusText: response.statusText, headers }) };
  }
  // Where a request goes on, nobody reads what was written.
  await response?.body?.cancel();
  return { decision, response: new Response(null, { headers }) };
}
