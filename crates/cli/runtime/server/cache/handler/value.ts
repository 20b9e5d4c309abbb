// Entries as Next's cache handlers know them, and back. Pure.
//
// A handler keeps a value as it is, or writes it somewhere and reads it again. What Next does not have travels in headers of
// the value, which handlers keep.
import { Buffer } from "node:buffer";
import { decodeRecord, encodeRecord, headText } from "../record.ts";
import { cut } from "./question.ts";
import type { RecordHead } from "../record.ts";
import type { Found, SetQuestion, Times } from "./question.ts";

export type CacheKind = "APP_PAGE" | "APP_ROUTE" | "FETCH";

type OutgoingHeaders = Record<string, string | string[] | number | undefined>;

interface PageValue {
  kind: "APP_PAGE";
  html: string;
  rscData: Buffer | undefined;
  headers: OutgoingHeaders | undefined;
  status: number | undefined;
  /** What is left to do of the page, in base64. */
  postponed: string | undefined;
  segmentData: Map<string, Buffer>;
}

interface RouteValue {
  kind: "APP_ROUTE";
  body: Buffer;
  headers: OutgoingHeaders;
  status: number;
}

interface FetchValue {
  kind: "FETCH";
  data: { headers: Record<string, string>; body: string; status: number; url: string };
  revalidate: number;
}

export type CacheValue = PageValue | RouteValue | FetchValue;

/** What a handler gives. */
export interface HandlerEntry {
  value?: CacheValue | null;
  lastModified?: number;
  cacheControl?: { revalidate?: number | false; expire?: number };
}

const TAGS = "x-next-cache-tags";
const TIMES = "x-vinext-times";
/** Seconds that stand for "for ever". */
const YEAR = 31_536_000;

function timesText({ begun, revalidate, expire }: Times): string {
  return JSON.stringify([begun, revalidate, expire]);
}

function timesOf(text: unknown): Times | null {
  if (typeof text !== "string") return null;
  const [begun, revalidate, expire] = JSON.parse(text) as [number | null, number | null, number | null];
  return { begun, revalidate, expire };
}

function headersObject(pairs: readonly [string, string][]): OutgoingHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const known = headers[name];
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

function headerPairs(headers: OutgoingHeaders | undefined): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined || name === TAGS || name === TIMES ? [] : [value].flat().map((one): [string, string] => [name, String(one)])));
}

function fetchValue(question: SetQuestion, data: Uint8Array): FetchValue {
  const revalidate = question.times.revalidate ?? YEAR;
  const times = { [TIMES]: timesText(question.times) };
  // A response starts with the length of its head; what a function has given is JSON.
  if (data[0] !== 0) return { kind: "FETCH", data: { headers: times, body: new TextDecoder().decode(data), status: 200, url: "" }, revalidate };
  const { head, body } = decodeRecord<RecordHead>(data);
  return { kind: "FETCH", data: { headers: { ...Object.fromEntries(head.headers), ...times }, body: Buffer.from(body).toString("base64"), status: head.status, url: head.url }, revalidate };
}

/** The value that a handler is given to keep. */
export function toValue(question: SetQuestion, bytes: Uint8Array): CacheValue {
  const pieces = cut(bytes, question.parts);
  const piece = (name: string): Buffer | undefined => {
    const found = pieces.get(name);
    return found && Buffer.from(found);
  };
  if (question.kind === "FETCH") return fetchValue(question, pieces.get("data") ?? new Uint8Array());
  const headers = { ...headersObject(question.headers), [TAGS]: question.tags.join(","), [TIMES]: timesText(question.times) };
  if (question.kind === "APP_ROUTE") return { kind: "APP_ROUTE", body: piece("body") ?? Buffer.alloc(0), headers, status: question.status };
  return { kind: "APP_PAGE", html: piece("html")?.toString("utf8") ?? "", rscData: piece("rsc") ?? Buffer.alloc(0), headers, status: question.status, postponed: piece("rest")?.toString("base64"), segmentData: new Map() };
}

function fetchPieces({ data }: FetchValue): { times: Times | null; data: Uint8Array } {
  const { [TIMES]: times, ...headers } = data.headers;
  if (data.url === "") return { times: timesOf(times), data: new TextEncoder().encode(data.body) };
  const head = headText({ status: data.status, headers: Object.entries(headers), url: data.url });
  return { times: timesOf(times), data: encodeRecord(head, Buffer.from(data.body, "base64")) };
}

/** How long an entry is good: as the handler says, as it was kept, or as Next takes what it knows nothing of. */
function lifetime({ cacheControl }: HandlerEntry, kept: Times | null): Times {
  if (cacheControl === undefined) return kept ?? { begun: null, revalidate: 1, expire: null };
  return { begun: kept?.begun ?? null, revalidate: cacheControl.revalidate === false ? null : (cacheControl.revalidate ?? null), expire: cacheControl.expire ?? null };
}

/** What a handler has given for a key of this kind: its head and its pieces; `null` if that is nothing. Throws if it is something else. */
export function fromEntry(kind: CacheKind, entry: HandlerEntry | null | undefined): { head: Omit<Found, "parts">; pieces: [string, Uint8Array][] } | null {
  const value = entry?.value;
  // As in Next, -1 is for what may not be shown any more.
  if (!entry || !value || (kind !== "FETCH" && entry.lastModified === -1)) return null;
  if (value.kind !== kind) throw new Error(`it has given a value of the kind "${value.kind}" for one of the kind "${kind}"`);
  const lastModified = Math.max(0, entry.lastModified ?? (kind === "FETCH" ? 0 : Date.now()));
  if (value.kind === "FETCH") {
    const { times, data } = fetchPieces(value);
    const revalidate = value.revalidate >= YEAR ? null : value.revalidate;
    return { head: { lastModified, times: times ?? { begun: null, revalidate, expire: null }, status: 200, headers: [], tags: [] }, pieces: [["data", data]] };
  }
  const { [TAGS]: tags, [TIMES]: times } = value.headers ?? {};
  const head = {
    lastModified,
    times: lifetime(entry, timesOf(times)),
    status: value.status ?? 200,
    headers: headerPairs(value.headers),
    tags: typeof tags === "string" && tags !== "" ? tags.split(",") : [],
  };
  if (value.kind === "APP_ROUTE") return { head, pieces: [["body", value.body]] };
  const pieces: [string, Uint8Array][] = [["html", new TextEncoder().encode(value.html)]];
  if (value.rscData !== undefined && value.rscData.length > 0) pieces.push(["rsc", value.rscData]);
  if (value.postponed !== undefined) pieces.push(["rest", Buffer.from(value.postponed, "base64")]);
  return { head, pieces };
}
