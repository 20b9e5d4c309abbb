// The parts of React's Flight packages that the runtime uses; the packages ship no types.

declare module "react-server-dom-webpack/client.browser" {
  export interface BrowserOptions {
    callServer?: (id: string, args: unknown[]) => Promise<unknown>;
    temporaryReferences?: unknown;
  }
  export function createFromReadableStream<T>(stream: ReadableStream<Uint8Array>, options?: BrowserOptions): Promise<T>;
  export function createFromFetch<T>(response: Promise<Response>, options?: BrowserOptions): Promise<T>;
  export function encodeReply(value: unknown, options?: { signal?: AbortSignal; temporaryReferences?: unknown }): Promise<string | FormData>;
  export function createTemporaryReferenceSet(): object;
  export function createServerReference(
    id: string,
    callServer: (id: string, args: unknown[]) => Promise<unknown>,
  ): (...args: unknown[]) => Promise<unknown>;
  export function registerServerReference<T extends object>(reference: T, id: string): T;
}

declare module "react-server-dom-webpack/client.node" {
  import type { Readable } from "node:stream";

  export interface ServerConsumerManifest {
    moduleMap: Record<string, Record<string, { id: string; chunks: string[]; name: string }>> | null;
    serverModuleMap: unknown;
    moduleLoading: { prefix: string; crossOrigin?: "use-credentials" | "" } | null;
  }
  export interface NodeOptions {
    nonce?: string;
    encodeFormAction?: unknown;
    replayConsoleLogs?: boolean;
    environmentName?: string;
    temporaryReferences?: object;
  }
  export function createTemporaryReferenceSet(): object;
  export function encodeReply(value: unknown, options?: { signal?: AbortSignal; temporaryReferences?: object }): Promise<string | FormData>;
  export function createFromNodeStream<T>(
    stream: Readable,
    manifest: ServerConsumerManifest,
    options?: NodeOptions,
  ): Promise<T>;
  export function createFromReadableStream<T>(
    stream: ReadableStream<Uint8Array>,
    options: NodeOptions & { serverConsumerManifest: ServerConsumerManifest },
  ): Promise<T>;
}

declare module "react-server-dom-webpack/server.node" {
  import type { Writable } from "node:stream";

  export type ClientManifest = Record<string, { id: string; chunks: string[]; name: string; async?: boolean }>;
  export interface RenderOptions {
    onError?: (error: unknown) => string | undefined | void;
    identifierPrefix?: string;
    temporaryReferences?: unknown;
    environmentName?: string | (() => string);
    filterStackFrame?: (url: string, functionName: string) => boolean;
  }
  export interface PipeableStream {
    abort(reason?: unknown): void;
    pipe<T extends Writable>(destination: T): T;
  }
  export function renderToPipeableStream(
    model: unknown,
    manifest: ClientManifest,
    options?: RenderOptions,
  ): PipeableStream;
  export function renderToReadableStream(
    model: unknown,
    manifest: ClientManifest,
    options?: RenderOptions & { signal?: AbortSignal },
  ): ReadableStream<Uint8Array>;
  export function registerClientReference<T>(proxy: T, id: string, name: string): T;
  export function registerServerReference<T>(reference: T, id: string, name: string | null): T;
  export function createClientModuleProxy(id: string): object;
  export function createTemporaryReferenceSet(): object;
  export function decodeReply<T>(body: string | FormData, manifest: unknown, options?: { temporaryReferences?: unknown }): Promise<T>;
  export function decodeAction(body: FormData, manifest: unknown): Promise<() => Promise<unknown>> | null;
  export function decodeFormState(result: unknown, body: FormData, manifest: unknown): Promise<[unknown, string, string, number] | null>;
}

declare module "react-server-dom-webpack/static.node" {
  import type { ClientManifest, RenderOptions } from "react-server-dom-webpack/server.node";

  export function prerender(
    model: unknown,
    manifest: ClientManifest,
    options?: RenderOptions & { signal?: AbortSignal },
  ): Promise<{ prelude: ReadableStream<Uint8Array> }>;
}
