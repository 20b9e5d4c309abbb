// The hooks through which React's Flight client reaches the bundles. React reads them while its module is evaluated, so
// this module must come first in the client's entry.

type ModuleExports = Record<string, unknown>;

const registry = new Map<string, ModuleExports>();
const PREFIX = "m_";

/** Makes a client module known under its reference id. */
export function registerReference(id: string, module: object): void {
  registry.set(id, { ...module });
}

/** Loads a chunk and registers the modules it exports as `m_<reference id>`. Other chunks are mere dependencies. */
async function load(url: string): Promise<void> {
  const chunk: ModuleExports = await import(url);
  for (const [name, value] of Object.entries(chunk)) {
    if (name.startsWith(PREFIX) && typeof value === "object" && value !== null) {
      registerReference(name.slice(PREFIX.length), value);
    }
  }
}

function requireReference(id: string): ModuleExports {
  const module = registry.get(id);
  if (module === undefined) throw new Error(`client module ${id} is not loaded`);
  return module;
}

// React wraps `u`, webpack's chunk-to-file function, whether or not there is one.
globalThis.__vinext_require__ = Object.assign(requireReference, { u: (url: string) => url });
globalThis.__vinext_load__ = load;
// Only React's development build asks for it, to name the chunk in stack traces.
if (process.env.NODE_ENV !== "production") {
  Object.assign(globalThis, { __webpack_get_script_filename__: (url: string) => url });
}
