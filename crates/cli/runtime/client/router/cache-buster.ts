// The query parameter that keeps caches which ignore `Vary` from mixing answers. The server sends a request with another
// one to the right URL, so both sides must agree on it.
import { NEXT_URL_HEADER, PREFETCH_HEADER, RSC_QUERY, SEGMENT_PREFETCH_HEADER, STATE_TREE_HEADER } from "../../shared/wire.ts";

const NAMES = [PREFETCH_HEADER, SEGMENT_PREFETCH_HEADER, STATE_TREE_HEADER, NEXT_URL_HEADER];

/** 96 bits of SHA-256 over the headers that payloads depend on, in base64url; nothing if there is none of them. */
export async function cacheBuster(headers: Readonly<Record<string, string>>): Promise<string> {
  const values = NAMES.map((name) => headers[name]);
  // Browsers have no digest for pages of insecure origins: there the server's redirect gives the right URL.
  if (!globalThis.crypto?.subtle || values.every((value) => value === undefined)) return "";
  const text = new TextEncoder().encode(values.map((value) => value ?? "0").join(","));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 12);
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_");
}

/** A query without that parameter; all others keep their spelling. */
export function withoutCacheBuster(search: string): string {
  const kept = search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => part !== "" && part.split("=", 1)[0] !== RSC_QUERY);
  return kept.length > 0 ? `?${kept.join("&")}` : "";
}
