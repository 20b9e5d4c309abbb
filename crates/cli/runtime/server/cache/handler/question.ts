// What the cache asks of the app's `cacheHandler`, and how entries travel between the two: contract 9. Pure.
import { joinBytes } from "../../bytes.ts";
import { encodeRecord } from "../record.ts";
import type { CacheKind } from "./value.ts";

/** For how long something is good, in seconds (`null` is for ever), and when its making began, in microseconds. */
export interface Times {
  revalidate: number | null;
  expire: number | null;
  begun: number | null;
}

/** Names and lengths of the pieces that bytes consist of. */
export type Parts = [name: string, length: number][];

/** An entry without its bytes. */
export interface EntryHead {
  times: Times;
  status: number;
  headers: [string, string][];
  tags: string[];
  parts: Parts;
}

/** An entry to keep. */
export interface SetQuestion extends EntryHead {
  ask: "set";
  key: string;
  kind: CacheKind;
  /** It is for other pages of this build, and for nobody after it. */
  onlyForBuild: boolean;
}

/** What is asked for. */
export interface GetQuestion {
  ask: "get";
  key: string;
  kind: CacheKind;
  /** What can outdate it besides its own tags. */
  tags: string[];
  revalidate: number | null;
}

/** A tag that was invalidated: what carries it is shown for `expire` more seconds (`null` is for ever), or not at all. */
export interface RevalidateQuestion {
  ask: "revalidate";
  tag: string;
  stale: { expire: number | null } | null;
}

export type CacheQuestion = GetQuestion | SetQuestion | RevalidateQuestion;

/** What there is. */
export interface Found extends EntryHead {
  /** Milliseconds since the epoch. */
  lastModified: number;
}

/** Cuts bytes into their pieces. */
export function cut(bytes: Uint8Array, parts: Parts): Map<string, Uint8Array> {
  let from = 0;
  return new Map(parts.map(([name, length]) => [name, bytes.subarray(from, (from += length))]));
}

/** An answer as bytes: a record, whose body is the pieces. */
export function encodeFound(head: Omit<Found, "parts">, pieces: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const parts: Parts = pieces.map(([name, { length }]) => [name, length]);
  return encodeRecord(JSON.stringify({ ...head, parts } satisfies Found), joinBytes(pieces.map(([, piece]) => piece)));
}
