// `next/dynamic` for client components in the browser: a component whose code comes when it is first shown.
import type { ComponentType } from "react";
import { lazyComponent, readOptions } from "../shared/lazy.ts";
import type { DynamicOptions, Loader } from "../shared/lazy.ts";

export type { DynamicOptions, Loader } from "../shared/lazy.ts";

/** Splits a component off. `ssr: false` is the server's business. */
export default function dynamic<P extends object>(
  loader: Loader<P> | DynamicOptions<P>,
  more?: DynamicOptions<P>,
): ComponentType<P> {
  return lazyComponent(readOptions(loader, more));
}
