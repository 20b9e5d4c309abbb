// `next/dist/server/app-render/*-async-storage.external`: libraries ask them whether a request is being answered, and
// for which route. Nothing else of Next's own state is there.
import { currentWork } from "../../server/work.ts";

interface Store<T> {
  getStore(): T | undefined;
}

/** The route that is being answered. */
export const workAsyncStorage: Store<{ route: string; isStaticGeneration: boolean }> = {
  getStore() {
    const work = currentWork();
    return work && { route: new URL(work.request.url).pathname, isStaticGeneration: work.mode === "prerender" };
  },
};

/** What the answer is. */
export const workUnitAsyncStorage: Store<{ type: "request" | "prerender" }> = {
  getStore() {
    const work = currentWork();
    return work && { type: work.mode === "prerender" ? "prerender" : "request" };
  },
};
