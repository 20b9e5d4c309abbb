// Keeps the process from ending with a response while something still has to be done.
import { currentHost } from "./host-access.ts";

/** What a platform provides where the process may end with the response. */
interface RequestContext {
  get?(): { waitUntil?: (promise: Promise<unknown>) => void } | undefined;
}

const CONTEXT = Symbol.for("@next/request-context");

/** Has the platform, or the host, wait for a promise. */
export function waitUntil(promise: Promise<unknown>): void {
  const context = Reflect.get(globalThis, CONTEXT) as RequestContext | undefined;
  const wait = context?.get?.()?.waitUntil;
  if (wait === undefined) currentHost().waitUntil(promise);
  else wait(promise);
}
