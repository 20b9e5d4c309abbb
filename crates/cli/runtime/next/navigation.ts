// `next/navigation` for client components, in SSR and in the browser.
import { use, useContext, useMemo } from "react";
import type { ReactNode } from "react";
import {
  NEVER,
  ParamsContext,
  PathnameContext,
  RouterContext,
  SearchParamsContext,
  SegmentContext,
  ServerInsertedHTMLContext,
} from "../client/contexts.ts";
import { FIRST_ID } from "../client/router/ids.ts";
import { selectedSegment, selectedSegments } from "../client/router/params.ts";
import { bailoutError } from "../shared/control-flow.ts";
import type { AppRouterInstance } from "../client/contexts.ts";
import type { Params } from "../client/router/params.ts";

export {
  RedirectType,
  forbidden,
  notFound,
  permanentRedirect,
  redirect,
  unauthorized,
  unstable_rethrow,
} from "../shared/control-flow.ts";
export { ReadonlyURLSearchParams } from "../client/search-params.ts";
export { ServerInsertedHTMLContext };
export type { AppRouterInstance, NavigateOptions, PrefetchOptions } from "../client/contexts.ts";

/** The router. */
export function useRouter(): AppRouterInstance {
  const router = useContext(RouterContext);
  const id = useContext(SegmentContext)?.id ?? FIRST_ID;
  if (router === null) throw new Error("invariant expected app router to be mounted");
  return useMemo(() => (id === router.bfcacheId ? router : { ...router, bfcacheId: id }), [router, id]);
}

/** The path without base path and query, percent-encoded as in the address bar. */
export function usePathname(): string {
  return useContext(PathnameContext) ?? use(NEVER);
}

/** The query. While a page is prerendered there is none, and the component is left to the browser. */
export function useSearchParams(): URLSearchParams {
  const params = useContext(SearchParamsContext);
  if (params === null) throw bailoutError("useSearchParams()");
  return params;
}

/** The parameters of all active dynamic segments, percent-encoded as in the address bar. */
export function useParams<T extends Params = Params>(): T;
export function useParams(): Params {
  return useContext(ParamsContext) ?? use(NEVER);
}

/** The active segments below the calling layout, along one slot. */
export function useSelectedLayoutSegments(parallelRouteKey = "children"): string[] {
  const layout = useContext(SegmentContext);
  return layout === null ? [] : selectedSegments(layout, parallelRouteKey);
}

/** The active segment one level below the calling layout. */
export function useSelectedLayoutSegment(parallelRouteKey = "children"): string | null {
  const layout = useContext(SegmentContext);
  return layout === null ? null : selectedSegment(layout, parallelRouteKey);
}

/** Inserts what `callback` returns into the document each time that SSR flushes. Does nothing in the browser. */
export function useServerInsertedHTML(callback: () => ReactNode): void {
  use(ServerInsertedHTMLContext)?.(callback);
}

/** Whether an error says that the server does not know a Server Action: it comes from another build. */
export function unstable_isUnrecognizedActionError(error: unknown): boolean {
  return error instanceof Error && error.name === "UnrecognizedActionError";
}
