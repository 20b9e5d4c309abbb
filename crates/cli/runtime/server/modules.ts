// The hooks through which React's Flight server reaches the bundle. React reads them while its module is evaluated, so
// this module comes first in the server's entry.
import { AsyncLocalStorage } from "node:async_hooks";

function unavailable(id: string): never {
  throw new Error(`module ${id} is not part of the server's graph`);
}

let find: (id: string) => unknown = unavailable;

/** Sets where modules that a request or a sealed value names are found. */
export function provideModules(finder: (id: string) => unknown): void {
  find = finder;
}

globalThis.__vinext_rsc_require__ = Object.assign((id: string) => find(id), { u: (id: string) => id });
globalThis.__vinext_rsc_load__ = unavailable;

// Next puts it there, and libraries look for it.
Object.assign(globalThis, { AsyncLocalStorage });
