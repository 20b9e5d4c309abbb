// How much the data cache takes: tags of an entry, and its size. Pure.
//
// A tag that is too long, or one too many, is left out, and an entry that is too large is not stored: whoever asked for it
// gets it all the same, and is warned.

/** As many characters as a tag may have. */
export const TAG_LENGTH = 256;
/** As many tags as an entry may have. */
export const TAG_COUNT = 128;
/** As many bytes as an entry may have, as Next counts them: its JSON, with the body in base64. */
export const ENTRY_SIZE = 2 * 1024 * 1024;

/** The tags that are taken, and what is to be said about the others. */
export interface CheckedTags {
  tags: string[];
  warnings: string[];
}

/** Takes the tags that an entry may have. `owner` is who gives them, for people. */
export function checkTags(given: unknown, owner: string): CheckedTags {
  if (given === undefined || given === null) return { tags: [], warnings: [] };
  if (!Array.isArray(given)) return { tags: [], warnings: [`the tags of ${owner} are no array: they are left out`] };
  const tags = new Set<string>();
  const warnings: string[] = [];
  for (const [at, tag] of (given as unknown[]).entries()) {
    if (typeof tag !== "string") warnings.push(`a tag of ${owner} is left out: it is a ${tag === null ? "null" : typeof tag}, not a string`);
    else if (tag.length > TAG_LENGTH) warnings.push(`a tag of ${owner} is left out: it has ${tag.length} characters, and ${TAG_LENGTH} are allowed ("${tag.slice(0, 40)}…")`);
    else if (tags.size === TAG_COUNT && !tags.has(tag)) {
      warnings.push(`${owner} has more than ${TAG_COUNT} tags: ${given.length - at} are left out, the first of them "${tag}"`);
      break;
    } else tags.add(tag);
  }
  return { tags: [...tags], warnings };
}

/** As many bytes as a body may have beside a head of so many. */
export function bodyRoom(headLength: number): number {
  return Math.max(0, Math.floor((ENTRY_SIZE - headLength) / 4) * 3);
}

/** What is said of an entry that is too large. */
export function tooLarge(owner: string): string {
  return `what ${owner} gives is not stored: an entry of the data cache has at most 2 MB, of which base64 takes a third`;
}

/** The seconds that a fetch or a function asks for; `undefined` if it asks for none. Throws what is no such number. */
export function checkRevalidate(given: unknown, owner: string): number | false | undefined {
  if (given === undefined || given === false) return given;
  if (typeof given === "number" && given >= 0) return given === Infinity ? false : given;
  throw new Error(`Invalid revalidate value "${String(given)}" on "${owner}": a number of seconds is meant, or false`);
}
