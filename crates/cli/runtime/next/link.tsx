"use client";
// `next/link`: an `<a>` that the router follows and whose page is fetched in advance.
import { Children, cloneElement, createContext, startTransition, use, useContext, useEffect, useOptimistic, useRef } from "react";
import type { AnchorHTMLAttributes, MouseEvent, ReactElement, ReactNode, Ref, TouchEvent } from "react";
import { RouterContext } from "../client/contexts.ts";
import { prefetch as prefetchNow, prefetchWhenVisible } from "../client/router/prefetch.ts";
import { clientConfig } from "../shared/config.ts";
import { formatHref, resolveTarget, toBrowserHref } from "../shared/href.ts";
import type { UrlObject } from "../shared/href.ts";

/** Props of `Link`; all other attributes go to the `<a>`. */
export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  href: string | UrlObject;
  /** The address to show instead of `href`. */
  as?: string | UrlObject;
  /** Replaces the history entry instead of adding one. */
  replace?: boolean;
  /** Whether to scroll to the top of the new page. Default: true. */
  scroll?: boolean;
  /** `false`: never in advance. `true`: also what is rendered per request. Otherwise what costs the server nothing. */
  prefetch?: boolean | "auto" | null;
  /** Runs before the router navigates; `preventDefault` stops it. */
  onNavigate?: (event: { preventDefault(): void }) => void;
  ref?: Ref<HTMLAnchorElement>;
  /** Names for `addTransitionType`. */
  transitionTypes?: string[];
  /** Of the Pages Router; ignored. */
  shallow?: boolean;
  /** With `legacyBehavior`: gives the `href` also to a child that is no `<a>`. */
  passHref?: boolean;
  /** The one child is the link, instead of what is in it. */
  legacyBehavior?: boolean;
  /** Of the Pages Router; a mere attribute here. */
  locale?: string | false;
}

const StatusContext = createContext({ pending: false });

/** Takes the pending mark off the link that was clicked last: another click overtakes it. */
let lastClicked: ((pending: boolean) => void) | null = null;

/** Whether the navigation that the surrounding `Link` started is still on its way. */
export function useLinkStatus(): { pending: boolean } {
  return useContext(StatusContext);
}

/** A link within the app. */
export default function Link(props: LinkProps): ReactNode {
  const {
    href,
    as,
    replace = false,
    scroll,
    prefetch = null,
    onNavigate,
    transitionTypes,
    shallow: _shallow,
    passHref = false,
    legacyBehavior = false,
    ref,
    onClick,
    onMouseEnter,
    onTouchStart,
    children,
    ...attributes
  } = props;
  const router = use(RouterContext);
  const anchor = useRef<HTMLAnchorElement>(null);
  const [pending, setPending] = useOptimistic(false);
  if (href === undefined || href === null) throw new Error("<Link> needs an `href`");
  const address = formatHref(as ?? href);
  const ahead = process.env.NODE_ENV === "production" && prefetch !== false;
  const full = prefetch === true;

  useEffect(() => {
    const route = ahead ? routeOf(address) : null;
    return anchor.current && route !== null ? prefetchWhenVisible(anchor.current, route, full) : undefined;
  }, [address, ahead, full]);

  const child = legacyBehavior ? (Children.only(children) as ReactElement<ChildProps>) : null;
  const own: ChildProps = child ? child.props : { onClick, onMouseEnter, onTouchStart, ref };

  function follow(event: MouseEvent<HTMLAnchorElement>): void {
    own.onClick?.(event);
    if (router === null || event.defaultPrevented || !isPlainClick(event) || routeOf(address) === null) return;
    event.preventDefault();
    let stopped = false;
    onNavigate?.({ preventDefault: () => void (stopped = true) });
    if (stopped) return;
    startTransition(() => {
      lastClicked?.(false);
      lastClicked = setPending;
      setPending(true);
      router[replace ? "replace" : "push"](address, { scroll, transitionTypes });
    });
  }

  function hurry(): void {
    const route = ahead ? routeOf(address) : null;
    if (route !== null) prefetchNow(route, full);
  }

  const given = {
    ref: (element: HTMLAnchorElement | null) => {
      anchor.current = element;
      return attach(own.ref, element);
    },
    onClick: follow,
    onMouseEnter: (event: MouseEvent<HTMLAnchorElement>) => {
      own.onMouseEnter?.(event);
      hurry();
    },
    onTouchStart: (event: TouchEvent<HTMLAnchorElement>) => {
      own.onTouchStart?.(event);
      hurry();
    },
  };
  const shown = { href: toBrowserHref(address, clientConfig()) };
  const status = { pending };
  if (child) {
    const needsHref = passHref || (child.type === "a" && child.props.href === undefined);
    return <StatusContext value={status}>{cloneElement(child, needsHref ? { ...given, ...shown } : given)}</StatusContext>;
  }
  return (
    <a {...attributes} {...shown} {...given}>
      <StatusContext value={status}>{children}</StatusContext>
    </a>
  );
}

type ChildProps = Pick<AnchorHTMLAttributes<HTMLAnchorElement>, "href" | "onClick" | "onMouseEnter" | "onTouchStart"> & {
  ref?: Ref<HTMLAnchorElement> | undefined;
};

/** The page that an address leads to within the app; `null` if the browser must follow it. */
function routeOf(address: string): string | null {
  const target = resolveTarget(address, location.href, clientConfig());
  return target.kind === "route" ? target.href : null;
}

/** A click that means "go there, here": no other tab, no download. */
function isPlainClick(event: MouseEvent<HTMLAnchorElement>): boolean {
  const link = event.currentTarget;
  const target = link.getAttribute("target") ?? "";
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
  return !modified && (target === "" || target === "_self") && !link.hasAttribute("download");
}

function attach<T>(ref: Ref<T> | undefined, element: T | null): (() => void) | void {
  if (typeof ref === "function") return ref(element) ?? undefined;
  if (ref) ref.current = element;
}
