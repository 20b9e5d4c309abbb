// Route handlers: a module of functions named after HTTP methods.
import { NextRequest } from "../../next/web/request.ts";
import { parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { decodeSegment, mapParams } from "../params.ts";
import { newWork, runWork } from "../work.ts";
import type { IncomingRequest, RouteMatch } from "../host.ts";
import type { RouteFile } from "../routes.ts";

type Handler = (request: Request, context: { params: Promise<RouteMatch["params"]> }) => unknown;

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] as const;
type Method = (typeof METHODS)[number];

function isMethod(method: string): method is Method {
  return METHODS.some((known) => known === method);
}

function handlersOf(module: unknown): Partial<Record<Method, Handler>> {
  return typeof module === "object" && module !== null ? module : {};
}

/** The methods that a module answers, those that follow from others included. */
export function allowedMethods(handlers: Partial<Record<Method, unknown>>): Method[] {
  const allowed = METHODS.filter((method) => handlers[method] !== undefined);
  if (handlers.GET !== undefined && handlers.HEAD === undefined) allowed.push("HEAD");
  if (handlers.OPTIONS === undefined) allowed.push("OPTIONS");
  return allowed.sort();
}

function navigationResponse(error: unknown, basePath: string): Response | null {
  const redirect = parseRedirect(error);
  if (redirect !== null) {
    const local = redirect.url.startsWith("/") && !redirect.url.startsWith("//");
    return new Response(null, { status: redirect.status, headers: { location: local ? basePath + redirect.url : redirect.url } });
  }
  const status = parseAccess(error);
  return status === null ? null : new Response(null, { status });
}

/** Answers a request for a route handler. */
export async function handleRoute(file: RouteFile, basePath: string, incoming: IncomingRequest, match: RouteMatch): Promise<Response> {
  const handlers = handlersOf(await file.load());
  const { method } = incoming;
  if (!isMethod(method)) return new Response(null, { status: 400 });
  const handler = handlers[method] ?? (method === "HEAD" ? handlers.GET : undefined);
  if (handler === undefined) {
    const allow = allowedMethods(handlers).join(", ");
    return method === "OPTIONS" ? new Response(null, { status: 204, headers: { allow } }) : new Response(null, { status: 405, headers: { allow } });
  }
  const work = newWork(incoming, "handler");
  work.routeId = match.routeId;
  const answer = await runWork(work, async () => {
    try {
      return await handler(new NextRequest(incoming.toRequest()), { params: Promise.resolve(mapParams(match.params, decodeSegment)) });
    } catch (error) {
      const response = navigationResponse(error, basePath);
      if (response === null) throw error;
      return response;
    }
  });
  if (!(answer instanceof Response)) {
    throw new Error(`No response is returned from route handler '${file.id}'. Ensure you return a \`Response\` or a \`NextResponse\` in all branches of your handler.`);
  }
  if (answer.headers.has("x-middleware-next") || answer.headers.has("x-middleware-rewrite")) {
    throw new Error("NextResponse.next() and NextResponse.rewrite() only work in proxy, not in a route handler");
  }
  if (work.setCookies.length === 0 && method !== "HEAD") return answer;
  const headers = new Headers(answer.headers);
  for (const cookie of work.setCookies) headers.append("set-cookie", cookie);
  if (method === "HEAD") await answer.body?.cancel();
  return new Response(method === "HEAD" ? null : answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
