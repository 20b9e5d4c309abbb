// Hrefs as text. An app-relative href has no base path: "/blog/a%20b?x=1#top". Nothing here decodes: two spellings of
// one address are two addresses, as they are for the server's matcher.

/** The object form of an href that `next/link` accepts. */
export interface UrlObject {
  protocol?: string | null;
  auth?: string | null;
  host?: string | null;
  hostname?: string | null;
  port?: string | number | null;
  pathname?: string | null;
  search?: string | null;
  query?: string | null | Record<string, QueryValue | readonly QueryValue[]>;
  hash?: string | null;
  slashes?: boolean | null;
  href?: string;
}

type QueryValue = string | number | bigint | boolean | null | undefined;

/** What the framework must know to write an href. */
export interface HrefRules {
  basePath: string;
  trailingSlash: boolean;
  /** A slash at the end stays as it was written. */
  keepSlashes?: boolean;
}

/** An href cut at its `?` and `#`, which stay with the later part. */
export interface HrefParts {
  pathname: string;
  search: string;
  hash: string;
}

/** Cuts an href into path, query and fragment. */
export function splitHref(href: string): HrefParts {
  const hashAt = href.indexOf("#");
  const hash = hashAt < 0 ? "" : href.slice(hashAt);
  const rest = hashAt < 0 ? href : href.slice(0, hashAt);
  const searchAt = rest.indexOf("?");
  return {
    pathname: searchAt < 0 ? rest : rest.slice(0, searchAt),
    search: searchAt < 0 ? "" : rest.slice(searchAt),
    hash: hash === "#" ? "" : hash,
  };
}

/** Path and query: what a payload depends on. */
export function withoutHash(href: string): string {
  const { pathname, search } = splitHref(href);
  return pathname + search;
}

/** Whether the href names a host: such an href is not rewritten. */
export function isAbsolute(href: string): boolean {
  return /^([a-z][a-z\d+.-]*:|[\\/]{2})/i.test(href);
}

function queryText(query: UrlObject["query"]): string {
  if (typeof query !== "object" || query === null) return query ?? "";
  const params = new URLSearchParams();
  const text = (value: QueryValue): string => (value === null || value === undefined ? "" : String(value));
  for (const [name, value] of Object.entries(query)) {
    if (isList(value)) for (const item of value) params.append(name, text(item));
    else params.append(name, text(value));
  }
  return params.toString();
}

function isList(value: QueryValue | readonly QueryValue[]): value is readonly QueryValue[] {
  return Array.isArray(value);
}

const prefixed = (text: string | null | undefined, mark: string): string =>
  !text || text === mark ? "" : text.startsWith(mark) ? text : mark + text;

/** Writes an href given as an object. */
export function formatHref(href: string | UrlObject): string {
  if (typeof href === "string") return href;
  const protocol = href.protocol ? (href.protocol.endsWith(":") ? href.protocol : `${href.protocol}:`) : "";
  const port = href.port ? `:${href.port}` : "";
  const name =
    href.host ?? (href.hostname ? (href.hostname.includes(":") ? `[${href.hostname}]` : href.hostname) + port : "");
  const auth = href.auth ? `${encodeURIComponent(href.auth).replace("%3A", ":")}@` : "";
  const host = name ? `//${auth}${name}` : "";
  const path = (href.pathname ?? "").replace(/[?#]/g, encodeURIComponent);
  const search = href.search ? prefixed(href.search, "?") : prefixed(queryText(href.query), "?");
  const rooted = host && path && !path.startsWith("/") ? `/${path}` : path;
  return protocol + host + rooted + search.replaceAll("#", "%23") + prefixed(href.hash, "#");
}

/** Gives a path the trailing slash that the configuration asks for. File names (`/feed.xml`) never have one. */
export function applyTrailingSlash(pathname: string, trailingSlash: boolean): string {
  const bare = pathname.replace(/\/+$/, "");
  if (bare === "") return pathname.startsWith("/") ? "/" : pathname;
  return trailingSlash && !/\.[^/]+$/.test(bare) ? `${bare}/` : bare;
}

/** Writes an app-relative href as the browser shows it: with base path and the configured trailing slash. */
export function toBrowserHref(href: string, rules: HrefRules): string {
  if (!href.startsWith("/") || isAbsolute(href)) return href;
  const { pathname, search, hash } = splitHref(href);
  if (rules.keepSlashes === true) return rules.basePath + pathname + search + hash;
  const path = applyTrailingSlash(pathname, rules.trailingSlash);
  return (
    (rules.basePath && path === "/" ? rules.basePath + (rules.trailingSlash ? "/" : "") : rules.basePath + path) +
    search +
    hash
  );
}

/** Takes the base path off a browser path; `null` if the path lies outside the app. */
export function stripBasePath(pathname: string, basePath: string): string | null {
  if (basePath === "") return pathname;
  if (pathname === basePath) return "/";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : null;
}

/** Where an href leads when it is followed in the browser. */
export type Target =
  /** A page of the app: the router shows it. */
  | { kind: "route"; href: string }
  /** Another site, another protocol or a path outside the base path: the browser loads it. */
  | { kind: "document"; url: string }
  /** Script or an address that is none: refused. */
  | { kind: "refused" };

/** Resolves an href against the address bar. */
export function resolveTarget(href: string, location: string, rules: HrefRules): Target {
  let url: URL;
  try {
    url = new URL(toBrowserHref(href, rules), location);
  } catch {
    return { kind: "refused" };
  }
  if (url.protocol === "javascript:" || url.protocol === "data:" || url.protocol === "vbscript:")
    return { kind: "refused" };
  const pathname = url.origin === new URL(location).origin ? stripBasePath(url.pathname, rules.basePath) : null;
  if (pathname === null) return { kind: "document", url: url.href };
  return { kind: "route", href: pathname + url.search + url.hash };
}
