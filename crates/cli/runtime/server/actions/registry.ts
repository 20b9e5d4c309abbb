// The server functions of a build. Their modules register them when they are evaluated; an id that is not in the closed
// set of the build leads nowhere.
import { provideModules } from "../modules.ts";
import { createClientModuleProxy, registerServerReference } from "react-server-dom-webpack/server.node";
import { decodeFlight, encodeAll } from "../flight-values.ts";
import { importKey, openBytes, sealBytes } from "./sealing.ts";
import type { ServerConsumerManifest } from "react-server-dom-webpack/client.node";
import type { Host } from "../host.ts";

/** A function that browsers may call. */
export type ServerFunction = (...args: unknown[]) => unknown;

/** React's form of the functions that there are: the module of each is the function itself. */
export type ServerManifest = Record<string, { id: string; chunks: string[]; name: "*"; async: true }>;

interface Build {
  manifest: ServerManifest;
  modules: ReadonlyMap<string, string>;
  clientModules: Record<string, Record<"*", { id: string; chunks: string[]; name: "*" }>>;
  host: Host;
  key: Promise<CryptoKey>;
}

const functions = new Map<string, ServerFunction>();
const loading = new Map<string, Promise<ServerFunction>>();
const proxies = new Map<string, object>();
let build: Build | null = null;

function current(): Build {
  if (build === null) throw new Error("the server module was not initialised");
  return build;
}

/** Tells the registry what the build has. Called once, before any request. */
export function provideActions(host: Host): void {
  const { modules, key } = host.actions;
  // Without a prototype: what every object has is no function of the app's.
  const manifest = Object.create(null) as ServerManifest;
  for (const id of Object.keys(modules)) manifest[id] = { id, chunks: [], name: "*", async: true };
  const clientModules: Build["clientModules"] = Object.create(null) as Build["clientModules"];
  for (const id of Object.keys(host.clientReferences)) clientModules[id] = { "*": { id, chunks: [], name: "*" } };
  build = { manifest, modules: new Map(Object.entries(modules)), clientModules, host, key: importKey(key) };
  // Reported when it is used.
  build.key.catch(() => {});
  provideModules((id) => (build?.modules.has(id) ? loadFunction(id) : clientProxy(id)));
}

/** The functions that a request may name. */
export function serverManifest(): ServerManifest {
  return current().manifest;
}

/** Where what Flight bytes name is found: client components, and functions of the server. */
export function flightModules(): ServerConsumerManifest {
  const { clientModules, manifest } = current();
  return { moduleMap: clientModules, serverModuleMap: manifest, moduleLoading: null };
}

/** Whether the build has a function of this id. */
export function hasAction(id: string): boolean {
  return Object.hasOwn(current().manifest, id);
}

/** The function of an id, its module loaded. React keeps its state on the promise: one for each. */
export function loadFunction(id: string): Promise<ServerFunction> {
  const known = loading.get(id);
  if (known !== undefined) return known;
  const loaded = load(id);
  loading.set(id, loaded);
  loaded.catch(() => loading.delete(id));
  return loaded;
}

async function load(id: string): Promise<ServerFunction> {
  const { host, modules } = current();
  const file = modules.get(id);
  if (file !== undefined && !functions.has(id)) await host.importServer(file);
  const found = functions.get(id);
  if (found === undefined) throw new Error(`there is no server function ${id} in this build`);
  return found;
}

/** A client component, as server code has it. */
function clientProxy(id: string): object {
  const proxy = proxies.get(id) ?? createClientModuleProxy(id);
  proxies.set(id, proxy);
  return proxy;
}

/** Makes a function one that browsers may call. Compiled modules call this. */
export function registerAction(reference: ServerFunction, id: string): void {
  registerServerReference(reference, id, null);
  functions.set(id, reference);
}

/** What a function captured, sealed when somebody asks for it. Compiled modules call this where the function is made. */
export function seal(id: string, values: unknown[]): PromiseLike<string> {
  let sealed: Promise<string> | undefined;
  return {
    // Most functions are made for pages that are never asked for again: nothing is done ahead of who wants it.
    then: (resolve, reject) => (sealed ??= sealValues(id, values)).then(resolve, reject),
  };
}

async function sealValues(id: string, values: unknown[]): Promise<string> {
  return sealBytes(await current().key, id, await encodeAll(values));
}

/** The values that were sealed. Compiled modules call this before they call the function. */
export async function open(id: string, box: unknown): Promise<unknown[]> {
  if (typeof box !== "string") throw new Error("the values that a server function captured are missing");
  return decodeFlight<unknown[]>(await openBytes(await current().key, id, box));
}
