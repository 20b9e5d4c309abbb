// `next/dist/server/app-render/*-async-storage.external`: libraries ask them whether a request is being answered, and
// for which route. Nothing else of Next's own state is there.
import { currentWork } from "../../server/work.ts";

interface Store<T> {
  getStore(): T | undefined;
}

/** The pattern in a route's id: without groups, slots and the file. */
function patternOf(routeId: string): string {
  const segments = routeId.split("/").filter((segment) => !/^(?:@.*|\(.*\))$/.test(segment));
  return segments.slice(0, -1).join("/") || "/";
}

/** The route that is being answered. */
export const workAsyncStorage: Store<{ route: string; isStaticGeneration: boolean }> = {
  getStore() {
    const work = currentWork();
    return work && { route: patternOf(work.routeId ?? "/"), isStaticGeneration: work.mode === "prerender" };
  },
};

/** What the answer is. */
export const workUnitAsyncStorage: Store<{ type: "request" | "prerender" }> = {
  getStore() {
    const work = currentWork();
    return work && { type: work.mode === "prerender" ? "prerender" : "request" };
  },
};
