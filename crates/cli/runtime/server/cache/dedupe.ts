// Within one render, requests that read the same are sent once. React keeps them with the render: what else happens in a
// request (a handler, a server function) asks each time.
import { cache } from "react";
import { copyOf } from "./response.ts";

/** The platform's own fetch. */
export type Fetch = typeof globalThis.fetch;

interface Sent {
  /** What else than the URL says which answer it gets. */
  kind: string;
  response: Promise<Response>;
}

const sentTo = cache((_url: string): Sent[] => []);

/** Whether React keeps something with what runs: nothing is copied for who is the only one to read it. */
function isRendering(): boolean {
  return sentTo("") === sentTo("");
}

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** What says which answer a request gets; `null` if it is sent each time. */
function identity(input: string | URL | Request, init: RequestInit | undefined): { url: string; kind: string } | null {
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
  const { mode, redirect, credentials, referrer, referrerPolicy, integrity } = request;
  return { url: request.url, kind: JSON.stringify([method, [...request.headers], mode, redirect, credentials, referrer, referrerPolicy, integrity]) };
}

/** A fetch that sends what one render asks for once, and gives everybody a response of their own. */
export function dedupe(send: Fetch): Fetch {
  return async (input, init) => {
    const asked = isRendering() ? identity(input, init) : null;
    if (asked === null) return send(input, init);
    const sent = sentTo(asked.url);
    let known = sent.find(({ kind }) => kind === asked.kind);
    if (known === undefined) {
      known = { kind: asked.kind, response: send(input, init) };
      sent.push(known);
    }
    // The one that is kept is never read: each copy of it is whole.
    return copyOf(await known.response);
  };
}
