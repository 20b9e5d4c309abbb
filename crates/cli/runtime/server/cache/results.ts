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
  /** Nothing of it has failed. */
  isWhole: boolean;
}

/** That a result depends on these root parameters, and is elsewhere. */
interface Note {
  elsewhere: string[];
}

/** Where a result is. */
interface Place {
  /** The key of the call. */
  call: string;
  /** The root parameters whose values are part of the key. */
  roots: readonly string[];
}

const NOTHING = new Uint8Array(0);

/** The result that cannot be had: it depends on what has no value yet. */
function unknowable(roots: string[]): Result {
  return { life: { stale: NEVER, revalidate: NEVER, expire: NEVER }, tags: [], roots, bytes: NOTHING };
}

function recordOf({ life, tags, roots, bytes }: Result): Uint8Array {
  return encodeRecord(JSON.stringify({ life, tags, roots } satisfies Head), bytes);
}

function optionsOf({ life, tags }: Result): DataOptions {
  return { tags, revalidate: life.revalidate >= NEVER ? false : life.revalidate, ...(life.expire < NEVER && { expire: life.expire }) };
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

type Ask = typeof remember;

function entryOf(work: Work, ask: Ask, place: Place, make: () => Promise<MadeResult>): Entry<Result | Note> {
  // As on Next, what a build has made is for its own pages.
  const onlyForBuild = currentHost().building;
  return {
    read(bytes) {
      const { head, body } = decodeRecord<Head | Note>(bytes);
      return "elsewhere" in head ? head : { ...head, bytes: body };
    },
    async make() {
      const made = await make();
      // What is to be made anew each time is not kept, and what has failed may not fail the next time.
      if (!made.isWhole || made.life.revalidate <= 0) return { value: made, bytes: Promise.resolve(null) };
      const elsewhere = union(place.roots, made.roots);
      if (elsewhere.length === place.roots.length) return { value: made, bytes: Promise.resolve(recordOf(made)), options: { ...optionsOf(made), onlyForBuild } };
      // There before it is said to be there: who waits for this would make it a second time.
      await resultAt(work, ask, { ...place, roots: elsewhere }, async () => made);
      const note = encodeRecord(JSON.stringify({ elsewhere } satisfies Note), NOTHING);
      return { value: made, bytes: Promise.resolve(note), options: { tags: [], revalidate: false, onlyForBuild } };
    },
  };
}

async function resultAt(work: Work, ask: Ask, place: Place, make: () => Promise<MadeResult>): Promise<Result> {
  const values = place.roots.length === 0 ? "" : rootValues(work, place.roots);
  if (values === null) return unknowable([...place.roots]);
  const key = values === "" ? place.call : await keyWithRoots(place.call, values);
  const found = await ask(work, { key, tags: [], revalidate: false }, entryOf(work, ask, place, make));
  return "elsewhere" in found ? resultAt(work, ask, { ...place, roots: union(place.roots, found.elsewhere) }, make) : found;
}

/** The result of a call: as it is kept, or made now. */
export function keptResult(work: Work, call: string, make: () => Promise<MadeResult>): Promise<Result> {
  // A part of something that is made anew is made anew, too.
  return resultAt(work, work.within === "unstable_cache" ? makeAnew : remember, { call, roots: [] }, make);
}
