// `next/dynamic` for client components: a component whose code comes when it is first shown.
import { Suspense } from "react";
import type { ComponentType, ReactNode } from "react";
import { bailoutError } from "../shared/control-flow.ts";
import { lazyComponent, readOptions } from "../shared/lazy.ts";
import type { DynamicOptions, Loader } from "../shared/lazy.ts";

export type { DynamicOptions, Loader } from "../shared/lazy.ts";

function BrowserOnly({ children }: { children: ReactNode }): ReactNode {
  if (typeof window === "undefined") throw bailoutError("next/dynamic with ssr: false");
  return children;
}

/** Splits a component off. `ssr: false` leaves it to the browser. */
export default function dynamic<P extends object>(
  loader: Loader<P> | DynamicOptions<P>,
  more?: DynamicOptions<P>,
): ComponentType<P> {
  const options = readOptions(loader, more);
  const Lazy = lazyComponent(options.loader);
  const Loading = options.loading;
  return function Dynamic(props: P): ReactNode {
    const content = <Lazy {...props} />;
    return (
      <Suspense fallback={Loading ? <Loading isLoading pastDelay /> : null}>
        {options.ssr === false ? <BrowserOnly>{content}</BrowserOnly> : content}
      </Suspense>
    );
  };
}
