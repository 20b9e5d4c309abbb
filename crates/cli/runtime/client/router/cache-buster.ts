// The query parameter that keeps caches which ignore `Vary` from mixing answers. Pure.
import { RSC_QUERY } from "../../shared/wire.ts";

/** A short digest of request headers: equal headers, equal digest. */
export function cacheBuster(headers: Readonly<Record<string, string>>): string {
  let hash = 5381;
  for (const name of Object.keys(headers).sort()) {
    const text = `${name}:${headers[name]};`;
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) >>> 0;
  }
  return hash.toString(36);
}

/** A query without that parameter; all others keep their spelling. */
export function withoutCacheBuster(search: string): string {
  const kept = search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => part !== "" && part.split("=", 1)[0] !== RSC_QUERY);
  return kept.length > 0 ? `?${kept.join("&")}` : "";
}
