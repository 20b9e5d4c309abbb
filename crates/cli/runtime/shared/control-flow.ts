// Errors that steer rendering instead of reporting a fault. Libraries look at `error.digest`, and React carries the
// digest from server to browser, so the digest is the contract: everything else about such an error may be lost.

/** How a redirect enters the browser's history. */
export type RedirectKind = "push" | "replace";

/** The values that `redirect` takes as its second argument. */
export const RedirectType = { push: "push", replace: "replace" } as const;

/** The statuses that have an interface of their own: `not-found`, `forbidden`, `unauthorized`. */
export type AccessStatus = 401 | 403 | 404;

/** A redirect as its digest describes it. */
export interface Redirect {
  kind: RedirectKind;
  url: string;
  status: 303 | 307 | 308;
}

const REDIRECT = "NEXT_REDIRECT";
const ACCESS = "NEXT_HTTP_ERROR_FALLBACK";
const BAILOUT = "BAILOUT_TO_CLIENT_SIDE_RENDERING";
/** The digest of errors that say that a page depends on the request. */
export const DYNAMIC = "DYNAMIC_SERVER_USAGE";
const HANGING = "HANGING_PROMISE_REJECTION";
const POSTPONE = Symbol.for("react.postpone");

/** An error that carries a digest. */
export function digestError(message: string, digest: string): Error & { digest: string } {
  return Object.assign(new Error(message), { digest });
}

/** The digest of a thrown value, or "" if it has none. */
export function digestOf(error: unknown): string {
  return typeof error === "object" && error !== null && "digest" in error && typeof error.digest === "string"
    ? error.digest
    : "";
}

function throwRedirect(url: string, kind: RedirectKind, status: Redirect["status"]): never {
  throw digestError(REDIRECT, `${REDIRECT};${kind};${url};${status};`);
}

/** Ends rendering and sends the visitor to `url`. */
export function redirect(url: string, type: RedirectKind = "replace"): never {
  throwRedirect(url, type, 307);
}

/** Like `redirect`, for an address that has moved for good. */
export function permanentRedirect(url: string, type: RedirectKind = "replace"): never {
  throwRedirect(url, type, 308);
}

function throwAccess(status: AccessStatus): never {
  const digest = `${ACCESS};${status}`;
  throw digestError(digest, digest);
}

/** Ends rendering with the closest `not-found` and status 404. */
export function notFound(): never {
  throwAccess(404);
}

/** Two functions that the app's configuration has to allow. */
function requireInterrupts(name: string, allowed: string): void {
  if (process.env.__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS === "false") {
    throw new Error(`\`${name}()\` is experimental and only allowed to be ${allowed} when \`experimental.authInterrupts\` is enabled.`);
  }
}

/** Ends rendering with the closest `forbidden` and status 403. */
export function forbidden(): never {
  requireInterrupts("forbidden", "enabled");
  throwAccess(403);
}

/** Ends rendering with the closest `unauthorized` and status 401. */
export function unauthorized(): never {
  requireInterrupts("unauthorized", "used");
  throwAccess(401);
}

/** The error with which a component leaves its rendering to the browser. */
export function bailoutError(reason: string): Error & { digest: string } {
  return digestError(`Bail out to client-side rendering: ${reason}`, BAILOUT);
}

/** Whether a component left its rendering to the browser. */
export function isBailout(error: unknown): boolean {
  return digestOf(error) === BAILOUT;
}

/** Reads a redirect's digest. The URL may itself contain semicolons. */
export function parseRedirect(error: unknown): Redirect | null {
  const parts = digestOf(error).split(";");
  if (parts.length < 5 || parts[0] !== REDIRECT) return null;
  const kind = parts[1];
  const status = Number(parts.at(-2));
  if (kind !== "push" && kind !== "replace") return null;
  if (status !== 303 && status !== 307 && status !== 308) return null;
  return { kind, status, url: parts.slice(2, -2).join(";") };
}

/** Reads the digest of `notFound`, `forbidden` and `unauthorized`. */
export function parseAccess(error: unknown): AccessStatus | null {
  const [name, code, ...rest] = digestOf(error).split(";");
  if (name !== ACCESS || rest.length > 0) return null;
  return code === "404" ? 404 : code === "403" ? 403 : code === "401" ? 401 : null;
}

/** Whether the framework, not the app's error boundaries, answers this error. */
export function isNavigationError(error: unknown): boolean {
  return parseRedirect(error) !== null || parseAccess(error) !== null;
}

function isPostpone(error: unknown): boolean {
  return typeof error === "object" && error !== null && "$$typeof" in error && error.$$typeof === POSTPONE;
}

/** Throws `error` again, or its cause, if the framework must see it: to be called first in a `catch`. */
export function unstable_rethrow(error: unknown): void {
  const digest = digestOf(error);
  if (isNavigationError(error) || isPostpone(error) || digest === BAILOUT || digest === DYNAMIC || digest === HANGING) {
    throw error;
  }
  if (error instanceof Error && error.cause !== undefined) unstable_rethrow(error.cause);
}
