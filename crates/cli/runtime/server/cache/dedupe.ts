// Within one render, requests that read the same are sent once: pages, layouts and their metadata ask for the same without
// knowing of each other. What else happens in a request (a handler, a server function) asks each time.
import { copyOf } from "./response.ts";
import type { Work } from "../work.ts";

/** The platform's own fetch. */
export type Fetch = typeof globalThis.fetch;

interface Sent {
  identity: string;
  response: Promise<Response>;
}

/** What a render has sent so far; `null` if nothing is rendered. */
function sentBy({ mode, within, memo }: Work): Sent[] | null {
  if ((mode !== "prerender" && mode !== "dynamic") || (within !== null && within !== "unstable_cache")) return null;
  const known = memo.get(sentBy) as Sent[] | undefined;
  if (known !== undefined) return known;
  const sent: Sent[] = [];
  memo.set(sentBy, sent);
  return sent;
}

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** What says which answer a request gets; `null` if it is sent each time. */
function identityOf(input: string | URL | Request, init: RequestInit | undefined): string | null {
  // Who may abort a request has it alone.
  if (init?.signal) return null;
  const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
  if (!isReading(method)) return null;
  let request: Request;
  try {
    request = new Request(input, init);
  } catch {
    // Whoever sends it hears what is wrong with it.
    return null;
  }
  if (request.keepalive) return null;
  const { url, mode, redirect, credentials, referrer, referrerPolicy, integrity } = request;
  return JSON.stringify([url, method, [...request.headers], mode, redirect, credentials, referrer, referrerPolicy, integrity]);
}

/** Sends a request, unless the render has sent it already. Everybody gets a response of their own. */
export async function sendOnce(send: Fetch, work: Work, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
  const sent = sentBy(work);
  const identity = sent === null ? null : identityOf(input, init);
  if (sent === null || identity === null) return send(input, init);
  let known = sent.find((one) => one.identity === identity);
  if (known === undefined) {
    known = { identity, response: send(input, init) };
    sent.push(known);
  }
  // The one that is kept is never read: each copy of it is whole.
  return copyOf(await known.response);
}
