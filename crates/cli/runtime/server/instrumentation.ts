// `instrumentation.ts` of an app: told when the server starts, and of every error that a request ends in.
import { currentHost } from "./host-access.ts";
import { routePath } from "./request-scope.ts";
import type { IncomingRequest } from "./host.ts";
import type { RouteFile } from "./routes.ts";
import type { Work } from "./work.ts";

/** Where an error comes from. */
export interface ErrorSource {
  routeType: "render" | "route" | "action" | "proxy";
  /** Of what is rendered. */
  renderSource?: "react-server-components" | "react-server-components-payload" | "server-rendering";
}

interface ErrorRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  method: string;
}

type Hook = (error: unknown, request: ErrorRequest, context: object) => unknown;

let hook: Hook | null = null;

/** Runs `register`, once for each isolate and before its first request. */
export async function startInstrumentation(file: RouteFile | undefined): Promise<void> {
  if (file === undefined) return;
  const { register, onRequestError } = (await file.load()) as Record<string, unknown>;
  if (typeof register === "function") await register();
  if (typeof onRequestError === "function") hook = onRequestError as Hook;
}

function describe({ url, method, rawHeaders }: IncomingRequest): ErrorRequest {
  const headers: ErrorRequest["headers"] = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
    const known = headers[name];
    headers[name] = known === undefined ? value : `${String(known)}, ${value}`;
  }
  const { pathname, search } = new URL(url);
  return { path: pathname + search, headers, method };
}

/** Tells the app of an error. */
export async function tellOfError(error: unknown, work: Work, source: ErrorSource): Promise<void> {
  if (hook === null) return;
  try {
    await hook(error, describe(work.request), { routerKind: "App Router", routePath: routePath(work), revalidateReason: undefined, ...source });
  } catch (failure) {
    currentHost().log("error", `onRequestError failed: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`);
  }
}
