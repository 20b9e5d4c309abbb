// `"use cache"`: what a function gives is kept, by what it is given and what it captures. Compiled functions call `cached`.
import { createTemporaryReferenceSet as createReferences, encodeReply } from "react-server-dom-webpack/client.node";
import { createTemporaryReferenceSet as createServerReferences, decodeReply } from "react-server-dom-webpack/server.node";
import { serverManifest } from "../actions/registry.ts";
import { reportError } from "../app/errors.ts";
import { isPageProps, queryInCache } from "../app/page-props.ts";
import { keptBy } from "../app/kept.ts";
import { asksForDraft } from "../draft.ts";
import { decodeFlight, encodeAll, encodeFlight } from "../flight-values.ts";
import { currentBuild, currentConfig, currentHost } from "../host-access.ts";
import { routePath } from "../request-scope.ts";
import { allRootValues, joinRootParams, observeRootParams } from "../root-params.ts";
import { currentWork, leaveOut, runWork } from "../work.ts";
import { currentProfiles } from "./cache-life.ts";
import { callsOf } from "./calls.ts";
import { askedOf, hasHandler, refreshTags } from "./handlers/ask.ts";
import { storeOf } from "./handlers/store.ts";
import { keyOfParts } from "./key.ts";
import { joinTags, lowerLife, shorterLife } from "./lifetime.ts";
import { keptResult } from "./results.ts";
import type { MadeResult, Result } from "./results.ts";
import type { Work } from "../work.ts";

/** A function as it is written, without its cache. */
type Run = (...args: unknown[]) => Promise<unknown>;

/** Below so many seconds a result is none that a page could be rendered with ahead of who asks. */
const SHORT = 300;

/** The arguments as they are kept by. */
interface Call {
  encoded: string | FormData;
  /** What is passed through without being looked at, by the place where it is passed. */
  references: object;
}

/** A page's query differs by request: what is kept may not depend on it. */
function withoutQuery(args: readonly unknown[]): unknown[] {
  const [props, ...rest] = args;
  return isPageProps(props) ? [{ ...props, searchParams: undefined }, ...rest] : [...args];
}

/** The arguments, with something in place of a query that says that there is none. */
function withQuery(args: readonly unknown[], given: readonly unknown[], work: Work): unknown[] {
  return isPageProps(given[0]) ? [{ ...(args[0] as object), searchParams: queryInCache(routePath(work)) }, ...args.slice(1)] : [...args];
}

/** What is captured, as text. A function is no value: what it gives may differ without it being another one. */
async function textOfCaptured(captured: readonly unknown[]): Promise<string> {
  if (captured.every((value) => value === null || ["string", "number", "boolean", "undefined"].includes(typeof value))) {
    return JSON.stringify(captured.map((value) => [typeof value, value === undefined ? null : String(value)]));
  }
  return new TextDecoder().decode(await encodeAll(captured));
}

/** Why a prerender does not wait any longer for a function: made where it is called, for the stack. */
function tooLate(work: Work): Error {
  const error = new Error(
    `Route "${routePath(work)}": a "use cache" function took too long while the route was prerendered. Most often it waits for something of the request that it was given, as \`params\` or \`searchParams\`: wait for that before the function is called, and give it what it needs. See https://nextjs.org/docs/messages/next-request-in-use-cache`,
  );
  Error.captureStackTrace(error, cached);
  return error;
}

/** What is part of a prerender, if it is there in time. What never comes would have the prerender wait for ever. */
async function inTime<T>({ holes }: Work, late: Error | null, making: Promise<T>): Promise<T> {
  if (holes === null || late === null) return making;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      holes.giveUp(late);
      reject(late);
    }, currentConfig().useCacheTimeout * 1000);
  });
  try {
    return await Promise.race([making, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs the function within its cache, and has its result ready to be kept. */
async function make(work: Work, within: "use cache" | "use cache: private", call: Call, captured: { run: Run; given: readonly unknown[] }): Promise<MadeResult> {
  const host = currentHost();
  const scope: Work = { ...work, within, revalidate: false, expire: false, stale: false, ownLife: null, tags: new Set(), fetchCache: undefined, forceDynamic: false, noStore: false, failed: false, onDynamic: null, holes: null, memo: new Map(work.memo) };
  // What it is made of is its own matter.
  scope.memo.delete(keptBy);
  const reads = observeRootParams(scope, work);
  const temporaryReferences = createServerReferences();
  const decoded = await decodeReply<unknown[]>(call.encoded, serverManifest(), { temporaryReferences });
  const args = within === "use cache" ? withQuery(decoded, captured.given, work) : decoded;
  let failure: string | null = null;
  let running: Promise<unknown> | undefined;
  const start = (): Promise<unknown> => runWork(scope, () => Promise.resolve().then(() => captured.run(...args)));
  // Called by the renderer, so that what React keeps for one render is the result's own.
  const result: PromiseLike<unknown> = { then: (resolve, reject) => (running ??= start()).then(resolve, reject) };
  const bytes = await runWork(scope, () =>
    encodeFlight(result, {
      temporaryReferences,
      onError(error) {
        failure ??= error instanceof Error ? error.message : String(error);
        // What has no value yet is no mistake.
        return reads.isUnknown ? undefined : reportError(host, scope, error);
      },
    }),
  );
  return { life: scope.ownLife ?? shorterLife(currentProfiles().default, scope), tags: [...scope.tags], roots: [...reads.names], bytes, failure: reads.isUnknown ? "a parameter has no value yet" : failure };
}

function checkNesting(work: Work, kind: string): void {
  const isPrivate = kind === "private";
  if (work.within === "unstable_cache" && isPrivate) throw new Error('"use cache: private" must not be used within `unstable_cache()`.');
  if (work.within === "use cache" && isPrivate) throw new Error('"use cache: private" must not be used within "use cache". It can only be used inside of another "use cache: private".');
}

async function keptOf(work: Work, kind: string, key: string, made: () => Promise<MadeResult>): Promise<Result> {
  const isOwn = hasHandler(kind);
  // For one visitor, and for whom the app is written (from the next request on, where one turns that on): nothing is looked
  // up, nothing stays.
  if (kind === "private" || asksForDraft(work.request, currentHost())) {
    if (isOwn) await refreshTags(work, kind);
    return made();
  }
  // Caches of different names are different caches.
  return isOwn ? keptResult(work, key, made, storeOf(kind)) : keptResult(work, `${kind} ${key}`, made);
}

/** Calls a cached function: `captured` is what it uses of the functions around it, `count` how many arguments it takes. */
export async function cached(kind: string, id: string, captured: readonly unknown[], count: number | null, run: Run, given: readonly unknown[]): Promise<unknown> {
  const work = currentWork();
  // A proxy has no cache, and nor has what runs before there is a request.
  if (work === undefined || !work.usesDataCache) return run(...given);
  checkNesting(work, kind);
  const late = work.holes !== null && work.within === null ? tooLate(work) : null;
  const isPrivate = kind === "private";
  if (isPrivate && work.mode === "prerender" && work.within === null) await leaveOut(work, '"use cache: private"');
  const args = count === null ? [...given] : given.slice(0, count);
  const references = createReferences();
  const encoded = await encodeReply(isPrivate ? args : withoutQuery(args), { temporaryReferences: references });
  const key = await keyOfParts([currentBuild(), id, captured.length === 0 ? "" : await textOfCaptured(captured)], encoded);
  const calls = callsOf(work);
  askedOf(work);
  const call = `${kind} ${key} ${allRootValues(work)}`;
  const made = (): Promise<MadeResult> => inTime(work, late, make(work, isPrivate ? "use cache: private" : "use cache", { encoded, references }, { run, given: args }));
  let kept = calls.get(call);
  if (kept === undefined) {
    kept = keptOf(work, kind, key, made);
    calls.set(call, kept);
  }
  const { life, tags, roots, bytes } = await kept;
  await joinRootParams(work, roots);
  if (work.mode === "prerender" && work.within === null && (life.revalidate === 0 || life.expire < SHORT)) await leaveOut(work, '"use cache" with a short `cacheLife`');
  lowerLife(work, life);
  joinTags(work, tags);
  return decodeFlight(bytes, references);
}
