// What the server module and whatever it runs on know of each other. Nothing here names a platform.
import type { ReactNode } from "react";
import type { Stage } from "./app/stage.ts";
import type { CacheQuestion } from "./cache/handler/question.ts";
import type { ResultQuestion } from "./cache/handlers/question.ts";

/** What a client reference needs in the browser. */
export interface ReferenceChunks {
  id: string;
  /** Pairs of chunk id and file, React's form: both are the URL. */
  chunks: string[];
  name: "*";
}

/** The module that renders client components on the server. */
export interface Ssr {
  /** Renders a document from a Flight stream. */
  render(input: SsrInput): Promise<SsrDocument>;
  /** Renders a document as far as it goes without what never comes. */
  prerender(input: SsrShellInput): Promise<SsrShell>;
}

/** A document as far as it goes. */
export interface SsrShell {
  /** Empty if there is nothing to show. */
  html: Uint8Array;
  /** React's state, from which the rest can be rendered; `null` if there is none. */
  postponed: unknown;
}

/** A stream of Flight bytes with the listeners of Node's readable streams. */
export interface FlightReadable {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

/** The result of a form's action, the form's key, the action's id and how many of its arguments are bound. */
export type FormState = [result: unknown, key: string, id: string, bound: number];

/** What a document is rendered from. */
export interface SsrInput {
  flight: FlightReadable;
  /** Renders for no particular request: components that ask for the query are left to the browser. */
  prerender: boolean;
  /** Gives components that ask for the query an empty one instead. */
  emptyQuery: boolean;
  /** What a form that was sent without JavaScript has led to: React's own data. */
  formState: FormState | null;
  /** Renders only the frame in which the browser shows the error that the Flight stream carries, with this in its head. */
  errorFrame: ReactNode | null;
  references: Record<string, ReferenceChunks>;
  bootstrap: Bootstrap;
  /** Script text that runs before everything else. */
  bootstrapScript: string;
  /** What the document's scripts carry, if its Content Security Policy asks for it. */
  nonce: string | undefined;
  /**
   * Takes a `link` header of at most so many characters, once; absent for documents that have none. `named`: the client
   * modules that the page is known to need and that may not be loaded yet.
   */
  links?: { limit: number; take(link: string): void; named: ReadonlySet<string> };
  /** React's state of a document whose shell is there: the rest is rendered. */
  postponed?: unknown;
  /** Parameters whose values a shell does not have: while it is rendered, who asks for one waits. */
  unknownParams?: readonly string[];
  /** Settles when there is no point in going on. */
  aborted: AbortSignal;
  onError(error: unknown): string | undefined;
}

/** What a document is rendered from that is rendered as far as it goes. */
export interface SsrShellInput extends SsrInput {
  /** The client modules that it needs. */
  named: ReadonlySet<string>;
  /** Whether the payload is all there: then no request knows more of it. */
  isWhole: boolean;
  /** What runs in it ends the render where it uses an unstable value. */
  stage: Pick<Stage, "run" | "end" | "signal" | "leavesOut">;
}

/** A document whose shell is ready. */
export interface SsrDocument {
  /** Settles when everything has been rendered. */
  complete: Promise<void>;
  pipe(destination: Destination): void;
  abort(reason: unknown): void;
}

/** The scripts that every document starts. */
export interface Bootstrap {
  module: string;
  preload: string[];
}

/** Where React's renderers write. */
export interface Destination {
  write(chunk: Uint8Array | string): boolean;
  flush(): void;
  end(): void;
  on(event: "drain" | "close" | "error", listener: (error?: unknown) => void): unknown;
  destroy(error?: unknown): unknown;
}

/** A destination that also takes Flight bytes to embed. */
export interface DocumentSink extends Destination {
  /** Said before any Flight bytes: what the scripts that embed them carry. */
  nonce(nonce: string): void;
  flight(chunk: Uint8Array): boolean;
  abort(reason: unknown): void;
}

/** How a finished body may be stored: for `revalidate` seconds (`false`: until it is invalidated). */
export interface PagePolicy {
  revalidate: number | false;
  /** Seconds after which it is not served any more. */
  expire?: number;
  tags: string[];
}

/** What a prerender has come to: a body for everybody, a route that depends on the request, or a fault of the app's. */
export type Prerendered = "static" | "dynamic" | "failed";

/** A document or payload whose head is decided. */
export interface RenderedDocument {
  status: number;
  headers: [string, string][];
  /** Whether it is the same for everybody: the host may keep it when it is whole. */
  shared: boolean;
  /** Known when the body has ended; `null` is never stored. */
  cache: Promise<PagePolicy | null>;
  /** What is stored beside a document that is everybody's as far as it goes: its payload as far as that goes, and the rest. */
  unfinished?: { payload: Uint8Array; rest: Uint8Array };
  /** Said while a build prerenders. A "dynamic" one has no body. */
  prerendered?: Prerendered;
  pipe(sink: DocumentSink): void;
  /** Called instead of `pipe` when the client has gone. */
  abandon(): void;
}

/** What a request has that goes on. */
export interface Onward {
  /** All of its headers, if they were replaced. */
  headers: [string, string][] | null;
  /** The `set-cookie` lines that the page sees already. */
  cookies: string[];
}

/** What a proxy has decided about a request: it goes on, here or elsewhere, or is answered. */
export type ProxyDecision = ({ kind: "next" } & Onward) | ({ kind: "rewrite"; to: string } & Onward) | { kind: "respond" };

/** The word of a proxy, and what the answer gets of it: its headers, or all of it. */
export interface ProxyAnswer {
  decision: ProxyDecision;
  response: Response;
}

/** A request; what few pages need is made on demand. */
export interface IncomingRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly signal: AbortSignal;
  /** Settles when the response has ended, or nobody waits for it any more. */
  readonly ended: Promise<void>;
  toRequest(): Request;
  /** What is left to do of the page, whose shell the client has: `unfinished.rest` of what was stored. */
  readonly rest?: Uint8Array;
}

/** The value of a request's header, whose name is in lower case. */
export function headerOf({ rawHeaders }: IncomingRequest, wanted: string): string | undefined {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name === wanted);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

/** The route that the host decided on. */
export interface RouteMatch {
  routeId: string;
  /** Without base path, percent-encoded. */
  pathname: string;
  params: Record<string, string | string[]>;
  /**
   * "params" is a build that asks for what `generateStaticParams` lists, "proxy" a server that asks the proxy, "cache" one
   * that asks the app's cache handlers.
   */
  variant: "html" | "rsc" | "handler" | "params" | "proxy" | "cache";
  /** What the app's cache handlers are asked. */
  cache?: CacheQuestion | ResultQuestion;
  /** The query that the page gets, where a rewrite made another one of it. */
  query?: string;
  /**
   * The page's last parameters are nobody's: what is shown while those of a request are not known. `refined`: there are pages
   * of which more is known.
   */
  shell?: { refined: boolean };
  /** The proxy has set cookies, which the request already has: what the visitor sees may look different. */
  cookiesSet?: true;
}

/** The server functions of a build. */
export interface ActionModules {
  /** The module of each function, by the function's id: relative to the server module. */
  modules: Record<string, string>;
  /** What seals the values that functions capture: base64 of 16, 24 or 32 bytes. */
  key: string;
  /** Hosts besides the app's own from which functions may be called. */
  allowedOrigins: string[];
}

/** What the data cache has for a key. A ticket is the right, and the duty, to `fill` or `fail`. */
export type DataFound =
  | { state: "fresh"; value: Uint8Array }
  /** It may be served while it is made anew: by whoever has the ticket. */
  | { state: "stale"; value: Uint8Array; ticket?: number }
  /** Nothing that may be served. */
  | { state: "miss"; ticket: number };

/** How long a value may be served, and what invalidates it. */
export interface DataOptions {
  /** Seconds after which it is stale; `false` is never. */
  revalidate?: number | false;
  /** Seconds after which it is not served any more. */
  expire?: number;
  tags: string[];
  /** It is for other pages of this build, and for nobody after it. */
  onlyForBuild?: boolean;
}

/** What fetches and functions have given: bytes by key, the same for all isolates. */
export interface DataCache {
  /**
   * Looks a key up. Who makes a missing value is one at a time: others wait until it is there, or for a limited time.
   * What was invalidated by one of the tags since it was made is a miss (or stale, if the tag was not to expire at once):
   * those that it was filled with, those that are given here, and `softTags`, which are of the page and not of the value.
   * A value that is older than `revalidate` seconds is stale, whatever it was filled with.
   */
  look(key: string, kind: "data" | "use cache", tags: string[], softTags: string[], revalidate: number | false): Promise<DataFound>;
  /** Stores a value. What was invalidated since the look is not served. */
  fill(ticket: number, value: Uint8Array, options: DataOptions): Promise<void>;
  /** Gives the ticket back: what there is stays, and the next one tries. */
  fail(ticket: number): void;
}

/** The app's `cacheHandler`, and what it is made with. */
export interface CacheHandlerFacts {
  /** Its module: an absolute path. */
  path: string;
  maxMemoryCacheSize: number;
  serverDistDir: string;
}

/** What the server module may ask of the outside. */
export interface Host {
  clientReferences: Record<string, ReferenceChunks>;
  /** Route file to the stylesheets that it brings along. */
  css: Record<string, string[]>;
  bootstrap: Bootstrap;
  actions: ActionModules;
  /** Imports another module of the server, by its path relative to the server module. */
  importServer(file: string): Promise<unknown>;
  /**
   * Makes everything stored that carries one of these tags outdated: it is served while it is made anew, for `expire` more
   * seconds; `null` is for as long as that takes.
   */
  invalidate(tags: string[], expire: number | null): void;
  data: DataCache;
  /** A build prerenders: what depends on the request is not rendered, only named. */
  building: boolean;
  /** The ids of routes that the build found to depend on the request: they are not rendered for everybody in vain. */
  dynamicRoutes?: readonly string[];
  /** The caches of functions that are the app's own. */
  cacheHandlers?: readonly string[];
  /** Asks what answers for them. */
  askHandlers?(question: ResultQuestion, body: Uint8Array): Promise<Uint8Array | null>;
  /** This isolate answers for the app's cache handlers, and nothing else: the modules of its `cacheHandlers` by name, */
  handlerModules?: Record<string, string>;
  /** and its `cacheHandler`. */
  cacheHandler?: CacheHandlerFacts;
  loadSsr(): Promise<{ default: Ssr }>;
  /** The value of draft mode's cookie. */
  draftSecret: string;
  log(level: "debug" | "info" | "warn" | "error", message: string): void;
  /** Keeps the isolate from ending before the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
}

/** What `server/rsc/index.js` exports. */
export interface Server {
  init(host: Host): Promise<void>;
  handle(request: IncomingRequest, match: RouteMatch): Promise<Response | RenderedDocument | ProxyAnswer>;
}
