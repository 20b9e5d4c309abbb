// What one render of a page has got from caches: the next render of it gets the same, also where that is a request's, after
// the page's shell has gone out.
import { joinBytes } from "../bytes.ts";
import { decodeRecord, encodeRecord } from "../cache/record.ts";
import type { Work } from "../work.ts";

/** Values by key. */
export type Kept = Map<string, Uint8Array>;

/** What the render of a request has got so far. */
export function keptBy(work: Work): Kept | null {
  return (work.memo.get(keptBy) as Kept | undefined) ?? null;
}

/** Has a render use what another one has got, and note what it gets. */
export function provideKept(work: Work, kept: Kept): void {
  work.memo.set(keptBy, kept);
}

/** What is left to do of a page. */
export interface Rest {
  /** React's own state. */
  postponed: unknown;
  /** Whether its metadata comes after the page. */
  late: boolean;
  /** Parameters whose values its shell does not have. */
  unknown: string[];
  /** What its shell was made with. */
  kept: Kept;
}

interface Head {
  postponed: unknown;
  late: boolean;
  unknown: string[];
  entries: [key: string, length: number][];
}

/** What is left to do of a page, as bytes. */
export function encodeRest({ postponed, late, unknown, kept }: Rest): Uint8Array<ArrayBuffer> {
  const entries = [...kept].map(([key, value]): [string, number] => [key, value.length]);
  return encodeRecord(JSON.stringify({ postponed, late, unknown, entries } satisfies Head), joinBytes([...kept.values()]));
}

/** What is left to do of a page. Throws if the bytes are none of ours. */
export function decodeRest(bytes: Uint8Array): Rest {
  const { head, body } = decodeRecord<Head>(bytes);
  const kept: Kept = new Map();
  let at = 0;
  for (const [key, length] of head.entries) {
    kept.set(key, body.subarray(at, at + length));
    at += length;
  }
  if (at !== body.length) throw new Error("what is left of a page has another length than it says");
  return { postponed: head.postponed, late: head.late, unknown: head.unknown, kept };
}
