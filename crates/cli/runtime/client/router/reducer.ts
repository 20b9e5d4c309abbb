// The router as a pure function: state and action to state. Time, keys and network answers come in with the action;
// what must happen outside follows from the new state: `pending` asks for a payload, `leave` for a document.
import { splitHref, withoutHash } from "../../shared/href.ts";
import { withIds, withLastIds } from "./ids.ts";
import { isComplete, isOtherDocument, keptHrefs, mergeTree, refreshKept, withKept } from "./merge.ts";
import { BYTES_LIMIT, CACHE_LIMIT } from "./state.ts";
import type { RoutePayload, SegmentPayload } from "../../shared/payload.ts";
import type { CacheEntry, HistoryWrite, Pending, RouterState, View } from "./state.ts";

/** What can happen to the router. */
export type Action =
  /** A link or `router.push`/`replace`. */
  | { type: "navigate"; id: number; href: string; key: string; replace: boolean; scroll: boolean; now: number }
  /** The browser moved in its history, to an entry that was written so. */
  | { type: "restore"; id: number; href: string; key: string; from?: string | undefined; kept?: readonly string[] | undefined; now: number }
  /** `router.refresh()`. */
  | { type: "refresh"; id: number }
  /** What was fetched or seen before is not to be shown again without asking. */
  | { type: "outdate" }
  /** The payload of a pending view arrived; `href` is where redirects ended. `kept`: the trees of the addresses of kept slots. It may be shown again for `seconds`. */
  | { type: "patch"; id: number; href: string; payload: RoutePayload; kept?: ReadonlyMap<string, SegmentPayload>; seconds?: number; now?: number; bytes?: number }
  /** The payload of a pending view cannot be had. */
  | { type: "fail"; id: number; href: string }
  /** A prefetched payload arrived; it may be shown for `seconds`. */
  | { type: "store"; href: string; payload: RoutePayload; seconds: number; bytes?: number; now: number }
  /** More is known of the page of a pending view. */
  | { type: "follow"; id: number; now: number }
  /** The app itself changed the address with `history.pushState` or `replaceState`. */
  | { type: "shallow"; href: string; key: string }
  /** A view is in the document, and the history has it. */
  | { type: "written"; view: View };

/** The state with which a document starts. */
export function initialState(payload: RoutePayload, href: string, key: string, now = 0): RouterState {
  const view: View = { href, key, tree: payload.tree, ...headOf(payload), history: "none", scroll: "none" };
  const state: RouterState = {
    buildId: payload.buildId,
    view,
    written: true,
    pending: null,
    cache: new Map(),
    visited: new Map([[key, view]]),
    basis: payload.tree,
    leave: null,
  };
  return stored(state, href, payload, payload.revisitTime ?? 0, now);
}

/** The state after an action. */
export function reduce(state: RouterState, action: Action): RouterState {
  switch (action.type) {
    case "navigate":
      return navigate(state, action);
    case "restore":
      return restore(state, action);
    case "refresh":
      return refresh(state, action.id);
    case "outdate":
      return { ...state, ...outdated(state) };
    case "patch":
      return patch(state, action);
    case "fail":
      return state.pending?.id === action.id ? { ...state, pending: null, leave: action.href } : state;
    case "store":
      if (action.payload.buildId !== state.buildId) return state;
      return stored(state, action.href, action.payload, action.seconds, action.now, action.bytes);
    case "follow":
      return state.pending?.id === action.id ? follow(state, state.pending, action.now) : state;
    case "shallow": {
      // The address changes, but what is on its way stays on its way.
      const view = { ...state.view, href: action.href, key: action.key, history: "none", scroll: "none" } as const;
      return { ...shown(state, view), pending: state.pending };
    }
    case "written":
      return action.view === state.view ? { ...state, written: true } : state;
  }
}

function headOf({ head, metadata }: RoutePayload): Pick<View, "head" | "metadata"> {
  return { head, ...(metadata !== undefined && { metadata }) };
}

/** Asks again for what is shown, or for what is about to be shown: then the history still has to be written. */
function refresh(state: RouterState, id: number): RouterState {
  const { href, key } = state.pending ?? state.view;
  const { history, scroll } = state.pending ?? (state.written ? SETTLED : state.view);
  // What was seen before may be outdated in the same way as what is shown.
  const { from } = state.pending ?? state.view;
  const pending: Pending = { id, href, key, mode: "refresh", history, scroll, ...(from !== undefined && { from }), kept: keptHrefs(state.view.tree) };
  return { ...state, ...outdated(state), pending, leave: null };
}

function outdated({ visited }: RouterState): Pick<RouterState, "cache" | "visited" | "basis"> {
  return { cache: new Map(), visited: new Map([...visited].map(([key, view]) => [key, { ...view, outdated: true }])), basis: null };
}

const SETTLED = { history: "none", scroll: "none" } as const;

function navigate(state: RouterState, action: Extract<Action, { type: "navigate" }>): RouterState {
  const { href } = action;
  const pending: Pending = {
    id: action.id,
    href,
    key: action.replace ? state.view.key : action.key,
    mode: "navigate",
    history: action.replace ? replacing(state) : "push",
    scroll: action.scroll ? "target" : "none",
    from: splitHref(state.view.href).pathname,
  };
  const sameDocument = withoutHash(href) === withoutHash(state.view.href);
  if (sameDocument && href.includes("#")) {
    return shown(state, { ...state.view, href, key: pending.key, history: pending.history, scroll: pending.scroll });
  }
  // Following a link to where one is asks for fresh data, but leaves no second entry in the history.
  const next =
    sameDocument && href === state.view.href ? { ...pending, key: state.view.key, history: replacing(state) } : pending;
  return follow(state, next, action.now);
}

/** Shows what is known of a page, and asks for what is not. */
function follow(state: RouterState, pending: Pending, now: number): RouterState {
  const { href } = pending;
  const entry = fresh(state, href, now);
  if (entry === null || pending.kept?.length) return { ...state, pending, leave: null };
  const at = state.cache.get(withoutHash(href)) === entry ? href : splitHref(href).pathname;
  const known = touched(state, at, entry);
  if (!entry.payload.shell) return show(known, pending, href, entry.payload);
  if (isOtherDocument(state.view.tree, entry.payload.tree)) return { ...state, pending: null, leave: href };
  const { history, scroll, key } = pending;
  const merged = mergeTree(state.view.tree, entry.payload.tree, pending.mode, hrefOfKept(state, pending));
  // The same page with another query: there is no loading interface to show.
  if (isComplete(merged)) return { ...known, pending, leave: null };
  const tree = withIds(merged, state.view.tree, String(pending.id));
  const view = { href, key, tree, ...headOf(entry.payload), history, scroll };
  // What is at the fragment comes with the page itself.
  const later = { ...pending, history: "none", scroll: href.includes("#") ? scroll : "none" } as const;
  return { ...shown(known, view), pending: later };
}

/** To replace an entry that was to be pushed is to push. */
function replacing(state: RouterState): HistoryWrite {
  return !state.written && state.view.history === "push" ? "push" : "replace";
}

function restore(state: RouterState, action: Extract<Action, { type: "restore" }>): RouterState {
  const { id, href, key } = action;
  const seen = state.visited.get(key);
  const same = seen?.href === href ? seen : undefined;
  if (same && !same.outdated && isComplete(same.tree)) {
    const view = process.env.__NEXT_CACHE_COMPONENTS === "true" ? withCurrentIds(state, same) : same;
    return shown(state, { ...view, history: "none", scroll: "none" });
  }
  const { from } = same ?? action;
  const kept = same ? keptHrefs(same.tree) : (action.kept ?? []);
  const pending: Pending = { id, href, key, mode: "navigate", history: "none", scroll: "restore", ...(from !== undefined && { from }), kept };
  if (withoutHash(href) === withoutHash(state.view.href)) {
    return shown(state, { ...state.view, href, key, history: "none", scroll: "none" });
  }
  return follow(state, pending, action.now);
}

/** A view that was seen before. A segment that stays mounted has one state for all entries, and so it has one id. */
function withCurrentIds({ visited }: RouterState, view: View): View {
  return { ...view, tree: withLastIds(view.tree, [...visited.values()].map(({ tree }) => tree)) };
}

function patch(state: RouterState, action: Extract<Action, { type: "patch" }>): RouterState {
  const { payload } = action;
  if (payload.buildId !== state.buildId) {
    return state.pending?.id === action.id ? { ...state, pending: null, leave: action.href } : state;
  }
  if (state.pending?.id !== action.id) return state;
  const next = show(state, state.pending, action.href, payload, action.kept);
  // Who asks for a page gets it as it is now, unless the app says that it may be seen again.
  const { seconds = 0, now = 0, bytes } = action;
  const { tree } = next.view;
  return next.leave === null && keptHrefs(tree).length === 0 ? stored(next, action.href, { ...payload, tree }, seconds, now, bytes) : next;
}

/** Shows a payload as `pending` asked. */
function show(
  state: RouterState,
  pending: Pending,
  href: string,
  payload: RoutePayload,
  kept: ReadonlyMap<string, SegmentPayload> = new Map(),
): RouterState {
  if (isOtherDocument(state.view.tree, payload.tree)) return { ...state, pending: null, leave: href };
  const shownAt = hrefOfKept(state, pending);
  const next = shownAt === null ? withKept(payload.tree, kept) : payload.tree;
  const merged = mergeTree(state.view.tree, next, pending.mode, shownAt);
  const tree = withIds(shownAt === null ? merged : refreshKept(merged, kept), state.view.tree, String(pending.id));
  if (!isComplete(tree)) return { ...state, pending: null, leave: href };
  const { history, from } = pending;
  const { scroll } = pending.scroll === "target" && isStill(state.view, payload, href) ? SETTLED : pending;
  // A restored view scrolls: so this is what is shown already, asked for again.
  const inPlace = history === "none" && scroll === "none" && href === pending.href;
  // Meanwhile the app may have changed its address.
  const at = inPlace ? state.view : { href, key: pending.key };
  // A redirect changes the address even where the history entry exists already.
  const write = history === "none" && href !== pending.href ? "replace" : history;
  return shown(state, { href: at.href, key: at.key, tree, ...headOf(payload), history: write, scroll, ...(from !== undefined && { from }) });
}

/** The address of slots that stay as they are; `null` when going back, where they show what they showed then. */
function hrefOfKept({ view }: RouterState, { mode, kept }: Pending): string | null {
  return mode === "navigate" && kept ? null : withoutHash(view.href);
}

/** Whether only the query has changed, of a page that is the same for all of them. */
function isStill(view: View, { staleTime }: RoutePayload, href: string): boolean {
  const [before, after] = [splitHref(view.href), splitHref(href)];
  const isOther = before.search !== after.search && after.hash === "";
  return staleTime > 0 && isOther && before.pathname === after.pathname;
}

function shown(state: RouterState, view: View): RouterState {
  const written = view.history === "none";
  const basis = view.tree === state.view.tree ? state.basis : view.tree;
  return { ...state, view, written, basis, pending: null, leave: null, visited: withLatest(state.visited, view.key, view) };
}

/**
 * What may be shown of a page without asking. A page that is the same for everybody is so for every query. What came
 * with a query is not for those without: a rewrite may have made another page of it.
 */
export function fresh(state: RouterState, href: string, now: number): CacheEntry | null {
  const isFresh = (entry: CacheEntry | undefined): entry is CacheEntry => entry !== undefined && entry.expires > now;
  const own = state.cache.get(withoutHash(href));
  if (isFresh(own) && !own.payload.shell) return own;
  const common = state.cache.get(splitHref(href).pathname);
  if (isFresh(common) && !common.payload.shell && common.payload.staleTime > 0) return common;
  return isFresh(own) ? own : null;
}

/** Something with layouts that another page may be shown with, until `expires` (milliseconds). */
export interface Nearest {
  payload: { tree: SegmentPayload | null };
  expires: number;
}

/** The page that is likely to share the most layouts with the one at `href`: its address is the most alike. */
export function nearest({ basis, view, cache }: RouterState, href: string, now: number): Nearest {
  let best: Nearest = { payload: { tree: basis }, expires: Infinity };
  let most = basis ? alike(view.href, href) : -1;
  for (const [at, entry] of cache) {
    const length = alike(at, href);
    if (length > most && entry.expires > now) {
      most = length;
      best = entry;
    }
  }
  return best;
}

function alike(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function touched(state: RouterState, href: string, entry: CacheEntry): RouterState {
  const cache = withLatest(state.cache, withoutHash(href), entry);
  let bytes = 0;
  for (const { bytes: size } of cache.values()) bytes += size;
  for (const [oldest, { bytes: size }] of cache) {
    if (bytes <= BYTES_LIMIT || cache.size === 1) break;
    bytes -= size;
    cache.delete(oldest);
  }
  return { ...state, cache };
}

function stored(
  state: RouterState,
  href: string,
  payload: RoutePayload,
  seconds: number,
  now: number,
  bytes = 0,
): RouterState {
  const entry = state.cache.get(withoutHash(href));
  // A whole page is not given up for its loading interface.
  if (seconds <= 0 || (payload.shell && entry && !entry.payload.shell && entry.expires > now)) return state;
  return touched(state, href, { payload, expires: now + seconds * 1000, bytes });
}

/** A copy in which `key` is the youngest entry; the oldest one goes if there are too many. */
export function withLatest<V>(map: ReadonlyMap<string, V>, key: string, value: V, limit = CACHE_LIMIT): Map<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  copy.set(key, value);
  for (const oldest of copy.keys()) {
    if (copy.size <= limit) break;
    copy.delete(oldest);
  }
  return copy;
}
