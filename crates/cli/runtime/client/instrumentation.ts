// `instrumentation-client`: modules of the app that watch what the router does.

type Kind = "push" | "replace" | "traverse";

interface Observer {
  onRouterTransitionStart?: (url: string, kind: Kind, event: undefined) => unknown;
}

let observers: readonly Observer[] = [];

/** Tells these modules of every navigation from now on. */
export function observeTransitions(modules: readonly object[]): void {
  observers = modules;
}

/** Tells that a navigation starts. What an observer throws is its own affair. */
export function transitionStarts(href: string, kind: Kind): void {
  for (const { onRouterTransitionStart } of observers) {
    if (typeof onRouterTransitionStart !== "function") continue;
    try {
      onRouterTransitionStart(href, kind, undefined);
    } catch (error) {
      console.error("An instrumentation-client router transition hook failed", error);
    }
  }
}
