// The router in the browser: runs the reducer and does what the state then asks for. One per document.
import { addTransitionType, startTransition } from "react";
import { STALE_TIME, clientConfig } from "../../shared/config.ts";
import { parseRedirect } from "../../shared/control-flow.ts";
import { resolveTarget, splitHref, toBrowserHref, withoutHash } from "../../shared/href.ts";
import { announcePage, findRegion } from "./announcer.ts";
import { expectArrivals } from "./arrivals.ts";
import { currentHref, keyOf, loadDocument, markEntry, markOf, newKey, watchHistory, writeView } from "./history.ts";
import { FIRST_ID } from "./ids.ts";
import { isFollowed } from "../action-errors.ts";
import { transitionStarts } from "../instrumentation.ts";
import { provideDispatch, requestAction } from "../actions.ts";
import type { Redirect } from "../actions.ts";
import { createWatchers } from "./invalidation.ts";
import { createQueue } from "./prefetch-queue.ts";
import { prefetch, prefetchAgain, startPrefetching } from "./prefetch.ts";
import { mergeTree } from "./merge.ts";
import { fresh, initialState, nearest, reduce } from "./reducer.ts";
import { requestPage } from "./request.ts";
import { rememberScroll, scrollFor } from "./scroll.ts";
import type { Outcome } from "./prefetch-queue.ts";
import type { Action } from "./reducer.ts";
import type { Answer } from "./request.ts";
import type { Pending, RouterState, View } from "./state.ts";
import type { AppRouterInstance, NavigateOptions } from "../contexts.ts";
import type { RoutePayload, SegmentPayload } from "../../shared/payload.ts";

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

const never = new Promise<never>(() => {});

/** Starts the router of this document. */
export function createRouter(): BrowserRouter {
  let state: RouterState | null = null;
  let show: ((next: View | Promise<View>) => void) | null = null;
  /** What was last to be shown. A component's effect may navigate before `AppRoot`'s own effect connects. */
  let latest: View | Promise<View> | null = null;
  let lastId = 0;
  let listening = false;
  const watchers = createWatchers((call, seconds) => void setTimeout(call, seconds * 1000), Date.now);
  const speculated = new Map<string, Promise<Answer | null>>();
  let announced: View | null = null;

  /** Runs an action that changes what is shown. */
  function run(action: Action, types: readonly string[] = []): void {
    if (!state) return;
    const before = state.view;
    state = reduce(state, action);
    const { pending, view, leave } = state;
    if (leave !== null) {
      loadDocument(toBrowserHref(leave, clientConfig()), action.type !== "navigate" || action.replace);
      return present(never, types);
    }
    // What is on its way will show the changed address, too.
    if (action.type === "shallow" && pending) return;
    if (action.type === "refresh") {
      watchers.invalidate();
      prefetchAgain();
    }
    const isAsked = pending !== null && pending.id === lastId;
    if (!isAsked || view !== before) present(view, types);
    if (!isAsked) return;
    const next = arrival(pending, view, view !== before, types);
    if (view === before) present(next, types);
  }

  /** Shows a view, or what a promise of one becomes while the previous view stays. */
  function present(next: View | Promise<View>, types: readonly string[] = []): void {
    latest = next;
    startTransition(() => {
      types.forEach(addTransitionType);
      show?.(next);
    });
  }

  /**
   * The view that a pending one becomes. Later navigations may overtake it: then it is whatever is current.
   * `previewed`: the page's loading interface is shown already, so nobody waits for the promise.
   */
  async function arrival(pending: Pending, from: View, previewed: boolean, types: readonly string[]): Promise<View> {
    const isCurrent = (): boolean => state?.pending?.id === pending.id;
    try {
      const isNavigation = pending.mode === "navigate";
      let answer = (isNavigation && (await speculated.get(withoutHash(pending.href))?.catch(() => null))) || null;
      if (answer?.payload.shell) {
        answer = null;
        apply({ type: "follow", id: pending.id, now: Date.now() });
        if (isCurrent() && state && state.view !== from) {
          previewed = true;
          present(state.view, types);
        }
      }
      if (isCurrent()) answer ??= await ask(pending.href, pending.from, false, isNavigation ? (state?.view ?? from).tree : null);
      const kept = answer && pending.kept ? await refetchKept(pending.kept) : undefined;
      apply(
        answer
          ? {
              type: "patch",
              id: pending.id,
              payload: answer.payload,
              href: withHash(answer.href, pending.href),
              seconds: answer.contextual ? 0 : (answer.payload.revisitTime ?? 0),
              bytes: answer.bytes(),
              now: Date.now(),
              ...(kept && { kept }),
            }
          : { type: "fail", id: pending.id, href: pending.href },
      );
    } catch (error) {
      apply({ type: "fail", id: pending.id, href: parseRedirect(error)?.url ?? pending.href });
    }
    if (!state || state.leave === null) {
      if (previewed && state && !state.pending) present(state.view);
      return state?.view ?? from;
    }
    loadDocument(toBrowserHref(state.leave, clientConfig()), pending.history !== "push");
    return never;
  }

  function ask(href: string, from: string | undefined, speculative: boolean, shown: SegmentPayload | null): Promise<Answer | null> {
    return requestPage(href, { from, speculative, shown });
  }

  /** The trees of the addresses whose slots were kept. One that cannot be had stays as it is. */
  async function refetchKept(hrefs: readonly string[]): Promise<Map<string, SegmentPayload>> {
    const { buildId } = state ?? {};
    const trees = new Map<string, SegmentPayload>();
    const refetch = async (href: string): Promise<void> => {
      const payload = (await ask(href, undefined, false, null).catch(() => null))?.payload;
      if (payload && payload.buildId === buildId) trees.set(href, payload.tree);
    };
    await Promise.all([...new Set(hrefs)].map(refetch));
    return trees;
  }

  function isKnown(href: string, full: boolean): boolean {
    if (!state) return true;
    const entry = fresh(state, href, Date.now());
    return entry !== null && !(full && entry.payload.shell);
  }

  /** Fetches a page in advance. A navigation to it that starts meanwhile waits for the same answer. */
  async function speculate(href: string, full: boolean): Promise<Outcome> {
    if (!state) return "declined";
    const { payload: { tree }, expires } = nearest(state, href, Date.now());
    const request = ask(href, splitHref(state.view.href).pathname, !full, tree).then((answer) => {
      // Layouts that are here already are as they are here.
      if (answer && tree) answer.payload.tree = mergeTree(tree, answer.payload.tree, "refresh", null);
      return answer;
    });
    speculated.set(href, request);
    try {
      const answer = await request;
      const seconds = answer ? Math.max(answer.payload.staleTime, full ? (clientConfig().staleTime ?? STALE_TIME) : 0) : 0;
      if (answer === null || answer.contextual || seconds === 0) return "declined";
      const now = Date.now();
      const rest = Math.min(seconds, (expires - now) / 1000);
      apply({ type: "store", href: answer.href, payload: answer.payload, bytes: answer.bytes(), seconds: rest, now });
      watchers.stored(href, rest);
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
    if (target.kind === "refused") throw new Error(`cannot navigate to "${href}"`);
    transitionStarts(href, replace ? "replace" : "push");
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
    const mark = markOf(event.state);
    if (mark !== null || event.state !== null) transitionStarts(location.href, "traverse");
    if (mark !== null) return run({ type: "restore", id: ++lastId, href, ...mark, now: Date.now() });
    // Somebody else's entry: what it shows is not known here.
    if (event.state !== null) return location.reload();
    // The browser followed a fragment link by itself.
    const fresh = newKey();
    markEntry(fresh);
    run({ type: "restore", id: ++lastId, href, key: fresh, now: Date.now() });
  }

  /** Starts to hear the browser, once. */
  function listen(): void {
    if (!state || listening) return;
    listening = true;
    findRegion();
    markEntry(state.view.key);
    watchHistory((href, key) => run({ type: "shallow", href, key }));
    addEventListener("popstate", onPopState);
    // The browser kept the page that was left, with what was on its way.
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted && state?.leave != null) present(state.view);
    });
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

  /** The calls that have been made: the next one waits for the end of the last one. */
  let calls: Promise<unknown> = Promise.resolve();

  /** Calls a server function, and shows what it has changed. */
  function call(id: string, args: unknown[]): Promise<unknown> {
    const answered = calls.then(() => perform(id, args));
    calls = answered.catch(() => {});
    return answered;
  }

  async function perform(id: string, args: unknown[]): Promise<unknown> {
    if (!state) throw new Error("the page has not started yet");
    const asked = state.view;
    const { result, page, revalidated, redirect } = await requestAction(id, args, { href: asked.href, tree: asked.tree, from: asked.from });
    // Whoever waits for it handles it; the page is changed first.
    result.catch(() => {});
    if (redirect !== null) {
      if (revalidated !== null) outdate();
      follow(redirect);
    } else if (revalidated !== null && state) {
      const { view } = state;
      // Who has gone elsewhere meanwhile gets no page of where they were.
      if (page !== null && state.pending === null && view.href === asked.href) {
        outdate();
        lastId += 1;
        apply({ type: "refresh", id: lastId });
        apply({ type: "patch", id: lastId, href: view.href, payload: page });
        if (state.leave === null) present(state.view);
        else loadDocument(toBrowserHref(state.leave, clientConfig()), true);
      } else run({ type: "refresh", id: ++lastId });
    }
    return result;
  }

  /** Navigates to where a call leads; its page need not be asked for if it has come already. */
  function follow({ url, kind, page }: Redirect): void {
    const target = resolveTarget(url, location.href, clientConfig());
    const href = target.kind === "route" ? withoutHash(target.href) : url;
    speculated.set(href, page.then((payload) => payload && { href, payload, contextual: false, bytes: () => 0 }));
    navigate(url, kind === "replace");
    // Whoever navigates there later asks for it.
    speculated.delete(href);
  }

  /** What was fetched in advance may not be shown any more. */
  function outdate(): void {
    apply({ type: "outdate" });
    watchers.invalidate();
    prefetchAgain();
  }

  const instance: AppRouterInstance = {
    push: (href, options) => navigate(href, false, options),
    replace: (href, options) => navigate(href, true, options),
    refresh: () => run({ type: "refresh", id: ++lastId }),
    prefetch(href, options) {
      const target = resolveTarget(href, location.href, clientConfig());
      if (process.env.NODE_ENV !== "production" || target.kind !== "route") return;
      const page = withoutHash(target.href);
      const full = options?.kind === "full";
      if (options?.onInvalidate) watchers.add(page, options.onInvalidate, state && isKnown(page, full) ? fresh(state, page, Date.now())?.expires : undefined);
      prefetch(page, full);
    },
    back: () => history.back(),
    forward: () => history.forward(),
    bfcacheId: FIRST_ID,
  };

  provideDispatch(call);
  addEventListener("unhandledrejection", (event) => {
    if (isFollowed(event.reason)) event.preventDefault();
  });

  return {
    instance,
    begin(payload) {
      if (state) return state.view;
      const key = keyOf(history.state) ?? newKey();
      // A not-found page that is everybody's has a path of its own, until React has taken the document over.
      const href = payload.href.startsWith("/_not-found") ? null : currentHref();
      state = initialState(payload, href ?? payload.href, key, Date.now());
      announced = state.view;
      return state.view;
    },
    connect(shower) {
      show = shower;
      const missed = latest;
      if (missed) startTransition(() => shower(missed));
      listen();
      const href = currentHref();
      if (state && href !== null && href !== state.view.href) {
        run({ type: "shallow", href, key: state.view.key });
        announced = state.view;
      }
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
