// Results in a cache of the app's own. What Next does not leave to handlers is done here: what is too old is made anew, in the
// background if it may still be shown.
import { currentHost } from "../../host-access.ts";
import { keptBy } from "../../app/kept.ts";
import { rootValues } from "../../root-params.ts";
import { waitUntil } from "../../wait-until.ts";
import { isForAll } from "../../work.ts";
import { softTagsOf } from "../data.ts";
import { readStored, recordOf } from "../results.ts";
import { askHandlers, expirationFor, refreshTags } from "./ask.ts";
import type { Making, Place, Store, Stored } from "../results.ts";
import type { Work } from "../../work.ts";
import type { EntryHead } from "./question.ts";

/** What names a root parameter, among the tags of an entry that says where a result is. */
const ROOT = "_N_RP_";

/** What an entry says that is found at a place. */
export function storedOf({ tags, stale, revalidate, expire }: EntryHead, bytes: Uint8Array, place: Place): Stored {
  const elsewhere = tags.filter((tag) => tag.startsWith(ROOT)).map((tag) => tag.slice(ROOT.length));
  // What has been read is part of the key, or it would be elsewhere.
  return elsewhere.length > 0 ? { elsewhere } : { life: { stale, revalidate, expire }, tags, roots: [...place.roots], bytes };
}

/** Which of a handler's entries may be used, at this time: "stale" is once more. Pure. */
export function fateOf({ timestamp, revalidate, expire }: EntryHead, expiration: number, isOutdated: boolean, now: number): "fresh" | "stale" | "gone" {
  if (isOutdated || (Number.isFinite(expiration) && timestamp <= expiration) || now > timestamp + expire * 1000) return "gone";
  return revalidate <= 0 || now > timestamp + revalidate * 1000 ? "stale" : "fresh";
}

function entryOf({ made, note }: Making, timestamp: number): EntryHead {
  const { life, tags } = made;
  return { ...life, tags: note === null ? tags : [...tags, ...note.elsewhere.map((name) => ROOT + name)], timestamp };
}

function tell(handler: string, error: unknown): void {
  currentHost().log("error", `the cacheHandler "${handler}": ${error instanceof Error ? error.message : String(error)}`);
}

/** Makes it, and hands it to the handler. */
async function makeFor(work: Work, handler: string, place: Place, make: () => Promise<Making>): Promise<Making> {
  const begun = Date.now();
  const making = await make();
  const { made, note } = making;
  // What has no result is nothing to keep.
  if (rootValues(work, made.roots) === null) return making;
  const bytes = note === null ? made.bytes : new TextEncoder().encode(JSON.stringify(note));
  try {
    const answer = await askHandlers({ ask: "keep", handler, key: place.key, entry: entryOf(making, begun), ...(made.failure !== null && { failure: made.failure }) }, bytes);
    if (answer?.failure !== undefined) tell(handler, answer.failure);
  } catch (error) {
    tell(handler, error);
  }
  return making;
}

async function lookUp(work: Work, handler: string, place: Place, make: () => Promise<Making>): Promise<Stored> {
  await refreshTags(work, handler);
  // A part of something that is made anew is made anew, too.
  if (work.within !== "unstable_cache") {
    const softTags = softTagsOf(work);
    const found = await askHandlers({ ask: "result", handler, key: place.key, softTags });
    const entry = found?.entry;
    if (found?.failure !== undefined && entry === undefined) throw new Error(found.failure);
    if (found !== null && entry !== undefined) {
      const isOutdated = [...entry.tags, ...softTags].some((tag) => work.invalidated.has(tag));
      const fate = fateOf(entry, await expirationFor(work, handler), isOutdated, Date.now());
      if (fate === "fresh" || (fate === "stale" && !isForAll(work))) {
        if (found.failure !== undefined) throw new Error(found.failure);
        if (fate === "stale") waitUntil(makeFor(work, handler, place, make).catch((error: unknown) => tell(handler, error)));
        return storedOf(entry, found.bytes, place);
      }
    }
  }
  return (await makeFor(work, handler, place, make)).made;
}

/** The cache of a handler. */
export function storeOf(handler: string): Store {
  return async (work, place, make) => {
    const kept = keptBy(work);
    const known = kept?.get(place.key);
    if (known !== undefined) return readStored(known);
    const look = async (): Promise<Stored> => {
      const stored = await lookUp(work, handler, place, make);
      const isWhole = !("failure" in stored) || stored.failure === null;
      if (isWhole) kept?.set(place.key, recordOf(stored));
      return stored;
    };
    return kept !== null && work.holes !== null ? work.holes.during(look) : look();
  };
}
