// The modules of `next/dist/client/components` with which libraries tell the framework's errors from faults.
import { digestError, digestOf, isBailout, isNavigationError, parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import type { RedirectKind } from "../../shared/control-flow.ts";

export { forbidden, notFound, permanentRedirect, redirect, unauthorized, unstable_rethrow } from "../../shared/control-flow.ts";

export const REDIRECT_ERROR_CODE = "NEXT_REDIRECT";
export const HTTP_ERROR_FALLBACK_ERROR_CODE = "NEXT_HTTP_ERROR_FALLBACK";
export const HTTPAccessErrorStatus = { NOT_FOUND: 404, FORBIDDEN: 403, UNAUTHORIZED: 401 } as const;

/** The statuses of redirects. */
export const RedirectStatusCode = {
  303: "SeeOther",
  307: "TemporaryRedirect",
  308: "PermanentRedirect",
  SeeOther: 303,
  TemporaryRedirect: 307,
  PermanentRedirect: 308,
} as const;

/** The values that `redirect` takes as its second argument. */
export { RedirectType } from "../../shared/control-flow.ts";

/** Whether an error is a redirect. */
export function isRedirectError(error: unknown): boolean {
  return parseRedirect(error) !== null;
}

/** The error that `redirect` throws. */
export function getRedirectError(url: string, type: RedirectKind, status: 303 | 307 | 308 = 307): Error & { digest: string } {
  return digestError(REDIRECT_ERROR_CODE, `${REDIRECT_ERROR_CODE};${type};${url};${status};`);
}

/** Where a redirect goes; `null` for other errors. */
export function getURLFromRedirectError(error: unknown): string | null {
  return parseRedirect(error)?.url ?? null;
}

function requireRedirect(error: unknown): NonNullable<ReturnType<typeof parseRedirect>> {
  const redirect = parseRedirect(error);
  if (redirect === null) throw new Error("Not a redirect error");
  return redirect;
}

/** How a redirect enters the history. */
export function getRedirectTypeFromError(error: unknown): RedirectKind {
  return requireRedirect(error).kind;
}

/** The status that a redirect is answered with. */
export function getRedirectStatusCodeFromError(error: unknown): number {
  return requireRedirect(error).status;
}

/** Whether an error comes from `notFound`, `forbidden` or `unauthorized`. */
export function isHTTPAccessFallbackError(error: unknown): boolean {
  return parseAccess(error) !== null;
}

/** The status of such an error. */
export function getAccessFallbackHTTPStatus(error: unknown): number {
  return Number(digestOf(error).split(";")[1]);
}

/** The file that answers a status. */
export function getAccessFallbackErrorTypeByStatus(status: number): "not-found" | "forbidden" | "unauthorized" | undefined {
  return status === 404 ? "not-found" : status === 403 ? "forbidden" : status === 401 ? "unauthorized" : undefined;
}

/** Whether the framework, not the app, answers an error. */
export function isNextRouterError(error: unknown): boolean {
  return isNavigationError(error);
}

/** Says that a page depends on the request. */
export class DynamicServerError extends Error {
  readonly description: string;
  readonly digest = "DYNAMIC_SERVER_USAGE";

  constructor(description: string) {
    super(`Dynamic server usage: ${description}`);
    this.description = description;
  }
}

/** Whether an error says so. */
export function isDynamicServerError(error: unknown): boolean {
  return digestOf(error) === "DYNAMIC_SERVER_USAGE";
}

/** Leaves a component to the browser. */
export class BailoutToCSRError extends Error {
  readonly reason: string;
  readonly digest = "BAILOUT_TO_CLIENT_SIDE_RENDERING";

  constructor(reason: string) {
    super(`Bail out to client-side rendering: ${reason}`);
    this.reason = reason;
  }
}

/** Whether a component was left to the browser. */
export function isBailoutToCSRError(error: unknown): boolean {
  return isBailout(error);
}
