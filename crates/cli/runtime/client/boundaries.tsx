"use client";
// What stands between a thrown error and the page: the app's `error` files, the interfaces of `notFound`, `forbidden`
// and `unauthorized`, and redirects. Errors that steer rendering pass through the app's error boundaries.
import { Component, startTransition, use, useLayoutEffect, useMemo } from "react";
import type { ComponentType, ReactNode } from "react";
import { isFollowed } from "./action-errors.ts";
import { PathnameContext, RouterContext } from "./contexts.ts";
import { DefaultGlobalError, HttpErrorPage } from "../shared/fallbacks.tsx";
import { isNavigationError, parseAccess, parseRedirect } from "../shared/control-flow.ts";
import type { AccessStatus, Redirect } from "../shared/control-flow.ts";
import { clientConfig } from "../shared/config.ts";
import { toBrowserHref } from "../shared/href.ts";
import type { GlobalErrorPayload, SegmentPayload } from "../shared/payload.ts";

/** What is known about a caught error, and the ways out of it. */
export interface ErrorInfo {
  error: unknown;
  /** Renders the children again. */
  reset: () => void;
  /** Asks the server again, then renders the children again. */
  retry: () => void;
}

/** What an `error` file's component is given. */
export interface ErrorProps extends ErrorInfo {
  error: Error & { digest?: string };
  /** The earlier name of `retry`. */
  unstable_retry: () => void;
}

/** An `error` or `global-error` file's component. */
export type ErrorComponent = ComponentType<ErrorProps>;

interface CatchProps {
  /** A change of this clears the error. */
  resetOn: unknown;
  /** What to show for an error; `undefined` leaves it to the boundaries above. */
  render: (error: unknown, reset: () => void) => ReactNode | undefined;
  /** Nothing of the app answers these errors. */
  unexpected?: boolean;
  children: ReactNode;
}

interface CatchState {
  caught: { error: unknown } | null;
  resetOn: unknown;
}

/** The one class: React has no hook for catching errors. */
class Catch extends Component<CatchProps, CatchState> {
  override state: CatchState = { caught: null, resetOn: this.props.resetOn };

  static getDerivedStateFromError(error: unknown): Partial<CatchState> {
    return { caught: { error } };
  }

  static getDerivedStateFromProps({ resetOn }: CatchProps, state: CatchState): CatchState | null {
    return resetOn === state.resetOn ? null : { caught: null, resetOn };
  }

  reset = (): void => this.setState({ caught: null });

  override render(): ReactNode {
    const { caught } = this.state;
    if (caught === null) return this.props.children;
    const shown = this.props.render(caught.error, this.reset);
    if (shown === undefined) throw caught.error;
    return shown;
  }
}

/** Whether what this boundary caught is the framework's to answer, not the app's. */
export function isUnexpected(boundary: unknown): boolean {
  return boundary instanceof Catch && boundary.props.unexpected === true;
}

function toError(error: unknown): Error & { digest?: string } {
  return error instanceof Error ? error : new Error(String(error));
}

/** Shows what `render` returns for errors below it. */
export function ErrorCatch({
  render,
  unexpected = false,
  children,
}: {
  render: (info: ErrorInfo) => ReactNode;
  unexpected?: boolean;
  children: ReactNode;
}): ReactNode {
  const router = use(RouterContext);
  return (
    <Catch
      resetOn={use(PathnameContext)}
      unexpected={unexpected}
      render={(error, reset) => {
        if (isNavigationError(error)) return undefined;
        const retry = () =>
          startTransition(() => {
            router?.refresh();
            reset();
          });
        return render({ error, reset, retry });
      }}
    >
      {children}
    </Catch>
  );
}

/** Shows the component of an `error` file for errors below it. */
export function ErrorBoundary({
  fallback: Fallback,
  styles,
  unexpected = false,
  children,
}: {
  fallback: ErrorComponent;
  styles?: ReactNode;
  unexpected?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <ErrorCatch
      unexpected={unexpected}
      render={({ error, reset, retry }) => (
        <>
          {styles}
          <Fallback error={toError(error)} reset={reset} retry={retry} unstable_retry={retry} />
        </>
      )}
    >
      {children}
    </ErrorCatch>
  );
}

/** The interfaces of the statuses that a boundary answers. */
export type AccessFallbacks = Partial<Record<AccessStatus, ReactNode>>;

/** Props of `AccessBoundary`. */
export interface AccessBoundaryProps {
  fallbacks: AccessFallbacks;
  /** What is inside: another one has another answer. */
  segment: SegmentPayload;
  children: ReactNode;
}

/** Changes with the segment and with the path: a segment that stays mounted when it is left comes back without its error. */
function usePlace(segment: SegmentPayload): unknown {
  const path = use(PathnameContext);
  return useMemo(() => ({ segment, path }), [segment, path]);
}

/** Shows the interface of `notFound`, `forbidden` or `unauthorized`, if it has one, and follows redirects. */
export function AccessBoundary({ fallbacks, segment, children }: AccessBoundaryProps): ReactNode {
  return (
    <Catch
      resetOn={process.env.__NEXT_CACHE_COMPONENTS === "true" ? usePlace(segment) : segment}
      render={(error) => {
        const redirect = parseRedirect(error);
        // Until the router shows another page, there is nothing to show here.
        if (isFollowed(error)) return null;
        if (redirect) return <Follow kind={redirect.kind} url={redirect.url} />;
        const status = parseAccess(error);
        const fallback = status === null ? undefined : fallbacks[status];
        if (fallback === undefined || fallback === null) return undefined;
        return (
          <>
            <meta name="robots" content="noindex" />
            {fallback}
          </>
        );
      }}
    >
      {children}
    </Catch>
  );
}

function Follow({ kind, url }: Pick<Redirect, "kind" | "url">): ReactNode {
  const router = use(RouterContext);
  // With the commit itself: a link that is clicked afterwards wins over the redirect.
  useLayoutEffect(() => {
    // The document tells the browser to go there: that cannot be taken back, only done at once.
    if (document.getElementById("__next-page-redirect")) location.replace(toBrowserHref(url, clientConfig()));
    else router?.[kind](url);
  }, [router, kind, url]);
  return null;
}

const ROOT_FALLBACKS: AccessFallbacks = {
  401: <HttpErrorPage status={401} document />,
  403: <HttpErrorPage status={403} document />,
  404: <HttpErrorPage status={404} document />,
};

/** Props of `RootBoundary`. */
export interface RootBoundaryProps {
  tree: SegmentPayload;
  /** The app's `global-error`. */
  globalError?: GlobalErrorPayload | undefined;
  children: ReactNode;
}

/** Around the root layout: nothing above it can show anything. */
export function RootBoundary({ tree, globalError, children }: RootBoundaryProps): ReactNode {
  const own = globalError?.Component;
  return (
    <ErrorBoundary fallback={own ?? DefaultGlobalError} styles={globalError?.styles} unexpected={own === undefined}>
      <AccessBoundary fallbacks={ROOT_FALLBACKS} segment={tree}>
        {children}
      </AccessBoundary>
    </ErrorBoundary>
  );
}
