// The router's state: everything that decides what is shown and what the address bar says. Plain, immutable data.
import type { ReactNode } from "react";
import type { RoutePayload, SegmentPayload } from "../../shared/payload.ts";

/** How a view enters the browser's history when it is shown. */
export type HistoryWrite = "push" | "replace" | "none";

/** Where the page scrolls when a view is shown. `target`: to the fragment, or else to the top. */
export type ScrollIntent = "target" | "restore" | "none";

/** One thing to show: a page at an address. */
export interface View {
  /** Path, query and fragment, without base path. */
  href: string;
  /** Identifies the entry of the browser's history. */
  key: string;
  tree: SegmentPayload;
  head: ReactNode;
  metadata?: ReactNode;
  history: HistoryWrite;
  scroll: ScrollIntent;
  /** The path from which a navigation led here: an intercepted page is only itself for who comes from there. */
  from?: string;
  /** A refresh came after it: going back asks for it again. */
  outdated?: true;
}

/** A payload that may be shown again without asking, until `expires` (milliseconds). */
export interface CacheEntry {
  payload: RoutePayload;
  expires: number;
  /** How much room it takes, roughly. */
  bytes: number;
}

/** A view whose payload is not here yet. The latest request wins. */
export interface Pending {
  id: number;
  href: string;
  key: string;
  mode: "navigate" | "refresh";
  history: HistoryWrite;
  scroll: ScrollIntent;
  from?: string;
  /** Of what was shown before, which is asked for again: the addresses of the slots that are not this page's own. */
  kept?: readonly string[];
}

/** The state that the reducer maps. */
export interface RouterState {
  /** The build that the document came from: payloads of another one cannot be mixed in. */
  buildId: string;
  view: View;
  /** Whether the history has the view: it is written when the view is in the document. */
  written: boolean;
  pending: Pending | null;
  /** Payloads by path and query; the least recently used first. */
  cache: ReadonlyMap<string, CacheEntry>;
  /** Views by history key, for going back at once; the oldest first. */
  visited: ReadonlyMap<string, View>;
  /** The shown tree, whose layouts other pages may be shown with; `null` while it is outdated itself. */
  basis: SegmentPayload | null;
  /** Set when only the browser can go on: the address to load. */
  leave: string | null;
}

/** How many payloads and how many visited views are kept. */
export const CACHE_LIMIT = 50;
/** How many bytes all kept payloads may take, as they came from the server. */
export const BYTES_LIMIT = 4 * 1024 * 1024;
