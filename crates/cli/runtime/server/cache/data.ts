// Asks the data cache, and has what is missing or stale made by whoever has the ticket for it.
import { currentHost } from "../host-access.ts";
import { keptBy } from "../app/kept.ts";
import { waitUntil } from "../wait-until.ts";
import { pathTags } from "../tags.ts";
import { isForAll } from "../work.ts";
import type { DataCache, DataFound, DataOptions } from "../host.ts";
import type { Kept } from "../app/kept.ts";
import type { Work } from "../work.ts";

/** Which entry is asked for. */
export interface Question {
  /** Of what it is a key, if not of a `fetch` or of `unstable_cache`. */
  kind?: "use cache";
  key: string;
  tags: string[];
  revalidate: number | false;
  onlyForBuild?: boolean;
}

/** Something that was made just now. */
export interface Made<T> {
  value: T;
  /** The bytes to store, when they are there; `null` stores nothing. */
  bytes: Promise<Uint8Array | null>;
  /** How long they are good, if only the value says so. */
  options?: DataOptions;
}

/** What a kind of entry is. */
export interface Entry<T> {
  read(bytes: Uint8Array): T;
  /** Makes it anew: in the background, for nobody who waits. */
  make(inBackground: boolean): Promise<Made<T>>;
}

function tell(what: string, error: unknown): void {
  currentHost().log("error", `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** The tags that the page has which asks. */
export function softTagsOf(work: Work | undefined): string[] {
  return work?.routeId === undefined ? [] : pathTags(work.routeId, work.pathname);
}

/** Whether a stale value is of no use: what it becomes part of is kept, or it is known to be out of date. */
function mustBeFresh(work: Work | undefined, { tags }: Question, softTags: string[]): boolean {
  if (work === undefined) return false;
  return isForAll(work) || [...tags, ...softTags].some((tag) => work.invalidated.has(tag));
}

async function look(data: DataCache, { kind, key, tags, revalidate }: Question, softTags: string[]): Promise<DataFound | null> {
  try {
    return await data.look(key, kind ?? "data", tags, softTags, revalidate);
  } catch (error) {
    tell("the data cache could not be asked", error);
    return null;
  }
}

function optionsOf({ tags, revalidate, onlyForBuild }: Question): DataOptions {
  return { tags, revalidate, ...(onlyForBuild === true && { onlyForBuild }) };
}

/** Stores what was made, or gives the ticket back. Never rejects. */
async function keep<T>(data: DataCache, ticket: number, question: Question, made: Made<T>): Promise<void> {
  let isFilled = false;
  try {
    const value = await made.bytes;
    if (value === null) return;
    isFilled = true;
    await data.fill(ticket, value, made.options ?? optionsOf(question));
  } catch (error) {
    tell("the data cache could not store an entry", error);
  } finally {
    if (!isFilled) data.fail(ticket);
  }
}

async function makeFor<T>(data: DataCache, ticket: number, question: Question, entry: Entry<T>): Promise<T> {
  let made: Made<T>;
  try {
    made = await entry.make(false);
  } catch (error) {
    data.fail(ticket);
    throw error;
  }
  waitUntil(keep(data, ticket, question, made));
  return made.value;
}

/** Makes a stale value anew, while it is served. Never rejects. */
async function refresh<T>(data: DataCache, ticket: number, question: Question, entry: Entry<T>): Promise<void> {
  let made: Made<T>;
  try {
    made = await entry.make(true);
  } catch (error) {
    data.fail(ticket);
    return tell("a stale entry of the data cache could not be made anew", error);
  }
  await keep(data, ticket, question, made);
}

/** The value of an entry, made and stored now, whatever there is. */
export async function makeAnew<T>(work: Work | undefined, question: Question, entry: Entry<T>): Promise<T> {
  const { data } = currentHost();
  // What is there is older than that.
  const found = await look(data, { ...question, revalidate: 0 }, softTagsOf(work));
  const ticket = found === null || found.state === "fresh" ? undefined : found.ticket;
  return ticket === undefined ? (await entry.make(false)).value : makeFor(data, ticket, question, entry);
}

/** The entry, noting the bytes of what is made for a page that is rendered more than once. */
function noting<T>(kept: Kept, key: string, entry: Entry<T>): Entry<T> {
  return {
    read(bytes) {
      const value = entry.read(bytes);
      kept.set(key, bytes);
      return value;
    },
    async make(inBackground) {
      const made = await entry.make(inBackground);
      if (!inBackground) {
        const bytes = await made.bytes;
        if (bytes !== null) kept.set(key, bytes);
      }
      return made;
    },
  };
}

/** The value of an entry: as it was in the last render of this page, as it is stored, or made now. */
export async function remember<T>(work: Work | undefined, question: Question, entry: Entry<T>): Promise<T> {
  const kept = work === undefined ? null : keptBy(work);
  if (work === undefined || kept === null) return lookUp(work, question, entry);
  const known = kept.get(question.key);
  if (known !== undefined) return entry.read(known);
  // Where the rest of a page is rendered, nothing comes after that would get the same.
  if (work.holes === null) return lookUp(work, question, entry);
  return work.holes.during(() => lookUp(work, question, noting(kept, question.key, entry)));
}

async function lookUp<T>(work: Work | undefined, question: Question, entry: Entry<T>): Promise<T> {
  const { data } = currentHost();
  const softTags = softTagsOf(work);
  const found = await look(data, question, softTags);
  if (found === null) return (await entry.make(false)).value;
  if (found.state === "miss") return makeFor(data, found.ticket, question, entry);
  const isStale = found.state === "stale";
  const ticket = found.state === "stale" ? found.ticket : undefined;
  if (isStale && mustBeFresh(work, question, softTags)) {
    // Somebody else makes it, for others who may be shown what was before.
    return ticket === undefined ? (await entry.make(false)).value : makeFor(data, ticket, question, entry);
  }
  let value: T;
  try {
    value = entry.read(found.value);
  } catch (error) {
    tell("an entry of the data cache cannot be read", error);
    return ticket === undefined ? (await entry.make(false)).value : makeFor(data, ticket, question, entry);
  }
  if (ticket !== undefined) waitUntil(refresh(data, ticket, question, entry));
  return value;
}
