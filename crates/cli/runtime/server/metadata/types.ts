// The shapes of `metadata` and `viewport`: as apps write them, and resolved. Apps type theirs with `next`'s own
// declarations; here is what rendering reads.
import type { Address } from "./urls.ts";

/** A value that may stand alone. */
export type OneOrMany<T> = T | readonly T[];

/** A title, or the titles for a segment and those below it. */
export type Title = string | { default?: string; template?: string | null; absolute?: string } | null;

/** A title whose templates are applied, with the template for the segments below. */
export interface ResolvedTitle {
  template: string | null;
  absolute: string;
}

/** An icon with its attributes. */
export interface IconDescriptor {
  url: Address;
  type?: string;
  sizes?: string;
  media?: string;
  color?: string;
  rel?: string;
  fetchPriority?: "high" | "low" | "auto";
}

/** An icon: its address, or more. */
export type Icon = Address | IconDescriptor;

/** Icons by purpose. */
export interface Icons {
  icon?: OneOrMany<Icon>;
  shortcut?: OneOrMany<Icon>;
  apple?: OneOrMany<Icon>;
  other?: OneOrMany<IconDescriptor>;
}

/** Icons by purpose, all in one form. */
export interface ResolvedIcons {
  icon: IconDescriptor[];
  apple: IconDescriptor[];
  shortcut?: IconDescriptor[];
  other?: IconDescriptor[];
}

/** An alternative address. */
export type AlternateUrl = Address | { url: Address; title?: string };

/** An alternative address, resolved. */
export interface ResolvedAlternate {
  url: string;
  title?: string;
}

/** An image, a video or a sound of a preview. */
export interface MediaDescriptor {
  url: Address;
  [attribute: string]: unknown;
}

/** What robots may do. */
export interface Robots {
  index?: boolean;
  follow?: boolean;
  googleBot?: string | Robots;
  [rule: string]: unknown;
}

/** A page that is part of a preview, with what it is there. */
export type Related = Address | { url: Address; [attribute: string]: unknown };

/** `openGraph` as it is written: which further keys count depends on `type`. */
export interface OpenGraph {
  title?: Title;
  description?: string | null;
  url?: Address | null;
  images?: OneOrMany<Address | MediaDescriptor> | null;
  videos?: OneOrMany<Address | MediaDescriptor> | null;
  audio?: OneOrMany<Address | MediaDescriptor> | null;
  type?: string;
  [property: string]: unknown;
}

/** `openGraph`, resolved. */
export interface ResolvedOpenGraph {
  title: ResolvedTitle | null;
  description: string | null;
  url: string | null;
  images?: MediaDescriptor[];
  type?: string;
  [property: string]: unknown;
}

/** A player of a Twitter card. */
export interface TwitterPlayer {
  playerUrl: Address;
  streamUrl: Address;
  width: number;
  height: number;
}

/** An app of a Twitter card. */
export interface TwitterApp {
  name?: string;
  id: { iphone?: string; ipad?: string; googleplay?: string };
  url?: { iphone?: Address; ipad?: Address; googleplay?: Address };
}

/** `twitter` as it is written. */
export interface Twitter {
  card?: string;
  title?: Title;
  description?: string | null;
  site?: string;
  siteId?: string;
  creator?: string;
  creatorId?: string;
  images?: OneOrMany<Address | MediaDescriptor> | null;
  players?: OneOrMany<TwitterPlayer>;
  app?: TwitterApp;
}

/** `twitter`, resolved. */
export interface ResolvedTwitter {
  card: string;
  title: ResolvedTitle | null;
  description: string | null;
  site: string | null;
  siteId: string | null;
  creator: string | null;
  creatorId: string | null;
  images?: MediaDescriptor[];
  players?: TwitterPlayer[];
  app?: TwitterApp;
}

/** What iOS shows an installed app with. */
export interface AppleWebApp {
  capable?: boolean;
  title?: string | null;
  statusBarStyle?: string;
  startupImage?: OneOrMany<string | { url: string; media?: string }>;
}

/** `export const metadata`. */
export interface Metadata {
  metadataBase?: Address | null;
  title?: Title;
  description?: string | null;
  applicationName?: string | null;
  authors?: OneOrMany<{ name?: string; url?: Address }> | null;
  generator?: string | null;
  keywords?: OneOrMany<string> | null;
  referrer?: string | null;
  creator?: string | null;
  publisher?: string | null;
  robots?: string | Robots | null;
  alternates?: {
    canonical?: AlternateUrl | null;
    languages?: Record<string, OneOrMany<AlternateUrl> | null>;
    media?: Record<string, OneOrMany<AlternateUrl> | null>;
    types?: Record<string, OneOrMany<AlternateUrl> | null>;
  } | null;
  icons?: Icon | readonly Icon[] | Icons | null;
  manifest?: Address | null;
  openGraph?: OpenGraph | null;
  twitter?: Twitter | null;
  facebook?: { appId?: string; admins?: OneOrMany<string> } | null;
  pinterest?: { richPin?: string | boolean } | null;
  verification?: {
    google?: OneOrMany<string | number> | null;
    yahoo?: OneOrMany<string | number> | null;
    yandex?: OneOrMany<string | number> | null;
    me?: OneOrMany<string | number> | null;
    other?: Record<string, OneOrMany<string | number>>;
  } | null;
  appleWebApp?: boolean | AppleWebApp | null;
  formatDetection?: Record<string, boolean | undefined> | null;
  itunes?: { appId: string; appArgument?: string } | null;
  appLinks?: Record<string, OneOrMany<Record<string, unknown>> | undefined> | null;
  abstract?: string | null;
  archives?: OneOrMany<string> | null;
  assets?: OneOrMany<string> | null;
  bookmarks?: OneOrMany<string> | null;
  pagination?: { previous?: Address | null; next?: Address | null } | null;
  category?: string | null;
  classification?: string | null;
  other?: Record<string, OneOrMany<string | number>> | null;
}

/** The metadata of a branch: every field in one form, `null` where nobody said anything. */
export interface ResolvedMetadata {
  metadataBase: URL | null;
  title: ResolvedTitle | null;
  description: string | null;
  applicationName: string | null;
  authors: { name?: string; url?: Address }[] | null;
  generator: string | null;
  keywords: string[] | null;
  referrer: string | null;
  creator: string | null;
  publisher: string | null;
  robots: { basic: string | null; googleBot: string | null } | null;
  alternates: {
    canonical: ResolvedAlternate | null;
    languages: Record<string, ResolvedAlternate[]> | null;
    media: Record<string, ResolvedAlternate[]> | null;
    types: Record<string, ResolvedAlternate[]> | null;
  } | null;
  icons: ResolvedIcons | null;
  manifest: Address | null;
  openGraph: ResolvedOpenGraph | null;
  twitter: ResolvedTwitter | null;
  facebook: { appId?: string; admins?: string[] } | null;
  pinterest: { richPin?: string | boolean } | null;
  verification: Record<"google" | "yahoo" | "yandex" | "me", string[]> & { other: Record<string, string[]> } | null;
  appleWebApp: AppleWebApp & { startupImage?: { url: string; media?: string }[] } | null;
  formatDetection: Record<string, boolean | undefined> | null;
  itunes: { appId: string; appArgument?: string } | null;
  appLinks: Record<string, Record<string, unknown>[]> | null;
  abstract: string | null;
  archives: string[] | null;
  assets: string[] | null;
  bookmarks: string[] | null;
  pagination: { previous: string | null; next: string | null };
  category: string | null;
  classification: string | null;
  other: Record<string, OneOrMany<string | number>> | null;
}

/** What `generateMetadata` gets as its second argument. */
export type ResolvingMetadata = Promise<ResolvedMetadata>;

/** `export const viewport`. */
export interface Viewport {
  width?: string | number;
  height?: string | number;
  initialScale?: number;
  minimumScale?: number;
  maximumScale?: number;
  userScalable?: boolean;
  viewportFit?: string;
  interactiveWidget?: string;
  themeColor?: OneOrMany<string | { color: string; media?: string }> | null;
  colorScheme?: string | null;
}
