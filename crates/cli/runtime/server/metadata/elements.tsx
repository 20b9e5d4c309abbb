// The elements of a document's head.
import type { ReactNode } from "react";
import { Head } from "./head.tsx";
import { list } from "./lists.ts";
import { addOpenGraph } from "./open-graph.ts";
import { addTwitter } from "./twitter.ts";
import type { IconDescriptor, ResolvedAlternate, ResolvedMetadata, Viewport } from "./types.ts";

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

/** What a document says before anything else. */
export function viewportElements(viewport: Viewport): ReactNode {
  const head = new Head();
  head.push((key) => <meta key={key} charSet="utf-8" />);
  head.meta("viewport", viewportContent(viewport));
  for (const color of list(viewport.themeColor)) {
    const { color: content, media } = typeof color === "string" ? { color, media: undefined } : color;
    head.push((key) => <meta key={key} name="theme-color" content={content} media={media} />);
  }
  head.meta("color-scheme", viewport.colorScheme);
  return head.elements;
}

function addAlternates(head: Head, groups: Record<string, ResolvedAlternate[]> | null | undefined, attribute: "hrefLang" | "media" | "type"): void {
  for (const [name, urls] of Object.entries(groups ?? {})) {
    for (const { url, title } of urls) head.link("alternate", url, { [attribute]: name, title });
  }
}

function addIcons(head: Head, rel: string, icons: readonly IconDescriptor[] | undefined): void {
  for (const { url, rel: own, ...attributes } of icons ?? []) head.link(own ?? rel, url, attributes);
}

/** The order in which what is not detected is named. */
const DETECTED = ["telephone", "date", "address", "email", "url"];

/** The elements of resolved metadata. */
export function metadataElements(metadata: ResolvedMetadata): ReactNode {
  const head = new Head();
  const title = metadata.title?.absolute;
  if (title !== undefined && title !== "") head.push((key) => <title key={key}>{title}</title>);
  head.meta("description", metadata.description);
  head.meta("application-name", metadata.applicationName);
  for (const author of metadata.authors ?? []) {
    if (author.url) head.link("author", author.url);
    head.meta("author", author.name);
  }
  head.link("manifest", metadata.manifest);
  head.meta("generator", metadata.generator);
  head.meta("keywords", metadata.keywords?.join(","));
  head.meta("referrer", metadata.referrer);
  head.meta("creator", metadata.creator);
  head.meta("publisher", metadata.publisher);
  head.meta("robots", metadata.robots?.basic);
  head.meta("googlebot", metadata.robots?.googleBot);
  head.meta("abstract", metadata.abstract);
  for (const rel of ["archives", "assets", "bookmarks"] as const) for (const href of metadata[rel] ?? []) head.link(rel, href);
  head.link("prev", metadata.pagination.previous);
  head.link("next", metadata.pagination.next);
  head.meta("category", metadata.category);
  head.meta("classification", metadata.classification);
  for (const [name, content] of Object.entries(metadata.other ?? {})) for (const item of list(content)) head.meta(name, item);

  const { alternates, itunes, verification, appleWebApp } = metadata;
  head.link("canonical", alternates?.canonical?.url);
  addAlternates(head, alternates?.languages, "hrefLang");
  addAlternates(head, alternates?.media, "media");
  addAlternates(head, alternates?.types, "type");
  if (itunes) head.meta("apple-itunes-app", `app-id=${itunes.appId}${itunes.appArgument ? `, app-argument=${itunes.appArgument}` : ""}`);
  head.property("fb:app_id", metadata.facebook?.appId);
  for (const admin of metadata.facebook?.admins ?? []) head.property("fb:admins", admin);
  head.property("pinterest-rich-pin", metadata.pinterest?.richPin);
  const { formatDetection } = metadata;
  if (formatDetection) head.meta("format-detection", DETECTED.filter((name) => formatDetection[name] === false).map((name) => `${name}=no`).join(", "));
  for (const [name, key] of [["google", "google-site-verification"], ["yahoo", "y_key"], ["yandex", "yandex-verification"], ["me", "me"]] as const) {
    for (const token of verification?.[name] ?? []) head.meta(key, token);
  }
  for (const [name, tokens] of Object.entries(verification?.other ?? {})) for (const token of tokens) head.meta(name, token);
  if (appleWebApp) {
    if (appleWebApp.capable) head.meta("mobile-web-app-capable", "yes");
    head.meta("apple-mobile-web-app-title", appleWebApp.title);
    for (const { url, media } of appleWebApp.startupImage ?? []) head.link("apple-touch-startup-image", url, { media });
    head.meta("apple-mobile-web-app-status-bar-style", appleWebApp.statusBarStyle);
  }
  if (metadata.openGraph) addOpenGraph(head, metadata.openGraph);
  if (metadata.twitter) addTwitter(head, metadata.twitter);
  for (const [platform, apps] of Object.entries(metadata.appLinks ?? {})) {
    for (const app of apps) for (const [key, value] of Object.entries(app)) head.property(`al:${platform}:${key}`, value);
  }
  addIcons(head, "shortcut icon", metadata.icons?.shortcut);
  addIcons(head, "icon", metadata.icons?.icon);
  addIcons(head, "apple-touch-icon", metadata.icons?.apple);
  addIcons(head, "icon", metadata.icons?.other);
  return head.elements;
}
