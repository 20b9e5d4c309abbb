// The SSR module: renders client components, and the Flight stream around them, to HTML. It lives in a module graph of
// its own, with the React that browsers have.
import { loadReference, provideReferences, provideScripts } from "./ssr-modules.ts";
import { createElement } from "react";
import type { ReactNode } from "react";
import type { HeadersDescriptor, PipeableStream } from "react-dom/server";
import { renderToPipeableStream, resumeToPipeableStream } from "react-dom/server.node";
import { prerender } from "react-dom/static.node";
import { createFromNodeStream } from "react-server-dom-webpack/client.node";
import { AppRoot } from "../client/app-root.tsx";
import { NonceContext, ServerInsertedHTMLContext } from "../client/contexts.ts";
import { joinBytes } from "./bytes.ts";
import { Collector } from "./collect.ts";
import { InsertedHtml } from "./inserted-html.ts";
import { clientConfig } from "../shared/config.ts";
import { bailoutError, digestOf, isBailout, parseAccess, parseRedirect } from "../shared/control-flow.ts";
import { toBrowserHref } from "../shared/href.ts";
import type { Readable, Writable } from "node:stream";
import type { RoutePayload, SegmentPayload } from "../shared/payload.ts";
import type { Destination, Ssr, SsrDocument, SsrInput, SsrShell, SsrShellInput } from "./host.ts";

type ModuleMap = Record<string, { "*": { id: string; chunks: string[]; name: string } }>;

/** What the generated entry passes in. */
export interface SsrDefinition {
  /** Client modules by reference id. */
  references: Record<string, () => Promise<unknown>>;
}

function moduleMap(ids: Iterable<string>): ModuleMap {
  const map: ModuleMap = {};
  for (const id of ids) map[id] = { "*": { id, chunks: [id, id], name: "*" } };
  return map;
}

/** The frame of a document that only the browser can fill. */
function ErrorFrame({ children }: { children?: ReactNode }): ReactNode {
  const head = createElement("head", null, children, createElement("meta", { name: "robots", content: "noindex" }));
  return createElement("html", { id: "__next_error__" }, head, createElement("body"));
}

/** What a document says for who runs no script, when its status is sent already. */
function afterStatus(error: unknown): ReactNode {
  if (parseAccess(error) !== null) return createElement("meta", { name: "robots", content: "noindex" });
  const redirect = parseRedirect(error);
  if (redirect === null) return null;
  const url = toBrowserHref(redirect.url, clientConfig());
  const seconds = redirect.status === 308 ? 0 : 1;
  return createElement("meta", { id: "__next-page-redirect", httpEquiv: "refresh", content: `${seconds};url=${url}` });
}

/** Makes the SSR module of an app. */
export function createSsr({ references }: SsrDefinition): Ssr {
  provideReferences(references);
  const map = moduleMap(Object.keys(references));
  let known: SsrInput["references"] | undefined;
  /** Modules that React has at hand at once, wherever they are named. */
  const atHand = new Set<string>();
  const announce = (input: SsrInput): void => {
    if (known === input.references) return;
    known = input.references;
    for (const [id, { chunks }] of Object.entries(known)) provideScripts(id, [...new Set(chunks)]);
  };
  return {
    async render(input: SsrInput): Promise<SsrDocument> {
      announce(input);
      // What waits for a module is not in the `link` header. One that cannot be loaded is the render's to tell.
      if (input.links) await Promise.allSettled([...input.links.named].map(loadReference));
      return render(input, map);
    },
    async prerender(input: SsrShellInput): Promise<SsrShell> {
      announce(input);
      // What waits for a module would be a hole.
      await Promise.allSettled([...input.named].map(loadReference));
      // The first payload that names a module waits for it, though it is loaded: what is rendered when is to be the same each time.
      if (![...input.named].every((id) => atHand.has(id))) {
        void payloadOf(input, map).catch(() => {});
        await turn();
        for (const id of input.named) atHand.add(id);
      }
      return renderShell(input, map);
    },
  };
}

function payloadOf({ flight, unknownParams }: SsrInput, map: ModuleMap): Promise<RoutePayload> {
  const payload = createFromNodeStream<RoutePayload>(readable(flight), { moduleMap: map, serverModuleMap: null, moduleLoading: null });
  // React's own promise has a `then` that gives none.
  return unknownParams === undefined ? payload : Promise.resolve(payload).then(({ tree, ...more }) => ({ ...more, tree: withoutValues(tree, unknownParams) }));
}

/** A tree whose keys have no values of these parameters: in a shell there are none yet, and React finds its places by keys. */
function withoutValues(segment: SegmentPayload, names: readonly string[]): SegmentPayload {
  const { param, key } = segment;
  const slots = Object.entries(segment.slots).map(([name, child]) => [name, withoutValues(child, names)] as const);
  return { ...segment, key: param !== undefined && names.includes(param.name) ? `${param.name}||${param.kind}` : key, slots: Object.fromEntries(slots) };
}

/** The document of a payload. */
function rootOf(input: SsrInput, map: ModuleMap, inserted: InsertedHtml): ReactNode {
  let payload: Promise<RoutePayload> | undefined;

  function Root(): ReactNode {
    // Inside the render, so that what the rows name is preloaded by this document.
    payload ??= payloadOf(input, map);
    const unknown = input.prerender && input.unknownParams !== undefined;
    const app = createElement(AppRoot, { payload, prerender: input.prerender && !input.emptyQuery, ...(unknown && { unknown }) });
    const inside = createElement(NonceContext, { value: input.nonce }, app);
    return createElement(ServerInsertedHTMLContext, { value: inserted.add }, inside);
  }
  return createElement(Root);
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** As many turns as SSR takes to come as far as it can: it has all it needs. */
const TURNS = 4;

/** Why a render was ended that has come as far as it goes. */
const ENDED = new Error("what is left differs by request");

async function renderShell(input: SsrShellInput, map: ModuleMap): Promise<SsrShell> {
  const { stage } = input;
  const inserted = new InsertedHtml();
  const controller = new AbortController();
  stage.signal.addEventListener("abort", () => controller.abort(ENDED));
  const rendering = stage.run(() =>
    prerender(rootOf(input, map, inserted), {
      signal: controller.signal,
      bootstrapScriptContent: input.bootstrapScript,
      bootstrapModules: [input.bootstrap.module],
      onError: (error: unknown) => (error === ENDED ? undefined : input.onError(error)),
    }),
  );
  rendering.catch(() => {});
  for (let count = 0; count < TURNS; count++) await turn();
  stage.end();
  controller.abort(ENDED);
  const { prelude, postponed } = await rendering;
  const whole = new Collector();
  const destination = inserted.into(whole, input.onError);
  for await (const chunk of prelude) destination.write(chunk);
  destination.flush();
  destination.end();
  const html = whole.whole();
  if (postponed == null) return { html, postponed: null };
  if (html.length === 0 || !input.isWhole || !stage.leavesOut) return { html, postponed };
  return { html: joinBytes([withoutEnd(html), await leftToBrowser(rootOf(input, map, inserted), postponed)]), postponed: null };
}

/** What has the browser render the rest: no request knows more of it than this render. */
async function leftToBrowser(node: ReactNode, postponed: unknown): Promise<Uint8Array> {
  // It is no promise, whatever its type says.
  const stream = resumeToPipeableStream(node, postponed as never, { onError: digestOf }) as unknown as PipeableStream;
  stream.abort(bailoutError("it differs by visit"));
  const rest = new Collector();
  stream.pipe(writable(rest));
  await rest.ended;
  return rest.whole();
}

const DOCUMENT_END = new TextEncoder().encode("</body></html>");

/** A document that goes on. */
function withoutEnd(html: Uint8Array): Uint8Array {
  const end = html.length - DOCUMENT_END.length;
  return DOCUMENT_END.every((byte, index) => html[end + index] === byte) ? html.subarray(0, end) : html;
}

function render(input: SsrInput, map: ModuleMap): Promise<SsrDocument> {
  const inserted = new InsertedHtml();
  return new Promise((resolve, reject) => {
    let finish: () => void = () => {};
    let fail: (error: unknown) => void = () => {};
    let broken: { error: unknown } | null = null;
    const complete = new Promise<void>((settle, refuse) => {
      finish = settle;
      fail = refuse;
    });
    complete.catch(() => {});
    const node = input.errorFrame === null ? rootOf(input, map, inserted) : createElement(ErrorFrame, null, input.errorFrame);
    const common = {
      ...(input.nonce !== undefined && { nonce: input.nonce }),
      onShellReady() {
        resolve({
          complete,
          pipe: (destination: Destination) => void stream.pipe(writable(inserted.into(destination, input.onError))),
          abort: (reason: unknown) => stream.abort(reason),
        });
      },
      onShellError(error: unknown) {
        fail(error);
        // What a shell that fails has asked for is told a turn later.
        if (input.links) setImmediate(() => reject(error));
        else reject(error);
      },
      onAllReady() {
        if (broken !== null && input.prerender && !isBailout(broken.error)) fail(broken.error);
        else finish();
      },
      onError(error: unknown) {
        broken ??= { error };
        const note = input.prerender ? null : afterStatus(error);
        if (note !== null) inserted.addOnce(note);
        return input.onError(error);
      },
    };
    const stream =
      input.postponed === undefined
        ? renderToPipeableStream(node, {
            ...common,
            bootstrapScriptContent: input.bootstrapScript,
            bootstrapModules: [input.bootstrap.module],
            formState: input.formState as never,
            ...(input.links && { maxHeadersLength: input.links.limit, onHeaders: ({ Link }: HeadersDescriptor) => Link && input.links?.take(Link) }),
          })
        : // It is no promise, whatever its type says.
          (resumeToPipeableStream(node, input.postponed as never, common) as unknown as PipeableStream);
    input.aborted.addEventListener("abort", () => stream.abort(input.aborted.reason), { once: true });
  });
}

/** React asks for Node streams and uses the few members that these have. */
function readable(flight: SsrInput["flight"]): Readable {
  return flight as unknown as Readable;
}

function writable(destination: Destination): Writable {
  return destination as unknown as Writable;
}

