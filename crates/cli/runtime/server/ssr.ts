// The SSR module: renders client components, and the Flight stream around them, to HTML. It lives in a module graph of
// its own, with the React that browsers have.
import { loadReference, provideReferences, provideScripts } from "./ssr-modules.ts";
import { createElement } from "react";
import type { ReactNode } from "react";
import type { HeadersDescriptor } from "react-dom/server";
import { renderToPipeableStream } from "react-dom/server.node";
import { createFromNodeStream } from "react-server-dom-webpack/client.node";
import { AppRoot } from "../client/app-root.tsx";
import { NonceContext, ServerInsertedHTMLContext } from "../client/contexts.ts";
import { InsertedHtml } from "./inserted-html.ts";
import { clientConfig } from "../shared/config.ts";
import { isBailout, parseAccess, parseRedirect } from "../shared/control-flow.ts";
import { toBrowserHref } from "../shared/href.ts";
import type { Readable, Writable } from "node:stream";
import type { RoutePayload } from "../shared/payload.ts";
import type { Destination, Ssr, SsrDocument, SsrInput } from "./host.ts";

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
  return {
    async render(input: SsrInput): Promise<SsrDocument> {
      if (known !== input.references) {
        known = input.references;
        for (const [id, { chunks }] of Object.entries(known)) provideScripts(id, [...new Set(chunks)]);
      }
      // What waits for a module is not in the `link` header. One that cannot be loaded is the render's to tell.
      if (input.links) await Promise.allSettled([...input.links.named].map(loadReference));
      return render(input, map);
    },
  };
}

function render(input: SsrInput, map: ModuleMap): Promise<SsrDocument> {
  let payload: Promise<RoutePayload> | undefined;
  const inserted = new InsertedHtml();

  function Root(): ReactNode {
    // Inside the render, so that what the rows name is preloaded by this document.
    payload ??= createFromNodeStream<RoutePayload>(readable(input.flight), {
      moduleMap: map,
      serverModuleMap: null,
      moduleLoading: null,
    });
    const app = createElement(AppRoot, { payload, prerender: input.prerender && !input.emptyQuery });
    const inside = createElement(NonceContext, { value: input.nonce }, app);
    return createElement(ServerInsertedHTMLContext, { value: inserted.add }, inside);
  }

  return new Promise((resolve, reject) => {
    let finish: () => void = () => {};
    let fail: (error: unknown) => void = () => {};
    let broken: { error: unknown } | null = null;
    const complete = new Promise<void>((settle, refuse) => {
      finish = settle;
      fail = refuse;
    });
    complete.catch(() => {});
    const stream = renderToPipeableStream(input.errorFrame === null ? createElement(Root) : createElement(ErrorFrame, null, input.errorFrame), {
      bootstrapScriptContent: input.bootstrapScript,
      bootstrapModules: [input.bootstrap.module],
      ...(input.nonce !== undefined && { nonce: input.nonce }),
      formState: input.formState as never,
      ...(input.links && { maxHeadersLength: input.links.limit, onHeaders: ({ Link }: HeadersDescriptor) => Link && input.links?.take(Link) }),
      onShellReady() {
        resolve({
          complete,
          pipe: (destination: Destination) => void stream.pipe(writable(inserted.into(destination, input.onError))),
          abort: (reason: unknown) => stream.abort(reason),
        });
      },
      onShellError(error) {
        fail(error);
        // What a shell that fails has asked for is told a turn later.
        if (input.links) setImmediate(() => reject(error));
        else reject(error);
      },
      onAllReady() {
        if (broken !== null && input.prerender && !isBailout(broken.error)) fail(broken.error);
        else finish();
      },
      onError(error) {
        broken ??= { error };
        const note = input.prerender ? null : afterStatus(error);
        if (note !== null) inserted.addOnce(note);
        return input.onError(error);
      },
    });
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

