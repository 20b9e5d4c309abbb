// `next/dynamic` for server components, where everything is rendered on the server.
import type { ComponentType } from "react";
import { lazyComponent, readOptions } from "../shared/lazy.ts";
import type { DynamicOptions, Loader } from "../shared/lazy.ts";

export type { DynamicOptions, Loader } from "../shared/lazy.ts";

/** Splits a component off. */
export default function dynamic<P extends object>(
  loader: Loader<P> | DynamicOptions<P>,
  more?: DynamicOptions<P>,
): ComponentType<P> {
  const options = readOptions(loader, more);
  if (options.ssr === false) {
    throw new Error("`ssr: false` is not allowed with `next/dynamic` in Server Components: move it into a Client Component");
  }
  return lazyComponent(options);
}
