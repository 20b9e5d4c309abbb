// `next/router` in the App Router: there for packages that serve both, and of no use without pages.
import { createElement, useContext } from "react";
import type { ComponentType, ReactNode } from "react";
import { RouterContext } from "./dist/router-context.ts";

function notMounted(): never {
  throw new Error("NextRouter was not mounted. https://nextjs.org/docs/messages/next-router-not-mounted");
}

/** The router of the Pages Router. */
export function useRouter(): { readonly pathname: string } {
  return useContext(RouterContext) ?? notMounted();
}

/** A component with the router among its props. */
export function withRouter<P extends object>(Composed: ComponentType<P & { router: unknown }>): ComponentType<P> {
  return function WithRouter(props: P): ReactNode {
    return createElement(Composed, { ...props, router: useRouter() });
  };
}

/** The router outside of components: it is never ready. */
const singleton = {
  router: null,
  readyCallbacks: [],
  ready(_callback: () => void): void {},
  events: { on(): void {}, off(): void {}, emit(): void {} },
  push: notMounted,
  replace: notMounted,
  reload: notMounted,
  back: notMounted,
  prefetch: notMounted,
  beforePopState: notMounted,
};

export default singleton;
