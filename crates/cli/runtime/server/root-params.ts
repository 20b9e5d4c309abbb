// `next/root-params`: the parameters above the root layout of the page that is being rendered, or listed.
//
// What is kept and has read some of them is kept by their values: whoever keeps it observes what is read.
import { AsyncLocalStorage } from "node:async_hooks";
import { segmentParam } from "./app/payload.tsx";
import { routePath } from "./request-scope.ts";
import { currentWork, leaveOut } from "./work.ts";
import type { Params } from "./routes.ts";
import type { Work } from "./work.ts";

/** A segment, as far as it says where the root layout is. */
interface Level {
  segment: string;
  files: { layout?: unknown };
}

/** The root parameters of a page. */
interface RootParams {
  values: Params;
  /** Those that it is rendered without. */
  unknown: ReadonlySet<string>;
}

/** What a cached function has read of them. */
export interface RootReads {
  names: Set<string>;
  /** One of them has no value yet: there is no result. */
  isUnknown: boolean;
  /** The function is part of what is kept by its arguments alone. */
  isRefused: boolean;
}

/** Makes the root parameters of a page known, for its render and for what its server functions have kept. */
export function provideRootParams(work: Work, branch: readonly Level[], params: Params, unknown: ReadonlySet<string> = new Set()): void {
  const values: Params = {};
  for (const { segment, files } of branch) {
    const param = segmentParam(segment, params);
    if (param !== undefined) values[param.name] = params[param.name];
    if (files.layout !== undefined) break;
  }
  work.memo.set(provideRootParams, { values, unknown } satisfies RootParams);
}

const listing = new AsyncLocalStorage<RootParams>();

/** Calls a `generateStaticParams` of a branch with what those above it have listed. */
export function runListing<T>(branch: readonly Level[], above: Params, call: () => T): T {
  const values: Params = {};
  for (const { segment, files } of branch) {
    const name = /^\[{1,2}(?:\.{3})?([^\]]+)\]/.exec(segment)?.[1];
    if (name !== undefined && Object.hasOwn(above, name)) values[name] = above[name];
    if (files.layout !== undefined) break;
  }
  return listing.run({ values, unknown: new Set() }, call);
}

function rootOf(work: Work | undefined): RootParams | undefined {
  return (work?.memo.get(provideRootParams) as RootParams | undefined) ?? listing.getStore();
}

/** Notes what a cached function reads, whose state `scope` is, and who has called it. */
export function observeRootParams(scope: Work, caller: Work): RootReads {
  const reads: RootReads = { names: new Set(), isUnknown: false, isRefused: caller.within === "unstable_cache" || readsOf(caller)?.isRefused === true };
  scope.memo.set(observeRootParams, reads);
  return reads;
}

function readsOf(work: Work | undefined): RootReads | undefined {
  return work?.memo.get(observeRootParams) as RootReads | undefined;
}

/** The values that a result is kept by; `null` if one of them is not known. */
export function rootValues(work: Work, names: readonly string[]): string | null {
  const { values, unknown } = rootOf(work) ?? { values: {}, unknown: new Set() };
  if (names.some((name) => unknown.has(name))) return null;
  return JSON.stringify(names.toSorted().map((name) => [name, Object.hasOwn(values, name) ? values[name] : null]));
}

/** All that there are, as text: within one request they may become others. */
export function allRootValues(work: Work): string {
  const root = rootOf(work);
  return root === undefined ? "" : JSON.stringify(root.values);
}

/** Something that has read these is part of what is being made. Does not come back where one of them has no value yet. */
export async function joinRootParams(work: Work, names: readonly string[]): Promise<void> {
  const reads = readsOf(work);
  for (const name of names) reads?.names.add(name);
  const missing = names.find((name) => rootOf(work)?.unknown.has(name));
  if (missing === undefined) return;
  const what = `\`import("next/root-params").${missing}()\``;
  if (reads !== undefined) {
    reads.isUnknown = true;
    throw new Error(`${what} has no value yet`);
  }
  await leaveOut(work, what);
}

/** The value of a root parameter; `undefined` where the page's root layout is not below it. */
export async function rootParam(name: string): Promise<string | string[] | undefined> {
  const work = currentWork();
  const reads = readsOf(work);
  if (work !== undefined && (work.within === "unstable_cache" || reads?.isRefused === true)) {
    const where = work.within === "unstable_cache" ? "`unstable_cache`. This is not supported. Use `\"use cache\"` instead." : '`"use cache"` within `unstable_cache`. This is not supported.';
    throw new Error(`Route ${routePath(work)} used \`import('next/root-params').${name}()\` inside ${where}`);
  }
  const root = rootOf(work);
  if (reads === undefined && (root === undefined || work?.mode === "action")) {
    throw new Error(
      `\`import("next/root-params").${name}()\` works while a page is rendered: not in Route Handlers and Server Actions`,
    );
  }
  if (work !== undefined) await joinRootParams(work, [name]);
  return root !== undefined && Object.hasOwn(root.values, name) ? root.values[name] : undefined;
}
