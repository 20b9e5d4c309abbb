// `next/dynamic` for client components on the server: leaves `ssr: false` to the browser, and names the scripts of what
// it renders in the document.
import { createElement } from "react";
import type { ComponentType, ReactNode } from "react";
import { preloadScripts } from "../server/ssr-modules.ts";
import { bailoutError } from "../shared/control-flow.ts";
import { lazyComponent, readOptions } from "../shared/lazy.ts";
import type { DynamicOptions, Loader } from "../shared/lazy.ts";

export type { DynamicOptions, Loader } from "../shared/lazy.ts";

function BrowserOnly(): never {
  throw bailoutError("next/dynamic with ssr: false");
}

function Preload({ modules, children }: { modules: readonly string[]; children?: ReactNode }): ReactNode {
  for (const id of modules) preloadScripts(id);
  return children;
}

/** Splits a component off. The compiler adds the ids of the modules that the loader imports. */
export default function dynamic<P extends object>(
  loader: Loader<P> | DynamicOptions<P>,
  more?: DynamicOptions<P>,
  modules: readonly string[] = [],
): ComponentType<P> {
  const options = readOptions(loader, more);
  if (options.ssr === false) return lazyComponent(options, () => createElement(BrowserOnly));
  return lazyComponent(options, (content) => createElement(Preload, { modules }, content));
}
