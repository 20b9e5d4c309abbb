// The elements of a document's head. React hoists them, whichever place they are rendered in.
import type { ReactNode } from "react";
import type { AlternateUrl, Icon, IconDescriptor, Icons, Media, Metadata, Robots, Viewport } from "./types.ts";
import type { ResolvedHead } from "./resolve.ts";

type Many<T> = T | readonly T[] | null | undefined;

function list<T>(value: Many<T>): readonly T[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function text(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Resolves addresses against `metadataBase`, whose own path is kept. */
function absolute(url: string | URL, base: Metadata["metadataBase"]): string {
  if (url instanceof URL) return url.href;
  if (!base || /^[a-z][a-z\d+.-]*:/i.test(url)) return url;
  const root = new URL(base);
  const path = `${root.pathname}/${url}`.replace(/\/{2,}/g, "/");
  const resolved = new URL(path, root);
  const href = resolved.href;
  return path === "/" && !resolved.search ? href.replace(/\/$/, "") : href;
}

class Head {
  readonly elements: ReactNode[] = [];
  #key = 0;

  meta(name: string, content: unknown): void {
    const value = text(content);
    if (value !== undefined) this.elements.push(<meta key={this.#key++} name={name} content={value} />);
  }

  property(property: string, content: unknown): void {
    const value = text(content);
    if (value !== undefined) this.elements.push(<meta key={this.#key++} property={property} content={value} />);
  }

  link(rel: string, href: string, attributes: Record<string, string | undefined> = {}): void {
    this.elements.push(<link key={this.#key++} rel={rel} href={href} {...attributes} />);
  }

  push(element: (key: number) => ReactNode): void {
    this.elements.push(element(this.#key++));
  }
}

function viewportContent(viewport: Viewport): string {
  const scalable = viewport.userScalable === undefined ? undefined : viewport.userScalable ? "yes" : "no";
  const entries: [string, unknown][] = [
    ["width", viewport.width],
    ["height", viewport.height],
    ["initial-scale", viewport.initialScale],
    ["minimum-scale", viewport.minimumScale],
    ["maximum-scale", viewport.maximumScale],
    ["user-scalable", scalable],
    ["viewport-fit", viewport.viewportFit],
    ["interactive-widget", viewport.interactiveWidget],
  ];
  return entries.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${String(value)}`).join(", ");
}

/** Rules that are on or off, in the order in which they are written. */
const ROBOT_FLAGS = ["noarchive", "nosnippet", "noimageindex", "nocache", "notranslate", "indexifembedded", "nositelinkssearchbox"];
/** Rules with a value. */
const ROBOT_VALUES = ["unavailable_after", "max-video-preview", "max-image-preview", "max-snippet"];

function robotsContent(robots: string | Robots): string {
  if (typeof robots === "string") return robots;
  const rules: string[] = [];
  if (robots.index !== undefined) rules.push(robots.index ? "index" : "noindex");
  if (robots.follow !== undefined) rules.push(robots.follow ? "follow" : "nofollow");
  for (const name of ROBOT_FLAGS) if (robots[name]) rules.push(name);
  for (const name of ROBOT_VALUES) {
    const value = robots[name];
    if (value !== undefined && value !== null) rules.push(`${name}:${String(value)}`);
  }
  return rules.join(", ");
}

function iconGroups(icons: Icon | readonly Icon[] | Icons): Icons {
  if (typeof icons === "string" || icons instanceof URL || Array.isArray(icons) || "url" in icons) return { icon: icons as Icon | readonly Icon[] };
  return icons as Icons;
}

function addIcon(head: Head, rel: string, icon: Icon, base: Metadata["metadataBase"]): void {
  if (typeof icon === "string" || icon instanceof URL) {
    head.link(rel, String(icon));
    return;
  }
  const { url, rel: own, fetchPriority, ...attributes }: IconDescriptor = icon;
  head.link(own ?? rel, url instanceof URL ? absolute(url, base) : url, { ...attributes, fetchPriority });
}

function addAlternate(head: Head, rel: string, alternate: AlternateUrl, base: Metadata["metadataBase"], attributes: Record<string, string>): void {
  const described = typeof alternate === "object" && !(alternate instanceof URL) ? alternate : { url: alternate, title: undefined };
  head.link(rel, absolute(described.url, base), { ...attributes, title: described.title });
}

function addMedia(head: Head, prefix: string, name: string, media: Many<Media>, base: Metadata["metadataBase"], as: "property" | "meta"): void {
  for (const item of list(media)) {
    if (typeof item === "string" || item instanceof URL) {
      head[as](`${prefix}:${name}`, absolute(item, base));
      continue;
    }
    const { url, ...attributes } = item;
    head[as](`${prefix}:${name}`, absolute(url, base));
    for (const [key, value] of Object.entries(attributes)) {
      head[as](`${prefix}:${name}:${key === "secureUrl" ? "secure_url" : key}`, value);
    }
  }
}

const GRAPH_NAMES: Record<string, string> = { siteName: "site_name", alternateLocale: "locale:alternate", countryName: "country-name", faxNumbers: "fax_number", phoneNumbers: "phone_number", emails: "email", ttl: "ttl", determiner: "determiner" };
const ARTICLE_NAMES: Record<string, string> = { publishedTime: "published_time", modifiedTime: "modified_time", expirationTime: "expiration_time", authors: "author", section: "section", tags: "tag" };

function isMedia(value: unknown): value is Many<Media> {
  return value !== undefined && value !== null;
}

function addOpenGraph(head: Head, graph: NonNullable<Metadata["openGraph"]>, base: Metadata["metadataBase"]): void {
  const first = ["determiner", "title", "description", "url", "siteName", "locale", "countryName", "ttl"];
  const value = (name: string): unknown => {
    const raw = graph[name];
    return name === "url" && (typeof raw === "string" || raw instanceof URL) ? absolute(raw, base) : raw;
  };
  for (const name of first) head.property(`og:${GRAPH_NAMES[name] ?? name}`, value(name));
  for (const kind of ["images", "videos", "audio"] as const) {
    const media = graph[kind];
    if (isMedia(media)) addMedia(head, "og", kind === "audio" ? "audio" : kind.slice(0, -1), media, base, "property");
  }
  for (const name of ["emails", "phoneNumbers", "faxNumbers", "alternateLocale"]) {
    for (const item of list<unknown>(graph[name])) head.property(`og:${GRAPH_NAMES[name] ?? name}`, item);
  }
  const type = text(graph["type"]);
  head.property("og:type", type);
  if (type === "article") {
    for (const [name, property] of Object.entries(ARTICLE_NAMES)) {
      for (const item of list<unknown>(graph[name])) head.property(`article:${property}`, item);
    }
  }
}

function addTwitter(head: Head, twitter: NonNullable<Metadata["twitter"]>, base: Metadata["metadataBase"]): void {
  head.meta("twitter:card", twitter.card);
  for (const [name, key] of [["site", "site"], ["siteId", "site:id"], ["creator", "creator"], ["creatorId", "creator:id"], ["title", "title"], ["description", "description"]] as const) {
    head.meta(`twitter:${key}`, twitter[name]);
  }
  addMedia(head, "twitter", "image", twitter.images, base, "meta");
}

/** The elements of a resolved head. */
export function headElements({ metadata, viewport }: ResolvedHead): ReactNode {
  const head = new Head();
  const base = metadata.metadataBase;
  head.push((key) => <meta key={key} charSet="utf-8" />);
  head.meta("viewport", viewportContent(viewport));
  for (const color of list(viewport.themeColor)) {
    const { color: content, media } = typeof color === "string" ? { color, media: undefined } : color;
    head.push((key) => <meta key={key} name="theme-color" content={content} media={media} />);
  }
  head.meta("color-scheme", viewport.colorScheme);
  const title = text(metadata.title);
  if (title !== undefined) head.push((key) => <title key={key}>{title}</title>);
  head.meta("description", metadata.description);
  head.meta("application-name", metadata.applicationName);
  for (const author of list(metadata.authors)) {
    if (author.url) head.link("author", String(author.url));
    head.meta("author", author.name);
  }
  if (metadata.manifest) head.link("manifest", String(metadata.manifest));
  head.meta("generator", metadata.generator);
  head.meta("keywords", list(metadata.keywords).join(","));
  head.meta("referrer", metadata.referrer);
  head.meta("creator", metadata.creator);
  head.meta("publisher", metadata.publisher);
  const { robots } = metadata;
  if (robots) {
    head.meta("robots", robotsContent(robots));
    if (typeof robots === "object" && robots.googleBot) head.meta("googlebot", robotsContent(robots.googleBot));
  }
  head.meta("abstract", metadata.abstract);
  for (const rel of ["archives", "assets", "bookmarks"] as const) for (const href of list(metadata[rel])) head.link(rel, href);
  if (metadata.pagination?.previous) head.link("prev", absolute(metadata.pagination.previous, base));
  if (metadata.pagination?.next) head.link("next", absolute(metadata.pagination.next, base));
  head.meta("category", metadata.category);
  head.meta("classification", metadata.classification);
  for (const [name, content] of Object.entries(metadata.other ?? {})) for (const item of list(content)) head.meta(name, item);

  const { alternates } = metadata;
  if (alternates?.canonical) addAlternate(head, "canonical", alternates.canonical, base, {});
  for (const [hrefLang, urls] of Object.entries(alternates?.languages ?? {})) for (const url of list(urls)) addAlternate(head, "alternate", url, base, { hrefLang });
  for (const [media, urls] of Object.entries(alternates?.media ?? {})) for (const url of list(urls)) addAlternate(head, "alternate", url, base, { media });
  for (const [type, urls] of Object.entries(alternates?.types ?? {})) for (const url of list(urls)) addAlternate(head, "alternate", url, base, { type });

  if (metadata.itunes) {
    const { appId, appArgument } = metadata.itunes;
    head.meta("apple-itunes-app", `app-id=${appId}${appArgument ? `, app-argument=${absolute(appArgument, base)}` : ""}`);
  }
  head.property("fb:app_id", metadata.facebook?.appId);
  for (const admin of list(metadata.facebook?.admins)) head.property("fb:admins", admin);
  if (metadata.formatDetection) {
    const off = Object.entries(metadata.formatDetection).filter(([, on]) => on === false).map(([name]) => `${name}=no`);
    head.meta("format-detection", off.join(", "));
  }
  const { verification } = metadata;
  for (const [name, key] of [["google", "google-site-verification"], ["yahoo", "y_key"], ["yandex", "yandex-verification"], ["me", "me"]] as const) {
    for (const token of list(verification?.[name])) head.meta(key, token);
  }
  for (const [name, tokens] of Object.entries(verification?.other ?? {})) for (const token of list(tokens)) head.meta(name, token);
  const apple = metadata.appleWebApp === true ? { capable: true } : metadata.appleWebApp;
  if (apple) {
    if (apple.capable !== false) head.meta("mobile-web-app-capable", "yes");
    head.meta("apple-mobile-web-app-title", "title" in apple ? apple.title : undefined);
    head.meta("apple-mobile-web-app-status-bar-style", "statusBarStyle" in apple ? apple.statusBarStyle : "default");
  }
  if (metadata.openGraph) addOpenGraph(head, metadata.openGraph, base);
  if (metadata.twitter) addTwitter(head, metadata.twitter, base);
  const { icons } = metadata;
  if (icons) {
    const groups = iconGroups(icons);
    for (const icon of list(groups.shortcut)) addIcon(head, "shortcut icon", icon, base);
    for (const icon of list(groups.icon)) addIcon(head, "icon", icon, base);
    for (const icon of list(groups.apple)) addIcon(head, "apple-touch-icon", icon, base);
    for (const icon of list(groups.other)) addIcon(head, "icon", icon, base);
  }
  return head.elements;
}
