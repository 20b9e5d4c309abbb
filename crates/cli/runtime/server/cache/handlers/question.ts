// What is asked of the app's `cacheHandlers`, and what they answer: contract 9. Pure.
import { decodeRecord, encodeRecord } from "../record.ts";
import { NEVER } from "../profiles.ts";

/** An entry without its bytes, as Next's handlers know it: times in seconds. */
export interface EntryHead {
  tags: string[];
  stale: number;
  /** When its making began: milliseconds since the epoch. */
  timestamp: number;
  expire: number;
  revalidate: number;
}

/** For how many seconds what carries a tag may still be shown: `null` is for ever. */
export interface Durations {
  expire?: number | null;
}

/** A question about results: `handler` is the name of a cache. */
export type ResultQuestion =
  | { ask: "refreshTags"; handler: string }
  | { ask: "result"; handler: string; key: string; softTags: string[] }
  | { ask: "expiration"; handler: string; tags: string[] }
  /** The bytes are with it. `failure`: they end in this error. */
  | { ask: "keep"; handler: string; key: string; entry: EntryHead; failure?: string }
  /** Asked of all of them. `null`: at once. */
  | { ask: "updateTags"; tags: string[]; durations: Durations | null };

/** What there is to say besides bytes. */
export interface ResultAnswer {
  entry?: EntryHead;
  /** `null` is infinite. */
  expiration?: number | null;
  /** What the handler has thrown, or its stream. */
  failure?: string;
}

const NOTHING = new Uint8Array(0);

/** Whether a question is about results. */
export function isAboutResults(question: { ask: string }): question is ResultQuestion {
  return ["refreshTags", "result", "expiration", "keep", "updateTags"].includes(question.ask);
}

/** A number that JSON can hold. */
function finite(seconds: unknown): number {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds : NEVER;
}

/** The head of an entry that a handler has given. */
export function headOf({ tags, stale, timestamp, expire, revalidate }: EntryHead): EntryHead {
  return { tags: [...tags], stale: finite(stale), timestamp, expire: finite(expire), revalidate: finite(revalidate) };
}

/** An answer as bytes. */
export function encodeAnswer(answer: ResultAnswer, bytes: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
  return encodeRecord(JSON.stringify(answer), bytes);
}

/** The answer that bytes are. */
export function decodeAnswer(bytes: Uint8Array): ResultAnswer & { bytes: Uint8Array } {
  const { head, body } = decodeRecord<ResultAnswer>(bytes);
  return { ...head, bytes: body };
}
