// Addresses in metadata: written relative to `metadataBase`, or to the page with `./`. Pure.

import type { Params } from "../routes.ts";

/** An address as an app writes it. */
export type Address = string | URL;

/** What an address is resolved against. */
export interface UrlContext {
  /** The path of the page, without its query. */
  pathname: string;
  trailingSlash: boolean;
  basePath: string;
  /** What the parameters of the addresses of metadata files stand for. */
  params: Params;
  /** What relative images are resolved against when there is no `metadataBase`. */
  fallbackBase: URL;
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** An address below the base, whose own path is kept. */
export function below(url: Address, base: URL): URL {
  if (url instanceof URL) return url;
  const absolute = parse(url);
  if (absolute !== null) return absolute;
  return new URL(`${base.pathname}/${url}`.replace(/\/{2,}/g, "/"), base);
}

/** `./here` and `../there`, seen from a page's path. */
function fromPage(url: Address, pathname: string): Address {
  if (url instanceof URL || !url.startsWith("./")) return url;
  const root = new URL(pathname.endsWith("/") ? pathname : `${pathname}/`, "http://n");
  const resolved = new URL(url, root).pathname;
  return resolved.length > 1 && resolved.endsWith("/") ? resolved.slice(0, -1) : resolved;
}

/** The address of a page: without a base it stays a path. */
export function pageUrl(url: Address, base: URL | null, context: UrlContext): string {
  const seen = fromPage(url, context.pathname);
  const resolved = base === null && typeof seen === "string" ? (parse(seen) ?? seen) : below(seen, base ?? context.fallbackBase);
  const text = typeof resolved === "string" ? resolved : resolved.pathname === "/" && resolved.search === "" ? resolved.origin : resolved.href;
  return context.trailingSlash ? withSlash(text, base) : text;
}

/** A URL object in `alternates` or `pagination` is a host: the page's own path is put on it. */
export function alternateUrl(url: Address, base: URL | null, context: UrlContext): string {
  if (!(url instanceof URL)) return pageUrl(url, base, context);
  const moved = new URL(context.pathname, url);
  url.searchParams.forEach((value, name) => moved.searchParams.set(name, value));
  return pageUrl(moved, base, context);
}

function withSlash(text: string, base: URL | null): string {
  if (text.endsWith("/") || text.startsWith("/") || text.includes("?")) return text;
  const url = parse(text);
  if (url === null || (base !== null && url.origin !== base.origin)) return text;
  return /\.[^/]+$/.test(url.pathname) ? text : `${text}/`;
}
