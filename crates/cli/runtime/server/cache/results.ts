// How results of cached functions are kept: under the key of their call, and the values of the root parameters they have read.
//
// Which those are is known when the function has run. Then there is a note under the key of the call that names them, and the
// result is under that key and their values.
import { currentHost } from "../host-access.ts";
import { rootValues } from "../root-params.ts";
import { makeAnew, remember } from "./data.ts";
import { keyWithRoots } from "./key.ts";
import { NEVER } from "./profiles.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import type { Entry } from "./data.ts";
import type { DataOptions } from "../host.ts";
import type { CacheProfile } from "./profiles.ts";
import type { Work } from "../work.ts";

/** What is kept beside the bytes of a result. */
interface Head {
  life: CacheProfile;
  tags: string[];
  /** The root parameters that it depends on. */
  roots: string[];
}

/** A result, as it is kept. */
export interface Result extends Head {
  bytes: Uint8Array;
}

/** A result that was made just now. */
export interface MadeResult extends Result {
  /** What the first of its errors says; `null` if there was none. */
  failure: string | null;
}

/** That a result depends on these root parameters, and is elsewhere. */
export interface Note {
  elsewhere: string[];
}

export type Stored = Result | Note;

/** What was made for a place, and what is to be there instead of it. */
export interface Making {
  made: MadeResult;
  note: Note | null;
}

/** Where a result is. */
export interface Place {
  key: string;
  /** The root parameters whose values are part of the key. */
  roots: readonly string[];
}

/** What there is at a place: as it is kept, or made now, which is kept then. */
export type Store = (work: Work, place: Place, make: () => Promise<Making>) => Promise<Stored>;

const NOTHING = new Uint8Array(0);

/** The result that cannot be had: it depends on what has no value yet. */
function unknowable(roots: string[]): Result {
  return { life: { stale: NEVER, revalidate: NEVER, expire: NEVER }, tags: [], roots, bytes: NOTHING };
}

/** What is kept, as bytes. */
export function recordOf(stored: Stored): Uint8Array {
  if ("elsewhere" in stored) return encodeRecord(JSON.stringify({ elsewhere: stored.elsewhere } satisfies Note), NOTHING);
  const { life, tags, roots, bytes } = stored;
  return encodeRecord(JSON.stringify({ life, tags, roots } satisfies Head), bytes);
}

/** What is kept, out of its bytes. */
export function readStored(record: Uint8Array): Stored {
  const { head, body } = decodeRecord<Head | Note>(record);
  return "elsewhere" in head ? head : { ...head, bytes: body };
}

function optionsOf({ life, tags }: Result): DataOptions {
  return { tags, revalidate: life.revalidate >= NEVER ? false : life.revalidate, ...(life.expire < NEVER && { expire: life.expire }) };
}

function dataEntry(make: () => Promise<Making>): Entry<Stored> {
  return {
    read: readStored,
    async make() {
      const { made, note } = await make();
      // What is to be made anew each time is not kept, and what has failed may not fail the next time.
      if (made.failure !== null || made.life.revalidate <= 0) return { value: made, bytes: Promise.resolve(null) };
      // As on Next, what a build has made is for its own pages.
      const onlyForBuild = currentHost().building;
      const options = note === null ? optionsOf(made) : { tags: [], revalidate: false as const };
      return { value: made, bytes: Promise.resolve(recordOf(note ?? made)), options: { ...options, onlyForBuild } };
    },
  };
}

/** The data cache. */
const inData: Store = (work, { key }, make) => {
  // A part of something that is made anew is made anew, too.
  const ask = work.within === "unstable_cache" ? makeAnew : remember;
  return ask(work, { kind: "use cache", key, tags: [], revalidate: false }, dataEntry(make));
};

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

/** The result of a call: as it is kept, or made now. */
export async function keptResult(work: Work, call: string, make: () => Promise<MadeResult>, store: Store = inData, roots: readonly string[] = []): Promise<Result> {
  const values = roots.length === 0 ? "" : rootValues(work, roots);
  if (values === null) return unknowable([...roots]);
  const place: Place = { key: values === "" ? call : await keyWithRoots(call, values), roots };
  const found = await store(work, place, async () => {
    const made = await make();
    const elsewhere = union(roots, made.roots);
    if (elsewhere.length === roots.length) return { made, note: null };
    // There before it is said to be there: who waits for this would make it a second time.
    await keptResult(work, call, async () => made, store, elsewhere);
    return { made, note: { elsewhere } };
  });
  return "elsewhere" in found ? keptResult(work, call, make, store, union(roots, found.elsewhere)) : found;
}
