// Asks the server for a page's payload.
import { createFromReadableStream } from "react-server-dom-webpack/client.browser";
import { clientConfig } from "../../shared/config.ts";
import { splitHref, stripBasePath, toBrowserHref, withoutHash } from "../../shared/href.ts";
import { writeKnownTree } from "../../shared/known-tree.ts";
import {
  NEXT_URL_HEADER,
  POSTPONED_HEADER,
  PREFETCH_HEADER,
  RSC_CONTENT_TYPE,
  RSC_HEADER,
  RSC_QUERY,
  STALE_TIME_HEADER,
  STATE_TREE_HEADER,
} from "../../shared/wire.ts";
import { callServer } from "../actions.ts";
import { landedIn, payloadFile } from "./files.ts";
import { cacheBuster, withoutCacheBuster } from "./cache-buster.ts";
import type { RoutePayload, SegmentPayload } from "../../shared/payload.ts";

/** A page's payload and the address that it came from, which differs after a redirect. */
export interface Answer {
  href: string;
  payload: RoutePayload;
  /** The page looks so only for who comes from `from`: an intercepted route. */
  contextual: boolean;
  /** How many bytes have come so far. */
  bytes(): number;
}

/** What a request says about itself. */
export interface RequestOptions {
  /** The path that the navigation comes from, if it comes from one. */
  from: string | undefined;
  /** Of a page that has to be rendered for this request alone, only what can be shown at once is wanted. */
  speculative: boolean;
  /** The tree that is shown: its layouts need not be sent again. */
  shown: SegmentPayload | null;
}

/** The payload of a page, `null` if the server has none to give: then only a document will do. */
export async function requestPage(href: string, options: RequestOptions): Promise<Answer | null> {
  if (process.env.__NEXT_CONFIG_OUTPUT === "export") return requestFile(href, options.speculative);
  const headers: Record<string, string> = { [RSC_HEADER]: "1" };
  if (options.from !== undefined) headers[NEXT_URL_HEADER] = options.from;
  if (options.speculative) headers[PREFETCH_HEADER] = "1";
  const known = options.shown && writeKnownTree(options.shown);
  if (known) headers[STATE_TREE_HEADER] = known;
  const url = toBrowserHref(withoutHash(href), clientConfig());
  const busted = `${url}${url.includes("?") ? "&" : "?"}${RSC_QUERY}=${await cacheBuster(headers)}`;
  const response = await fetch(busted, {
    headers,
    credentials: "same-origin",
    priority: options.speculative ? "low" : "auto",
  });
  const type = response.headers.get("content-type") ?? "";
  const landed = response.redirected ? landedHref(response.url, href) : href;
  if (!type.startsWith(RSC_CONTENT_TYPE) || response.body === null || landed === null) return null;
  // What it leaves out never comes: the end of the stream would be an error.
  const isPartial = response.headers.has(POSTPONED_HEADER);
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
    flush: () => (isPartial ? new Promise<void>(() => {}) : undefined),
  });
  const body = response.body.pipeThrough(counter);
  const payload = await createFromReadableStream<RoutePayload | null>(body, { callServer });
  if (payload === null) return null;
  const contextual = (response.headers.get("vary") ?? "").toLowerCase().includes(NEXT_URL_HEADER);
  if (isPartial) payload.shell = true;
  const seconds = response.headers.get(STALE_TIME_HEADER);
  if (seconds) payload.staleTime = Number(seconds);
  return { href: landed, payload, contextual, bytes: () => bytes };
}

/** The payload of an exported page; `null` if there is no such file: then only a document will do. */
async function requestFile(href: string, speculative: boolean): Promise<Answer | null> {
  const response = await fetch(payloadFile(href, clientConfig()), { priority: speculative ? "low" : "auto" });
  // Some hosts send a document for whatever they do not have, or lead elsewhere.
  if (!response.ok || response.redirected || !/^text\/(plain|x-component)/.test(response.headers.get("content-type") ?? "")) return null;
  const file = await response.blob();
  const payload = await createFromReadableStream<RoutePayload>(file.stream(), { callServer });
  return { href: landedIn(href, payload.href), payload, contextual: false, bytes: () => file.size };
}

/** Where a redirect ended, with the fragment of the link; `null` outside the app. */
function landedHref(responseUrl: string, href: string): string | null {
  const url = new URL(responseUrl);
  const pathname = url.origin === location.origin ? stripBasePath(url.pathname, clientConfig().basePath) : null;
  return pathname === null ? null : pathname + withoutCacheBuster(url.search) + splitHref(href).hash;
}
