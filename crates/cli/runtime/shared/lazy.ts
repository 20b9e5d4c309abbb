// What `next/dynamic` does alike in every graph.
import { Suspense, createElement, lazy } from "react";
import type { ComponentType, ReactNode } from "react";

/** What a loader yields: a component or a module with one. */
export type Loaded<P> = ComponentType<P> | { default: ComponentType<P> };

/** Loads a component's code. */
export type Loader<P> = (() => Promise<Loaded<P>>) | Promise<Loaded<P>>;

/** What a `loading` component is told; of interest in the Pages Router only. */
export interface LoadingProps {
  error?: Error | null;
  isLoading?: boolean;
  pastDelay?: boolean;
  retry?: () => void;
  timedOut?: boolean;
}

/** Options of `dynamic`. */
export interface DynamicOptions<P> {
  loader?: Loader<P>;
  loading?: ComponentType<LoadingProps> | null;
  ssr?: boolean;
}

/** Brings the ways in which `dynamic` can be called into one form. */
export function readOptions<P>(loader: Loader<P> | DynamicOptions<P>, more?: DynamicOptions<P>): DynamicOptions<P> {
  return typeof loader === "function" || loader instanceof Promise ? { ...more, loader } : { ...loader, ...more };
}

/** A component that is loaded when it is first rendered. `wrap` may put something around it. */
export function lazyComponent<P extends object>(
  { loader, loading }: DynamicOptions<P>,
  wrap: (content: ReactNode) => ReactNode = (content) => content,
): ComponentType<P> {
  const Lazy = lazy<ComponentType<P>>(async () => {
    const loaded = await (typeof loader === "function" ? loader() : loader);
    if (loaded === undefined) throw new Error("`next/dynamic` needs a loader");
    return "default" in loaded ? { default: loaded.default } : { default: loaded };
  });
  return function Dynamic(props: P): ReactNode {
    const fallback = loading ? createElement(loading, { isLoading: true, pastDelay: true, error: null }) : null;
    return createElement(Suspense, { fallback }, wrap(createElement(Lazy, props)));
  };
}
