// What `next/dynamic` does alike in every graph.
import { lazy } from "react";
import type { ComponentType, LazyExoticComponent } from "react";

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
  loading?: ComponentType<LoadingProps>;
  ssr?: boolean;
}

/** Brings the ways in which `dynamic` can be called into one form. */
export function readOptions<P>(loader: Loader<P> | DynamicOptions<P>, more: DynamicOptions<P> = {}): DynamicOptions<P> {
  return typeof loader === "function" || loader instanceof Promise ? { ...more, loader } : { ...loader, ...more };
}

/** A component that is loaded when it is first rendered. */
export function lazyComponent<P extends object>(loader: Loader<P> | undefined): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    if (loader === undefined) throw new Error("`next/dynamic` needs a loader");
    const loaded = await (typeof loader === "function" ? loader() : loader);
    return "default" in loaded ? { default: loaded.default } : { default: loaded };
  });
}
