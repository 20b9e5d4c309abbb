// The other fields of `metadata`, each brought into one form. Pure.
import { list, listOrNull } from "./lists.ts";
import { alternateUrl, pageUrl } from "./urls.ts";
import type { AlternateUrl, Icon, IconDescriptor, Icons, Metadata, OneOrMany, ResolvedAlternate, ResolvedIcons, ResolvedMetadata, Robots } from "./types.ts";
import type { UrlContext } from "./urls.ts";

/** Rules that are on or off, in the order in which they are written. */
const ROBOT_FLAGS = ["noarchive", "nosnippet", "noimageindex", "nocache", "notranslate", "indexifembedded", "nositelinkssearchbox"];
/** Rules with a value. */
const ROBOT_VALUES = ["unavailable_after", "max-video-preview", "max-image-preview", "max-snippet"];

function robotsRules(robots: string | Robots): string {
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

/** `robots`. */
export function resolveRobots(robots: Metadata["robots"]): ResolvedMetadata["robots"] {
  if (!robots) return null;
  const googleBot = typeof robots === "object" && robots.googleBot ? robotsRules(robots.googleBot) : null;
  return { basic: robotsRules(robots), googleBot };
}

function describeIcon(icon: Icon): IconDescriptor {
  return typeof icon === "string" || icon instanceof URL ? { url: icon } : icon;
}

function iconsByPurpose(icons: Icon | readonly Icon[] | Icons): Icons {
  if (typeof icons === "string" || icons instanceof URL || Array.isArray(icons) || "url" in icons) return { icon: icons as OneOrMany<Icon> };
  return icons as Icons;
}

/** `icons`. */
export function resolveIcons(icons: Metadata["icons"]): ResolvedIcons | null {
  if (!icons) return null;
  const { icon, apple, shortcut, other } = iconsByPurpose(icons);
  return {
    icon: list(icon).map(describeIcon),
    apple: list(apple).map(describeIcon),
    ...(shortcut && { shortcut: list(shortcut).map(describeIcon) }),
    ...(other && { other: [...list(other)] }),
  };
}

function resolveAlternate(alternate: AlternateUrl, base: URL | null, context: UrlContext): ResolvedAlternate {
  if (typeof alternate === "string" || alternate instanceof URL) return { url: alternateUrl(alternate, base, context) };
  return { url: alternateUrl(alternate.url, base, context), ...(alternate.title !== undefined && { title: alternate.title }) };
}

/** `alternates`. */
export function resolveAlternates(alternates: Metadata["alternates"], base: URL | null, context: UrlContext): ResolvedMetadata["alternates"] {
  if (!alternates) return null;
  const group = (urls: Record<string, OneOrMany<AlternateUrl> | null> | undefined): Record<string, ResolvedAlternate[]> | null =>
    urls ? Object.fromEntries(Object.entries(urls).map(([name, some]) => [name, list(some).map((one) => resolveAlternate(one, base, context))])) : null;
  return {
    // It is the address of this page: it has no title.
    canonical: alternates.canonical ? { url: resolveAlternate(alternates.canonical, base, context).url } : null,
    languages: group(alternates.languages),
    media: group(alternates.media),
    types: group(alternates.types),
  };
}

/** `verification`. */
export function resolveVerification(verification: Metadata["verification"]): ResolvedMetadata["verification"] {
  if (!verification) return null;
  const tokens = (value: OneOrMany<string | number> | null | undefined): string[] => list(value).map(String);
  const other = Object.entries(verification.other ?? {}).map(([name, value]) => [name, tokens(value)] as const);
  return {
    google: tokens(verification.google),
    yahoo: tokens(verification.yahoo),
    yandex: tokens(verification.yandex),
    me: tokens(verification.me),
    other: Object.fromEntries(other),
  };
}

/** `appleWebApp`. */
export function resolveAppleWebApp(app: Metadata["appleWebApp"]): ResolvedMetadata["appleWebApp"] {
  if (!app) return null;
  if (app === true) return { capable: true };
  const { startupImage, ...rest } = app;
  const images = list(startupImage).map((image) => (typeof image === "string" ? { url: image } : image));
  return { ...rest, capable: app.capable ?? true, title: app.title ?? null, statusBarStyle: app.statusBarStyle ?? "default", ...(startupImage && { startupImage: images }) };
}

/** `appLinks`. */
export function resolveAppLinks(links: Metadata["appLinks"]): ResolvedMetadata["appLinks"] {
  if (!links) return null;
  return Object.fromEntries(Object.entries(links).map(([platform, apps]) => [platform, [...list(apps)]]));
}

/** `facebook`. */
export function resolveFacebook(facebook: Metadata["facebook"]): ResolvedMetadata["facebook"] {
  if (!facebook) return null;
  const { appId, admins } = facebook;
  return { ...(appId !== undefined && { appId }), ...(admins !== undefined && { admins: [...list(admins)] }) };
}

/** `itunes`. */
export function resolveItunes(itunes: Metadata["itunes"], base: URL | null, context: UrlContext): ResolvedMetadata["itunes"] {
  if (!itunes) return null;
  const { appId, appArgument } = itunes;
  return { appId, ...(appArgument !== undefined && { appArgument: pageUrl(appArgument, base, context) }) };
}

/** `pagination`. */
export function resolvePagination(pagination: Metadata["pagination"], base: URL | null, context: UrlContext): ResolvedMetadata["pagination"] {
  const resolve = (url: string | URL | null | undefined): string | null => (url ? alternateUrl(url, base, context) : null);
  return { previous: resolve(pagination?.previous), next: resolve(pagination?.next) };
}

/** `keywords`. */
export function resolveKeywords(keywords: Metadata["keywords"]): string[] | null {
  return listOrNull(keywords);
}
