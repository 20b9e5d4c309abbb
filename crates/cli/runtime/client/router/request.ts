// Asks the server for a page's payload.
import { createFromReadableStream } from "react-server-dom-webpack/client.browser";
import { clientConfig } from "../../shared/config.ts";
import { splitHref, stripBasePath, toBrowserHref, withoutHash } from "../../shared/href.ts";
import { NEXT_URL_HEADER, PREFETCH_HEADER, RSC_CONTENT_TYPE, RSC_HEADER, RSC_QUERY } from "../../shared/wire.ts";
import { callServer } from "../actions.ts";
import { cacheBuster, withoutCacheBuster } from "./cache-buster.ts";
import type { RoutePayload } from "../../shared/payload.ts";

/** A page's payload and the address that it came from, which differs after a redirect. */
export interface Answer {
  href: string;
  payload: RoutePayload;
  /** The page looks so only for who comes from `from`: an intercepted route. */
  contextual: boolean;
}

/** What a request says about itself. */
export interface RequestOptions {
  /** The path that is shown now. */
  from: string;
  /** The page may be declined (204) if it has to be rendered for this request alone. */
  speculative: boolean;
}

/** The payload of a page, `null` if the server has none to give: then only a document will do. */
export async function requestPage(href: string, options: RequestOptions): Promise<Answer | null> {
  const headers: Record<string, string> = { [RSC_HEADER]: "1", [NEXT_URL_HEADER]: options.from };
  if (options.speculative) headers[PREFETCH_HEADER] = "1";
  const url = toBrowserHref(withoutHash(href), clientConfig());
  const busted = `${url}${url.includes("?") ? "&" : "?"}${RSC_QUERY}=${cacheBuster(headers)}`;
  const response = await fetch(busted, {
    headers,
    credentials: "same-origin",
    priority: options.speculative ? "low" : "auto",
  });
  const type = response.headers.get("content-type") ?? "";
  const landed = response.redirected ? landedHref(response.url, href) : href;
  if (!type.startsWith(RSC_CONTENT_TYPE) || response.body === null || landed === null) return null;
  const payload = await createFromReadableStream<RoutePayload>(response.body, { callServer });
  const contextual = (response.headers.get("vary") ?? "").toLowerCase().includes(NEXT_URL_HEADER);
  return { href: landed, payload, contextual };
}

/** Where a redirect ended, with the fragment of the link; `null` outside the app. */
function landedHref(responseUrl: string, href: string): string | null {
  const url = new URL(responseUrl);
  const pathname = url.origin === location.origin ? stripBasePath(url.pathname, clientConfig().basePath) : null;
  return pathname === null ? null : pathname + withoutCacheBuster(url.search) + splitHref(href).hash;
}
