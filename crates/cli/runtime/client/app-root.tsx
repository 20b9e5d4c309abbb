// The outermost component of every page, in SSR and in the browser alike.
import { use, useEffect, useInsertionEffect, useLayoutEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { RootBoundary } from "./boundaries.tsx";
import { MetadataContext, ParamsContext, PathnameContext, RouterContext, SearchParamsContext, SegmentContext } from "./contexts.ts";
import { ReadonlyURLSearchParams } from "./search-params.ts";
import { FIRST_ID } from "./router/ids.ts";
import { collectParams } from "./router/params.ts";
import { splitHref } from "../shared/href.ts";
import type { AppRouterInstance } from "./contexts.ts";
import type { BrowserRouter } from "./router/router.ts";
import type { View } from "./router/state.ts";
import type { RoutePayload } from "../shared/payload.ts";

/** Props of `AppRoot`. */
export interface AppRootProps {
  /** The root of the document's Flight stream. */
  payload: Promise<RoutePayload>;
  /** Where static files are served from, if not from the app itself. */
  assetPrefix?: string;
  /** The browser's router; absent in SSR. */
  router?: BrowserRouter;
  /** SSR for no particular request: there is no query yet, and components that ask for it are left to the browser. */
  prerender?: boolean;
  /** SSR for no particular parameters: who asks for the address waits. */
  unknown?: boolean;
}

function unavailable(): never {
  throw new Error("the router is there for effects and event handlers");
}

const serverRouter: AppRouterInstance = {
  push: unavailable,
  replace: unavailable,
  refresh: unavailable,
  prefetch() {},
  back: unavailable,
  forward: unavailable,
  bfcacheId: FIRST_ID,
};

/** Shows the current view of the router, or of the payload alone in SSR. */
export function AppRoot({ payload, router, prerender, unknown }: AppRootProps): ReactNode {
  const first = use(payload);
  const [shown, show] = useState<View | Promise<View>>(() => router?.begin(first) ?? staticView(first));
  // Suspends the transition that set the promise: until it settles, the previous view stays.
  const view = shown instanceof Promise ? use(shown) : shown;

  useInsertionEffect(() => router?.committing(view), [router, view]);
  useLayoutEffect(() => router?.committed(view), [router, view]);
  useEffect(() => router?.connect(show), [router]);

  const { pathname, search } = splitHref(view.href);
  const searchParams = useMemo(() => new ReadonlyURLSearchParams(search), [search]);
  const params = useMemo(() => collectParams(view.tree), [view.tree]);
  const { metadata: late, key } = view;
  const metadata = useMemo(() => (late === undefined ? null : { key, elements: late }), [late, key]);

  return (
    <RouterContext value={router?.instance ?? serverRouter}>
      <PathnameContext value={unknown ? null : pathname}>
        <SearchParamsContext value={prerender ? null : searchParams}>
          <ParamsContext value={unknown ? null : params}>
            <RootBoundary tree={view.tree} globalError={first.globalError}>
              {view.head}
              <MetadataContext value={metadata}>
                <SegmentContext value={view.tree}>{view.tree.node}</SegmentContext>
              </MetadataContext>
            </RootBoundary>
          </ParamsContext>
        </SearchParamsContext>
      </PathnameContext>
    </RouterContext>
  );
}

function staticView(payload: RoutePayload): View {
  const { href, tree, head, metadata } = payload;
  return { href, key: "", tree, head, history: "none", scroll: "none", ...(metadata !== undefined && { metadata }) };
}
