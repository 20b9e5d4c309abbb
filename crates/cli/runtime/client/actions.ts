// Calls of server functions from the browser: asked one after the other, so that each sees what the one before has done.
import { createFromReadableStream, createTemporaryReferenceSet, encodeReply } from "react-server-dom-webpack/client.browser";
import { ACTION_HEADER, ACTION_NOT_FOUND_HEADER, ACTION_REDIRECT_HEADER, ACTION_REVALIDATED_HEADER, Revalidated, usedArguments } from "../shared/action-wire.ts";
import { clientConfig } from "../shared/config.ts";
import { digestError } from "../shared/control-flow.ts";
import { UnrecognizedActionError, markFollowed } from "./action-errors.ts";
import { toBrowserHref, withoutHash } from "../shared/href.ts";
import { writeKnownTree } from "../shared/known-tree.ts";
import { NEXT_URL_HEADER, RSC_CONTENT_TYPE, STATE_TREE_HEADER } from "../shared/wire.ts";
import type { ActionPayload } from "../shared/action-wire.ts";
import type { RedirectKind } from "../shared/control-flow.ts";
import type { RoutePayload, SegmentPayload } from "../shared/payload.ts";

/** The answer to a call. */
export interface ActionAnswer {
  result: Promise<unknown>;
  /** The page as it is now, if the server sent it along. */
  page: RoutePayload | null;
  revalidated: Revalidated | null;
  redirect: Redirect | null;
}

/** Where a call leads. */
export interface Redirect {
  url: string;
  kind: RedirectKind;
  /** The page that is there, if the server sent it along. */
  page: Promise<RoutePayload | null>;
}

/** What the router knows when a function is called. */
export interface Whereabouts {
  href: string;
  tree: SegmentPayload;
  /** The path from which a navigation led here. */
  from: string | undefined;
}

let dispatch: ((id: string, args: unknown[]) => Promise<unknown>) | null = null;

/** Sets who calls server functions: the document's router. */
export function provideDispatch(dispatcher: (id: string, args: unknown[]) => Promise<unknown>): void {
  dispatch = dispatcher;
}

/** Calls a server function. */
export function callServer(id: string, args: unknown[]): Promise<unknown> {
  if (dispatch === null) return Promise.reject(new Error("the page has not started yet"));
  return dispatch(id, args);
}

/** Sends a call to the server. */
export async function requestAction(id: string, args: readonly unknown[], { href, tree, from }: Whereabouts): Promise<ActionAnswer> {
  const temporaryReferences = createTemporaryReferenceSet();
  const body = await encodeReply(usedArguments(id, args), { temporaryReferences });
  const headers: Record<string, string> = { accept: RSC_CONTENT_TYPE, [ACTION_HEADER]: id };
  const known = writeKnownTree(tree);
  if (known) headers[STATE_TREE_HEADER] = known;
  if (from !== undefined) headers[NEXT_URL_HEADER] = from;
  const response = await fetch(toBrowserHref(withoutHash(href), clientConfig()), { method: "POST", headers, body, credentials: "same-origin" });
  if (response.headers.get(ACTION_NOT_FOUND_HEADER) === "1") {
    throw new UnrecognizedActionError(`Server Action "${id}" was not found on the server. \nRead more: https://nextjs.org/docs/messages/failed-to-find-server-action`);
  }
  const led = readRedirect(response.headers.get(ACTION_REDIRECT_HEADER));
  const revalidated = readRevalidated(response.headers.get(ACTION_REVALIDATED_HEADER));
  const type = response.headers.get("content-type") ?? "";
  if (led !== null) {
    const error = digestError("NEXT_REDIRECT", `NEXT_REDIRECT;${led.kind};${led.url};307;`);
    markFollowed(error);
    return { result: Promise.reject(error), page: null, revalidated, redirect: { ...led, page: readPage(response, type) } };
  }
  if (!type.startsWith(RSC_CONTENT_TYPE) || response.body === null) {
    const isText = response.status >= 400 && type.startsWith("text/plain");
    throw new Error(isText ? await response.text() : "An unexpected response was received from the server.");
  }
  const { result, page } = await createFromReadableStream<ActionPayload>(response.body, { callServer, temporaryReferences });
  return { result, page, revalidated, redirect: null };
}

/** The page in an answer, if there is one. */
async function readPage({ body }: Response, type: string): Promise<RoutePayload | null> {
  if (body === null || !type.startsWith(RSC_CONTENT_TYPE)) return null;
  try {
    return await createFromReadableStream<RoutePayload | null>(body, { callServer });
  } catch {
    return null;
  }
}

function readRedirect(header: string | null): Omit<Redirect, "page"> | null {
  const at = header?.lastIndexOf(";") ?? -1;
  if (header === null || at < 0) return null;
  return { url: header.slice(0, at), kind: header.slice(at + 1) === "push" ? "push" : "replace" };
}

function readRevalidated(header: string | null): Revalidated | null {
  return header === "1" ? Revalidated.All : header === "2" ? Revalidated.Dynamic : null;
}
