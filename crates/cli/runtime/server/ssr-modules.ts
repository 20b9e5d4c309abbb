// The hooks through which React's Flight client reaches client components on the server. React reads them while its
// module is evaluated, so this module comes first in the SSR entry.
import { preloadModule } from "react-dom";

type Loader = () => Promise<unknown>;

const loaders = new Map<string, Loader>();
const modules = new Map<string, unknown>();
const scripts = new Map<string, readonly string[]>();

/** Makes the app's client modules known, by reference id. */
export function provideReferences(references: Record<string, Loader>): void {
  for (const [id, load] of Object.entries(references)) loaders.set(id, load);
}

/** Makes known which scripts the browser will want for a reference. */
export function provideScripts(id: string, urls: readonly string[]): void {
  scripts.set(id, urls);
}

/** Lets the browser fetch early what it will need, in the render that calls this. */
export function preloadScripts(id: string): void {
  for (const url of scripts.get(id) ?? []) preloadModule(url, { as: "script" });
}

/** Loads a client module, unless it is here. */
export function loadReference(id: string): Promise<unknown> {
  if (modules.has(id)) return Promise.resolve();
  const loader = loaders.get(id);
  if (loader === undefined) return Promise.reject(new Error(`client module ${id} is not part of the build`));
  return loader().then((module) => modules.set(id, module));
}

/** In the render that the reference belongs to. React asks once for each module, and then in each render for what it has. */
function load(id: string): Promise<unknown> {
  preloadScripts(id);
  return loadReference(id);
}

function requireReference(id: string): unknown {
  preloadScripts(id);
  if (!modules.has(id)) throw new Error(`client module ${id} is not loaded`);
  return modules.get(id);
}

globalThis.__vinext_ssr_require__ = Object.assign(requireReference, { u: (id: string) => id });
globalThis.__vinext_ssr_load__ = load;
