// `next/root-params`: the parameters above the root layout of the page that is being rendered, or listed.
import { AsyncLocalStorage } from "node:async_hooks";
import { currentWork } from "./work.ts";
import { segmentParam } from "./app/payload.tsx";
import type { LoadedSegment, Params } from "./routes.ts";
import type { Work } from "./work.ts";

/** Makes the root parameters of a page known for its render. */
export function provideRootParams(work: Work, branch: readonly LoadedSegment[], params: Params): void {
  const root: Params = {};
  for (const { segment, files } of branch) {
    const param = segmentParam(segment, params);
    if (param !== undefined) root[param.name] = params[param.name];
    if (files.layout !== undefined) break;
  }
  work.memo.set(provideRootParams, root);
}

const listing = new AsyncLocalStorage<Params>();

/** Calls a `generateStaticParams` of a branch with what those above it have listed. */
export function runListing<T>(branch: readonly LoadedSegment[], above: Params, call: () => T): T {
  const root: Params = {};
  for (const { segment, files } of branch) {
    const name = /^\[{1,2}(?:\.{3})?([^\]]+)\]/.exec(segment)?.[1];
    if (name !== undefined && Object.hasOwn(above, name)) root[name] = above[name];
    if (files.layout !== undefined) break;
  }
  return listing.run(root, call);
}

/** The value of a root parameter; `undefined` where the page's root layout is not below it. */
export async function rootParam(name: string): Promise<string | string[] | undefined> {
  const root = (currentWork()?.memo.get(provideRootParams) as Params | undefined) ?? listing.getStore();
  if (root === undefined) {
    throw new Error(
      `\`import("next/root-params").${name}()\` works while a page is rendered: not in Route Handlers and Server Actions`,
    );
  }
  return Object.hasOwn(root, name) ? root[name] : undefined;
}
