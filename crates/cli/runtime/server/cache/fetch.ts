// `fetch` of server code: as the platform has it, and answered from the data cache where the request or its route asks
// for that. Outside of a request, for a proxy and in draft mode it is the platform's own.
import { joinBytes } from "../bytes.ts";
import { isDraft } from "../draft.ts";
import { currentHost } from "../host-access.ts";
import { routePath, staticOnly } from "../request-scope.ts";
import { currentWork, isCaching, isForAll, leaveOut } from "../work.ts";
import { remember } from "./data.ts";
import { sendOnce } from "./dedupe.ts";
import { fetchPolicy } from "./fetch-policy.ts";
import { keyOfFetch } from "./key.ts";
import { joinTags, lowerLifetime } from "./lifetime.ts";
import { bodyRoom, tooLarge } from "./limits.ts";
import { decodeRecord, encodeRecord, headText } from "./record.ts";
import { copyOf, withUrl } from "./response.ts";
import type { Fetch } from "./dedupe.ts";
import type { FetchCall, FetchScene } from "./fetch-policy.ts";
import type { Made } from "./data.ts";
import type { RecordHead } from "./record.ts";
import type { Work } from "../work.ts";

type Input = string | URL | Request;

/** What Next adds to `init`, and to a `Request` that was made with it. */
interface Next {
  next?: { revalidate?: unknown; tags?: unknown };
}

const INSTALLED = Symbol.for("vinext.fetch");

function callOf(input: Input, init: (RequestInit & Next) | undefined): FetchCall {
  const request = input instanceof Request ? (input as Request & Next) : null;
  const headers = new Headers(init?.headers ?? request?.headers ?? []);
  return {
    url: request?.url ?? String(input),
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    cache: init?.cache ?? request?.cache,
    revalidate: init?.next?.revalidate ?? request?.next?.revalidate,
    tags: init?.next?.tags ?? request?.next?.tags,
    hasCredentials: headers.has("authorization") || headers.has("cookie"),
  };
}

function sceneOf(work: Work, building: boolean): FetchScene {
  return {
    route: routePath(work),
    fetchCache: work.fetchCache,
    forceDynamic: work.forceDynamic,
    forceStatic: work.dynamic === "force-static",
    noStore: work.noStore,
    inFunction: work.within === "unstable_cache",
    lifetime: isForAll(work) ? work.revalidate : null,
    building: building && work.mode === "prerender" && (isCaching(work) || work.holes === null),
  };
}

function responseOf(bytes: Uint8Array): Response {
  const { head, body } = decodeRecord<RecordHead>(bytes);
  return withUrl(new Response(body, { status: head.status, headers: head.headers }), head.url);
}

/** A whole body of at most so many bytes; `null` if there are more. */
async function wholeBody(body: ReadableStream<Uint8Array> | null, room: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body !== null) {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > room) {
        void reader.cancel().catch(() => {});
        return null;
      }
      chunks.push(value);
    }
  }
  return joinBytes(chunks);
}

/** The bytes of a response that may be stored: a whole one, of success. */
async function bytesOf(response: Response, url: string): Promise<Uint8Array | null> {
  // A cookie is for who was answered, not for everybody who is given the same later.
  const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
  const head = headText({ status: response.status, headers, url: response.url });
  const body = await wholeBody(response.body, bodyRoom(head.length));
  if (body !== null) return encodeRecord(head, body);
  console.warn(tooLarge(`fetch ${url}`));
  return null;
}

/** What was answered, for whoever asked and for the store. */
function made(response: Response, url: string): Made<Response> {
  if (response.status !== 200) return { value: response, bytes: Promise.resolve(null) };
  return { value: response, bytes: bytesOf(copyOf(response), url) };
}

/** What was answered while nobody waits. */
function madeForNobody(response: Response, url: string): Made<Response> {
  if (response.status === 200) return { value: response, bytes: bytesOf(response, url) };
  void response.body?.cancel().catch(() => {});
  return { value: response, bytes: Promise.resolve(null) };
}

function noteDynamic(work: Work, what: string | null): Promise<never> | null {
  // What is kept with all that it is made of depends on nobody.
  if (what === null || isCaching(work)) return null;
  if (work.dynamic === "error") throw new Error(staticOnly(routePath(work), what));
  return leaveOut(work, what);
}

async function answer(platform: Fetch, work: Work, input: Input, init: RequestInit | undefined): Promise<Response> {
  const host = currentHost();
  const send = (input: Input, init: RequestInit | undefined): Promise<Response> => sendOnce(platform, work, input, init);
  const call = callOf(input, init);
  const policy = fetchPolicy(call, sceneOf(work, host.building));
  for (const warning of policy.warnings) console.warn(warning);
  if (isForAll(work)) {
    joinTags(work, policy.tags);
    if (policy.lowersTo !== null) lowerLifetime(work, policy.lowersTo);
  }
  if (policy.kind === "uncached") {
    // Where a page may have holes, what nothing keeps is one.
    const left = work.holes === null || isCaching(work) ? noteDynamic(work, policy.makesDynamic) : leaveOut(work, "fetch");
    return left ?? send(input, init);
  }
  let keyed;
  try {
    keyed = await keyOfFetch(input, init);
  } catch {
    // The platform says what is wrong with it.
    return send(input, init);
  }
  const { key, init: whole } = keyed;
  const { tags, revalidate, onlyForBuild, makesDynamic } = policy;
  return remember(work, { key, tags, revalidate, onlyForBuild }, {
    read: responseOf,
    async make(inBackground) {
      if (inBackground) return madeForNobody(await send(input, { ...whole, signal: null }), call.url);
      await noteDynamic(work, makesDynamic);
      return made(await send(input, whole), call.url);
    },
  });
}

/** The fetch of server code, over the platform's. */
export function dataFetch(platform: Fetch): Fetch {
  return async (input, init) => {
    const work = currentWork();
    if (work === undefined || !work.usesDataCache) return platform(input, init);
    if (isDraft(work, currentHost())) return sendOnce(platform, work, input, init);
    return answer(platform, work, input, init);
  };
}

/** Has the server's code use it. Once for each isolate. */
export function installFetch(): void {
  if (Reflect.has(globalThis.fetch, INSTALLED)) return;
  globalThis.fetch = Object.assign(dataFetch(globalThis.fetch), { [INSTALLED]: true });
}
