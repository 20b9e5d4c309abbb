// The browser's history and address bar. The only module that touches them.
import { clientConfig } from "../../shared/config.ts";
import { stripBasePath, toBrowserHref } from "../../shared/href.ts";
import { keptHrefs } from "./merge.ts";
import type { View } from "./state.ts";

/** What the router keeps in an entry's state. `__NA` tells tools that the entry is the App Router's. */
interface Mark {
  __NA: true;
  key: string;
  /** What is needed to show the view again after a document has been loaded. */
  from?: string | undefined;
  kept?: string[] | undefined;
}

/** A key for a new history entry. */
export function newKey(): string {
  return Math.random().toString(36).slice(2, 10);
}

function isMark(state: unknown): state is Mark {
  return (
    typeof state === "object" && state !== null && "__NA" in state && "key" in state && typeof state.key === "string"
  );
}

/** The key of an entry's state, if the router has written it. */
export function keyOf(state: unknown): string | null {
  return markOf(state)?.key ?? null;
}

/** What the router has written into an entry's state. */
export function markOf(state: unknown): Pick<Mark, "key" | "from" | "kept"> | null {
  return isMark(state) ? { key: state.key, from: state.from, kept: state.kept } : null;
}

/** The address bar as an app-relative href; `null` outside the base path. */
export function currentHref(): string | null {
  const pathname = stripBasePath(location.pathname, clientConfig().basePath);
  return pathname === null ? null : pathname + location.search + location.hash;
}

/** Marks the current entry as a document's and keeps what others stored in it. */
export function markEntry(key: string): void {
  history.replaceState({ ...toObject(history.state), __NA: true, key, from: undefined, kept: undefined }, "");
}

/** Puts a view into the history as it asks. */
export function writeView(view: View): void {
  if (view.history === "none") return;
  const mark: Mark = { __NA: true, key: view.key, from: view.from, kept: keptHrefs(view.tree) };
  const url = toBrowserHref(view.href, clientConfig());
  if (view.history === "push") history.pushState(mark, "", url);
  else history.replaceState(mark, "", url);
}

/** Leaves the app's own navigation: the browser loads the address. */
export function loadDocument(url: string, replace: boolean): void {
  const target = new URL(url, location.href).href;
  if (target === location.href) location.reload();
  else if (replace) location.replace(target);
  else location.assign(target);
}

/**
 * Lets apps change the address with `history.pushState` and `replaceState`: `onShallow` hears of it with the entry's
 * key. The router's own writes pass.
 */
export function watchHistory(onShallow: (href: string, key: string) => void): void {
  for (const name of ["pushState", "replaceState"] as const) {
    const native = history[name].bind(history);
    history[name] = (data: unknown, unused: string, url?: string | URL | null) => {
      if (isMark(data)) return native(data, unused, url);
      const key = (name === "replaceState" && keyOf(history.state)) || newKey();
      native({ ...toObject(data), ...markOf(history.state), __NA: true, key }, unused, url);
      const href = currentHref();
      if (href !== null) onShallow(href, key);
    };
  }
}

function toObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
