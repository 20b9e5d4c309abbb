// What a call of a server function looks like on the wire. The names are Next's, so that proxies and tools know them.
import type { RoutePayload } from "./payload.ts";

/** Names the function that is called. */
export const ACTION_HEADER = "next-action";
/** Where the function sends the visitor: an address and `push` or `replace`. */
export const ACTION_REDIRECT_HEADER = "x-action-redirect";
/** Says that the function made something outdated: see `Revalidated`. */
export const ACTION_REVALIDATED_HEADER = "x-action-revalidated";
/** Says that this build has no such function. */
export const ACTION_NOT_FOUND_HEADER = "x-nextjs-action-not-found";

/** What a function made outdated. */
export const Revalidated = {
  /** What is stored, and what depends on the request: something was invalidated, or a cookie has changed. */
  All: 1,
  /** Only what depends on the request: a refresh was asked for. */
  Dynamic: 2,
} as const;
export type Revalidated = (typeof Revalidated)[keyof typeof Revalidated];

/** The model of the Flight stream that answers a call. */
export interface ActionPayload {
  /** What the function returned, or threw. */
  result: Promise<unknown>;
  /** The page as it is now, if it may look different. */
  page: RoutePayload | null;
}

/** How many arguments an id speaks of one by one. */
const NAMED_ARGUMENTS = 6;

/**
 * The arguments that a function uses: its id's first byte says which ones. What nobody reads need not be sent, and may
 * be something that cannot be.
 */
export function usedArguments(id: string, args: readonly unknown[]): unknown[] {
  const mask = Number.parseInt(id.slice(0, 2), 16);
  const usesRest = (mask & 1) === 1;
  const isUsed = (index: number): boolean => (index < NAMED_ARGUMENTS ? ((mask >> (NAMED_ARGUMENTS - index)) & 1) === 1 : usesRest);
  const used = args.map((value, index) => (isUsed(index) ? value : undefined));
  const count = args.findLastIndex((_, index) => isUsed(index)) + 1;
  return used.slice(0, count);
}
