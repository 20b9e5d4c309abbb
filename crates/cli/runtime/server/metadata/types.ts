// The shape of `metadata` and `viewport`, as far as it is rendered. Apps type theirs with `next`'s own declarations.

type Text = string | number | boolean | URL;
type OneOrMany<T> = T | readonly T[];

/** A title, or the titles for a segment and those below it. */
export type Title = string | { default?: string; template?: string | null; absolute?: string } | null;

/** An icon with its attributes. */
export interface IconDescriptor {
  url: string | URL;
  type?: string;
  sizes?: string;
  media?: string;
  color?: string;
  rel?: string;
  fetchPriority?: "high" | "low" | "auto";
}

/** An icon: its address, or more. */
export type Icon = string | URL | IconDescriptor;

/** Icons by purpose. */
export interface Icons {
  icon?: OneOrMany<Icon>;
  shortcut?: OneOrMany<Icon>;
  apple?: OneOrMany<Icon>;
  other?: OneOrMany<IconDescriptor>;
}

/** An alternative address. */
export type AlternateUrl = string | URL | { url: string | URL; title?: string };

/** An image or another media file of a preview. */
export type Media = string | URL | { url: string | URL; [attribute: string]: Text | undefined };

/** What robots may do. */
export interface Robots {
  index?: boolean;
  follow?: boolean;
  googleBot?: string | Robots;
  [rule: string]: unknown;
}

/** `export const metadata`. */
export interface Metadata {
  metadataBase?: string | URL | null;
  title?: Title;
  description?: string | null;
  applicationName?: string | null;
  authors?: OneOrMany<{ name?: string; url?: string | URL }> | null;
  generator?: string | null;
  keywords?: OneOrMany<string> | null;
  referrer?: string | null;
  creator?: string | null;
  publisher?: string | null;
  robots?: string | Robots | null;
  alternates?: {
    canonical?: AlternateUrl | null;
    languages?: Record<string, OneOrMany<AlternateUrl>>;
    media?: Record<string, OneOrMany<AlternateUrl>>;
    types?: Record<string, OneOrMany<AlternateUrl>>;
  } | null;
  icons?: Icon | readonly Icon[] | Icons | null;
  manifest?: string | URL | null;
  openGraph?: { title?: Title; images?: OneOrMany<Media>; [property: string]: unknown } | null;
  twitter?: { title?: Title; card?: string; images?: OneOrMany<Media>; [property: string]: unknown } | null;
  facebook?: { appId?: string; admins?: OneOrMany<string> } | null;
  verification?: {
    google?: OneOrMany<string>;
    yahoo?: OneOrMany<string>;
    yandex?: OneOrMany<string>;
    me?: OneOrMany<string>;
    other?: Record<string, OneOrMany<string | number>>;
  } | null;
  appleWebApp?: boolean | { capable?: boolean; title?: string; statusBarStyle?: string; startupImage?: unknown } | null;
  formatDetection?: Record<string, boolean | undefined> | null;
  itunes?: { appId: string; appArgument?: string } | null;
  abstract?: string | null;
  archives?: OneOrMany<string> | null;
  assets?: OneOrMany<string> | null;
  bookmarks?: OneOrMany<string> | null;
  pagination?: { previous?: string | URL | null; next?: string | URL | null } | null;
  category?: string | null;
  classification?: string | null;
  other?: Record<string, OneOrMany<string | number>> | null;
}

/** What `generateMetadata` gets as its second argument. */
export type ResolvingMetadata = Promise<Metadata>;

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
