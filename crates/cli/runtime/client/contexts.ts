// What the router tells components, as React contexts. SSR and the browser provide them through `AppRoot`.
import { createContext } from "react";
import type { ReactNode } from "react";
import type { Params } from "./router/params.ts";
import type { SegmentPayload } from "../shared/payload.ts";

/** Options of a navigation that code starts. */
export interface NavigateOptions {
  /** Whether to scroll to the top of the new page. Default: true. */
  scroll?: boolean;
  /** Names that view transitions see. */
  transitionTypes?: string[];
}

/** Options of a prefetch that code starts. */
export interface PrefetchOptions {
  /** "full" also fetches what the server renders per request. */
  kind?: "auto" | "full";
  /** Called once when the fetched page may not be shown any more. */
  onInvalidate?: () => void;
}

/** What `useRouter()` returns. */
export interface AppRouterInstance {
  push(href: string, options?: NavigateOptions): void;
  replace(href: string, options?: NavigateOptions): void;
  refresh(): void;
  prefetch(href: string, options?: PrefetchOptions): void;
  back(): void;
  forward(): void;
  /** Changes when a navigation creates the surrounding segment, and comes back with it. */
  readonly bfcacheId: string;
}

/** The router; `null` outside an app. */
export const RouterContext = createContext<AppRouterInstance | null>(null);

/** The path in the address bar without base path, percent-encoded. `null`: a shell is rendered, for any of them. */
export const PathnameContext = createContext<string | null>("/");

/** The query. `null` while a page is prerendered, when there is none yet. */
export const SearchParamsContext = createContext<URLSearchParams | null>(new URLSearchParams());

/** The parameters of all active segments. `null`: a shell is rendered, for any of them. */
export const ParamsContext = createContext<Params | null>({});

/** What is not known while a shell is rendered: it never comes. */
export const NEVER: Promise<never> = new Promise<never>(() => {});

/** The segment whose layout or page is being rendered. */
export const SegmentContext = createContext<SegmentPayload | null>(null);

/** The metadata that came after the page, and what it belongs to. */
export const MetadataContext = createContext<{ key: string; elements: ReactNode } | null>(null);

/** What a `template` wraps. */
export const SlotContentContext = createContext<ReactNode>(null);

/** What the document's scripts carry while it is rendered. `undefined` in the browser, which does not tell. */
export const NonceContext = createContext<string | undefined>(undefined);

/** Takes callbacks whose output SSR inserts into the document. `null` in the browser. */
export const ServerInsertedHTMLContext = createContext<((callback: () => ReactNode) => void) | null>(null);
