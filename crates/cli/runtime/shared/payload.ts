// What travels in the Flight stream of a page: written by the server, read by the client's router.
import type { ReactNode } from "react";
import type { ErrorComponent } from "../client/boundaries.tsx";

/** The kinds of dynamic segment: `[x]`, `[...x]`, `[[...x]]`. */
export type ParamKind = "d" | "c" | "oc";

/** The value of one dynamic segment, percent-encoded as in the URL. */
export interface SegmentParam {
  name: string;
  kind: ParamKind;
  value: string | string[];
}

/** One segment of the rendered route, with what is below it. */
export interface SegmentPayload {
  /** Folder name: "", "blog", "[slug]", "(shop)"; "__PAGE__" or "__DEFAULT__" at a leaf. */
  segment: string;
  /** Equal keys at one place mean the same segment with the same parameters, so its layout is kept. */
  key: string;
  param?: SegmentParam;
  /** The rendered layout or page. Absent: the client said that it has it. */
  node?: ReactNode;
  /** Has the root layout: under another one is another document. */
  root?: true;
  /** Given by the client when a navigation creates the segment: what `bfcacheId` says. */
  id?: string;
  slots: Record<string, SegmentPayload>;
  /** The client's own mark of a slot that was kept when the address changed: the address that it shows. */
  href?: string;
}

/** The interface for errors that nothing below catches, and what it looks like. */
export interface GlobalErrorPayload {
  Component?: ErrorComponent;
  styles: ReactNode;
}

/** The model of a page's Flight stream. */
export interface RoutePayload {
  buildId: string;
  /** Path and query as the browser shows them, without the base path. */
  href: string;
  tree: SegmentPayload;
  /** `<title>`, `<meta>` and `<link>` elements, which React hoists. */
  head: ReactNode;
  /** Those that nobody waits for. */
  metadata?: ReactNode;
  /** The app's `global-error`. */
  globalError?: GlobalErrorPayload;
  /** The page itself is missing: this is what a click shows until it is there. */
  shell?: true;
  /** Seconds for which a client that fetched this in advance may show it without asking; 0 if it is made per request. */
  staleTime: number;
  /** Seconds for which a page that is made per request may be shown again to who has seen it. */
  revisitTime?: number;
}
