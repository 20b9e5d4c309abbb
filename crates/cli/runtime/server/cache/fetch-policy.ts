// What becomes of a `fetch` of server code: answered from the data cache, or asked of its server. Pure.
//
// A fetch is stored if it asks for that; what it says wins over what the route says about fetches in general, unless the
// route forces them (`fetchCache`). In what is rendered once for everybody, a fetch that must not be stored makes the
// route one that is rendered for each request, and one that is stored for less time than the page makes the page's time
// shorter. A fetch that says nothing does neither: what it gave is stored with the page.
import { checkRevalidate, checkTags } from "./limits.ts";

/** What a route says about its fetches. */
export type FetchCache = "auto" | "default-cache" | "only-cache" | "force-cache" | "default-no-store" | "only-no-store" | "force-no-store";

const FETCH_CACHES: readonly string[] = ["auto", "default-cache", "only-cache", "force-cache", "default-no-store", "only-no-store", "force-no-store"] satisfies FetchCache[];

/** Whether a file's `fetchCache` is one. */
export function isFetchCache(value: unknown): value is FetchCache {
  return typeof value === "string" && FETCH_CACHES.includes(value);
}

/** What a fetch says about itself. */
export interface FetchCall {
  url: string;
  /** In upper case. */
  method: string;
  /** `init.cache`, or that of the `Request`. */
  cache: string | undefined;
  /** `next.revalidate`, as it was given. */
  revalidate: unknown;
  /** `next.tags`, as they were given. */
  tags: unknown;
  /** It has an `authorization` or a `cookie`. */
  hasCredentials: boolean;
}

/** Where a fetch happens. */
export interface FetchScene {
  /** The route's path, for messages. */
  route: string;
  fetchCache: FetchCache | undefined;
  /** `dynamic = "force-dynamic"` */
  forceDynamic: boolean;
  /** `dynamic = "force-static"` */
  forceStatic: boolean;
  /** `unstable_noStore` was called. */
  noStore: boolean;
  /** Inside of a function of `unstable_cache`: what that gives is stored, not what it is made of. */
  inFunction: boolean;
  /** Seconds for which what is rendered for everybody may be kept so far; `null` if it is rendered for this request. */
  lifetime: number | false | null;
  /** A build prerenders. */
  building: boolean;
}

/** What becomes of a fetch. */
export type FetchPolicy = {
  /** The tags of what it gives, and of what is rendered with it. */
  tags: string[];
  warnings: string[];
  /** Why what is rendered depends on the request as soon as the fetch is sent. */
  makesDynamic: string | null;
  /** The seconds that what is rendered with it may be kept at most: the fetch asks for it. */
  lowersTo: number | null;
} & (
  | {
      kind: "cache";
      revalidate: number | false;
      /** Nothing was said: it is the same for all pages of a build, and for nobody after it. */
      onlyForBuild: boolean;
    }
  | { kind: "uncached"; reason: string }
);

/** What a fetch asks for, once what contradicts itself is left out. */
interface Wish {
  cache: string | undefined;
  revalidate: unknown;
  warning: string | null;
}

function wishOf({ cache, revalidate, url }: FetchCall): Wish {
  const isTime = (typeof revalidate === "number" && revalidate > 0) || revalidate === false;
  const contradicts = (cache === "force-cache" && revalidate === 0) || (cache === "no-store" && isTime);
  if (!contradicts) return { cache, revalidate, warning: null };
  return { cache: undefined, revalidate: undefined, warning: `the fetch of ${url} asks for "cache: ${cache}" and "revalidate: ${String(revalidate)}", which contradict each other: both are left out` };
}

const isOptOut = (cache: string | undefined): boolean => cache === "no-store" || cache === "no-cache";
const isUnsaid = (cache: string | undefined): boolean => cache === undefined || cache === "default";

/** The seconds that a fetch wants, where `Infinity` is for ever and 0 never; `undefined` if it does not say. */
function wantedTime({ cache, revalidate }: Wish, mode: FetchCache | undefined, { forceDynamic, route }: FetchScene): number | undefined {
  const checked = checkRevalidate(revalidate, route);
  if (cache === "force-cache" && checked === undefined) return Infinity;
  if (isOptOut(cache) || mode === "force-no-store" || mode === "only-no-store") return 0;
  if (mode === undefined && cache === undefined && !checked && checked !== false && forceDynamic) return 0;
  return checked === false ? Infinity : checked;
}

function contradiction(url: string, asked: string, mode: FetchCache): Error {
  return new Error(`the fetch of ${url} asks for "cache: ${asked}", which the route's \`fetchCache = "${mode}"\` does not allow`);
}

/** The seconds that the route gives a fetch that wants none. */
function givenTime(mode: FetchCache | undefined, { noStore, lifetime }: FetchScene, isLeft: boolean): { seconds: number; reason: string } {
  if (mode === "default-cache" && !noStore) return { seconds: Infinity, reason: "fetchCache = default-cache" };
  if (mode === "default-no-store") return { seconds: 0, reason: "fetchCache = default-no-store" };
  if (noStore) return { seconds: 0, reason: "unstable_noStore" };
  if (isLeft) return { seconds: 0, reason: "nothing asks for it" };
  return { seconds: lifetime === false || lifetime === null ? Infinity : lifetime, reason: "as long as the page" };
}

/** Decides about a fetch. Throws if it says something that means nothing, or that the route does not allow. */
export function fetchPolicy(call: FetchCall, scene: FetchScene): FetchPolicy {
  const { url } = call;
  const { tags, warnings } = checkTags(call.tags, `fetch ${url}`);
  const wish = wishOf(call);
  if (wish.warning !== null) warnings.push(wish.warning);
  const mode = scene.inFunction ? "force-no-store" : scene.fetchCache;
  const wanted = wantedTime(wish, mode, scene);
  const lifetime = scene.lifetime === false ? Infinity : scene.lifetime;

  if (mode === "only-no-store" && (wish.cache === "force-cache" || (wanted ?? 0) > 0)) throw contradiction(url, wish.cache ?? "force-cache", mode);
  if (mode === "only-cache" && wish.cache === "no-store") throw contradiction(url, wish.cache, mode);

  // Left to itself: it is neither stored nor a reason to render for each request.
  const isUndecided = mode === undefined && isUnsaid(wish.cache) && wanted === undefined;
  const isPrivate = call.hasCredentials || !["GET", "HEAD"].includes(call.method);
  const isLeft = (isPrivate && lifetime === 0) || (isUndecided && !scene.building);

  let seconds: number;
  let reason: string;
  if (mode === "force-cache" && (wanted === undefined || wanted === 0)) [seconds, reason] = [Infinity, "fetchCache = force-cache"];
  else if (wanted === undefined) ({ seconds, reason } = givenTime(mode, scene, isLeft));
  else [seconds, reason] = [wanted, isOptOut(wish.cache) ? `cache: ${wish.cache}` : `revalidate: ${wanted}`];

  const isForAll = lifetime !== null && !scene.forceStatic;
  // What was said is said, also where it contradicts itself.
  const asksForNone = call.cache === "no-store" || call.revalidate === 0;
  const makesDynamic = isForAll && lifetime > 0 && (asksForNone || (seconds === 0 && !isLeft)) ? `fetch of ${url} (${asksForNone && !isOptOut(wish.cache) ? "no-store" : reason})` : null;
  const shortest = typeof call.revalidate === "number" && call.revalidate > 0 ? call.revalidate : Infinity;
  const lowersTo = lifetime !== null && shortest < lifetime ? shortest : null;
  const all = { tags, warnings, makesDynamic, lowersTo };
  if (seconds === 0) return { kind: "uncached", reason, ...all };
  return { kind: "cache", revalidate: seconds === Infinity ? false : seconds, onlyForBuild: isUndecided, ...all };
}
