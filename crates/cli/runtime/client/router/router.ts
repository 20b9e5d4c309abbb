// The router in the browser: runs the reducer and does what the state then asks for. One per document.
import { startTransition } from "react";
import { clientConfig } from "../../shared/config.ts";
import { resolveTarget, splitHref, toBrowserHref, withoutHash } from "../../shared/href.ts";
import { announcePage } from "./announcer.ts";
import { expectArrivals } from "./arrivals.ts";
import { currentHref, keyOf, loadDocument, markEntry, newKey, watchHistory, writeView } from "./history.ts";
import { prefetch, prefetchUnderWay, startPrefetching } from "./prefetch.ts";
import { initialState, reduce } from "./reducer.ts";
import { requestPage } from "./request.ts";
import { rememberScroll, scrollFor } from "./scroll.ts";
import type { Action } from "./reducer.ts";
import type { Pending, RouterState, View } from "./state.ts";
import type { AppRouterInstance, NavigateOptions } from "../contexts.ts";
import type { RoutePayload } from "../../shared/payload.ts";

/** What `AppRoot` needs from the router. SSR has none. */
export interface BrowserRouter {
  /** What `useRouter()` returns. */
  instance: AppRouterInstance;
  /** The first view. Further calls return the current one. */
  begin(payload: RoutePayload): View;
  /** Gives the router the way to show a view. Returns what takes it away. */
  connect(show: (next: View | Promise<View>) => void): () => void;
  /** The view is about to be in the document. */
  committing(view: View): void;
  /** The view is in the document. */
  committed(view: View): void;
}

/** Seconds for which a page that is rendered per request may be shown if it was prefetched on demand. */
const FULL_PREFETCH_SECONDS = 30;
const never = new Promise<never>(() => {});

/** Starts the router of this document. */
export function createRouter(): BrowserRouter {
  let state: RouterState | null = null;
  let show: ((next: View | Promise<View>) => void) | null = null;
  let lastId = 0;
  let announced: View | null = null;

  /** Runs an action that changes what is shown. */
  function run(action: Action): void {
    if (!state) return;
    state = reduce(state, action);
    const { pending, view } = state;
    const next = pending && pending.id === lastId ? arrival(pending, view) : view;
    startTransition(() => show?.(next));
  }

  /** The view that a pending one becomes. Later navigations may overtake it: then it is whatever is current. */
  async function arrival(pending: Pending, from: View): Promise<View> {
    try {
      const speculated = pending.mode === "navigate" ? await prefetchUnderWay(pending.href) : null;
      const answer = speculated ?? (await requestPage(pending.href, { from: splitHref(from.href).pathname, speculative: false }));
      apply(
        answer
          ? { type: "patch", id: pending.id, now: Date.now(), ...answer, href: withHash(answer.href, pending.href) }
          : { type: "fail", id: pending.id, href: pending.href },
      );
    } catch {
      apply({ type: "fail", id: pending.id, href: pending.href });
    }
    if (!state || state.leave === null) return state?.view ?? from;
    loadDocument(toBrowserHref(state.leave, clientConfig()), pending.history !== "push");
    return never;
  }

  function apply(action: Action): void {
    if (state) state = reduce(state, action);
  }

  function navigate(href: string, replace: boolean, options?: NavigateOptions): void {
    const target = resolveTarget(href, location.href, clientConfig());
    if (target.kind === "refused") throw new Error(`"${href}" is not an address that can be navigated to`);
    if (target.kind === "document") return loadDocument(target.url, replace);
    const scroll = options?.scroll ?? true;
    run({ type: "navigate", id: ++lastId, href: target.href, key: newKey(), replace, scroll, now: Date.now() });
  }

  function onPopState(event: PopStateEvent): void {
    const href = currentHref();
    if (href === null || !state) return;
    const key = keyOf(event.state);
    if (key !== null) return run({ type: "restore", id: ++lastId, href, key, now: Date.now() });
    // The browser followed a fragment link by itself, or the entry is somebody else's.
    const fresh = newKey();
    markEntry(fresh);
    run({ type: "restore", id: ++lastId, href, key: fresh, now: Date.now() });
  }

  const instance: AppRouterInstance = {
    push: (href, options) => navigate(href, false, options),
    replace: (href, options) => navigate(href, true, options),
    refresh: () => run({ type: "refresh", id: ++lastId }),
    prefetch(href, options) {
      const target = resolveTarget(href, location.href, clientConfig());
      if (target.kind === "route") prefetch(target.href, options?.kind === "full");
    },
    back: () => history.back(),
    forward: () => history.forward(),
  };

  return {
    instance,
    begin(payload) {
      if (state) return state.view;
      const key = keyOf(history.state) ?? newKey();
      state = initialState(payload, currentHref() ?? payload.href, key, Date.now());
      announced = state.view;
      return state.view;
    },
    connect(shower) {
      show = shower;
      if (state) markEntry(state.view.key);
      watchHistory((href, key) => run({ type: "shallow", href, key }));
      addEventListener("popstate", onPopState);
      addEventListener("scroll", () => {
        const key = keyOf(history.state);
        if (key !== null && !state?.pending) rememberScroll(key);
      }, { passive: true });
      startPrefetching({
        has: (href) =>
          state !== null && (withoutHash(state.view.href) === href || (state.cache.get(href)?.expires ?? 0) > Date.now()),
        fetch: (href, full) => requestPage(href, { from: splitHref(state?.view.href ?? "/").pathname, speculative: !full }),
        store(answer, full) {
          if (answer.contextual) return;
          const seconds = Math.max(answer.payload.staleTime, full ? FULL_PREFETCH_SECONDS : 0);
          apply({ type: "store", href: answer.href, payload: answer.payload, seconds, now: Date.now() });
        },
      });
      return () => {
        show = null;
      };
    },
    committing(view) {
      expectArrivals();
      writeView(view);
    },
    committed(view) {
      if (view === announced) return;
      const { pathname } = splitHref(view.href);
      if (announced && splitHref(announced.href).pathname !== pathname) announcePage(pathname);
      announced = view;
      scrollFor(view);
    },
  };
}

/** A prefetched answer has no fragment; the link that is followed may have one. */
function withHash(answered: string, asked: string): string {
  return answered.includes("#") ? answered : answered + splitHref(asked).hash;
}
