// The payloads of an exported app: files beside its documents, as a host of files tells no requests apart.
import { createFromReadableStream } from "react-server-dom-webpack/client.browser";
import { clientConfig } from "../../shared/config.ts";
import { applyTrailingSlash, splitHref } from "../../shared/href.ts";
import type { HrefRules } from "../../shared/href.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { Answer } from "./request.ts";

/** The address of the file with the payload of a page. No query makes it another. */
export function payloadFile(href: string, { basePath, trailingSlash }: HrefRules): string {
  const bare = splitHref(href).pathname.replace(/\/+$/, "");
  return `${basePath}${bare}${bare === "" || trailingSlash ? "/index" : ""}.txt`;
}

/** Where one is with a payload that says where it belongs: elsewhere, if the page that was asked for leads there. */
export function landedIn(href: string, own: string, { trailingSlash }: HrefRules): string {
  return applyTrailingSlash(splitHref(href).pathname, trailingSlash) === own ? href : own;
}

/** The payload of an exported page; `null` if there is no such file: then only a document will do. */
export async function requestFile(href: string, speculative: boolean): Promise<Answer | null> {
  const response = await fetch(payloadFile(href, clientConfig()), { priority: speculative ? "low" : "auto" });
  // Some hosts send a document for whatever they do not have, or lead elsewhere.
  if (!response.ok || response.redirected || !/^text\/(plain|x-component)/.test(response.headers.get("content-type") ?? "")) return null;
  const file = await response.blob();
  const payload = await createFromReadableStream<RoutePayload>(file.stream(), { callServer: () => Promise.reject(new Error("an exported app has no server")) });
  return { href: landedIn(href, payload.href, clientConfig()), payload, contextual: false, bytes: () => file.size };
}
