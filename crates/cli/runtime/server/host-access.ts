// The host that this server module was initialised with: the same for all of its requests.
import type { Host } from "./host.ts";

let host: Host | null = null;

/** Sets the host, before any request. */
export function provideHost(given: Host): void {
  host = given;
}

/** The host. */
export function currentHost(): Host {
  if (host === null) throw new Error("the server module was not initialised");
  return host;
}

/** The host, if there is one yet. */
export function provided(): Host | null {
  return host;
}
