// The router in the browser: runs the reducer and does what the state then asks for. One per document.
import { addTransitionType, startTransition } from "react";
import { clientConfig } from "../../shared/config.ts";
import { parseRedirect } from "../../shared/control-flow.ts";
import { resolveTarget, splitHref, toBrowserHref, withoutHash } from "../../shared/href.ts";
import { announcePage } from "./announcer.ts";
import { expectArrivals } from "./arrivals.ts";
import { currentHref, keyOf, loadDocument, markEntry, newKey, watchHistory, writeView } from "./history.ts";
import { createQueue } from "./prefetch-queue.ts";
import { prefetch, startPrefetching } from "./prefetch.ts";
import { initialState, reduce } from "./reducer.ts";
import { requestPage } from "./request.ts";
import { rememberScroll, scrollFor } from "./scroll.ts";
import type { Outcome } from "./prefetch-queue.ts";
import type { Action } from "./reducer.ts";
import type { Answer } from "./request.ts";
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
  /** What was last to be shown. A component's effect may navigate before `AppRoot`'s own effect connects. */
  let latest: View | Promise<View> | null = null;
  let lastId = 0;
  let listening = false;
  const speculated = new Map<string, Promise<Answer | null>>();
  let announced: View | null = null;

  /** Runs an action that changes what is shown. */
  function run(action: Action, types: readonly string[] = []): void {
    if (!state) return;
    state = reduce(state, action);
    const { pending, view } = state;
    // What is on its way will show the changed address, too.
    if (action.type === "shallow" && pending) return;
    const next = pending && pending.id === lastId ? arrival(pending, view) : view;
    latest = next;
    startTransition(() => {
      types.forEach(addTransitionType);
      show?.(next);
    });
  }

  /** The view that a pending one becomes. Later navigations may overtake it: then it is whatever is current. */
  async function arrival(pending: Pending, from: View): Promise<View> {
    try {
      const early = pending.mode === "navigate" ? speculated.get(withoutHash(pending.href)) : null;
      const answer = (await early?.catch(() => null)) ?? (await ask(pending.href, from, false));
      apply(
        answer
          ? { type: "patch", id: pending.id, now: Date.now(), ...answer, href: withHash(answer.href, pending.href) }
          : { type: "fail", id: pending.id, href: pending.href },
      );
    } catch (error) {
      apply({ type: "fail", id: pending.id, href: parseRedirect(error)?.url ?? pending.href });
    }
    if (!state || state.leave === null) return state?.view ?? from;
    loadDocument(toBrowserHref(state.leave, clientConfig()), pending.history !== "push");
    return never;
  }

  function ask(href: string, from: View, speculative: boolean): Promise<Answer | null> {
    return requestPage(href, { from: splitHref(from.href).pathname, speculative });
  }

  function isKnown(href: string): boolean {
    if (!state) return true;
    return withoutHash(state.view.href) === href || (state.cache.get(href)?.expires ?? 0) > Date.now();
  }

  /** Fetches a page in advance. A navigation to it that starts meanwhile waits for the same answer. */
  async function speculate(href: string, full: boolean): Promise<Outcome> {
    if (!state) return "declined";
    const request = ask(href, state.view, !full);
    speculated.set(href, request);
    try {
      const answer = await request;
      const seconds = answer ? Math.max(answer.payload.staleTime, full ? FULL_PREFETCH_SECONDS : 0) : 0;
      if (answer === null || answer.contextual || seconds === 0) return "declined";
      apply({ type: "store", href: answer.href, payload: answer.payload, seconds, now: Date.now() });
      return "stored";
    } finally {
      speculated.delete(href);
    }
  }

  function apply(action: Action): void {
    if (state) state = reduce(state, action);
  }

  function navigate(href: string, replace: boolean, options?: NavigateOptions): void {
    const target = resolveTarget(href, location.href, clientConfig());
    if (target.kind === "refused") throw new Error(`"${href}" is not an address that can be navigated to`);
    if (target.kind === "document") return loadDocument(target.url, replace);
    const scroll = options?.scroll ?? true;
    const action: Action = {
      type: "navigate",
      id: ++lastId,
      href: target.href,
      key: newKey(),
      replace,
      scroll,
      now: Date.now(),
    };
    run(action, options?.transitionTypes);
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

  /** Starts to hear the browser, once. */
  function listen(): void {
    if (!state || listening) return;
    listening = true;
    markEntry(state.view.key);
    watchHistory((href, key) => run({ type: "shallow", href, key }));
    addEventListener("popstate", onPopState);
    addEventListener(
      "scroll",
      () => {
        const key = keyOf(history.state);
        if (key !== null && !state?.pending) rememberScroll(key);
      },
      { passive: true },
    );
    startPrefetching(createQueue({ has: isKnown, run: speculate }));
  }

  const instance: AppRouterInstance = {
    push: (href, options) => navigate(href, false, options),
    replace: (href, options) => navigate(href, true, options),
    refresh: () => run({ type: "refresh", id: ++lastId }),
    prefetch(href, options) {
      const target = resolveTarget(href, location.href, clientConfig());
      if (process.env.NODE_ENV === "production" && target.kind === "route")
        prefetch(target.href, options?.kind === "full");
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
      const missed = latest;
      if (missed) startTransition(() => shower(missed));
      listen();
      return () => {
        show = null;
      };
    },
    committing(view) {
      expectArrivals();
      writeView(view);
      apply({ type: "written", view });
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
