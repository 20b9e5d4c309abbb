// What the client's router says about the layouts that it shows, so that the server need not send them again. Written by
// the client and read by the server: a header, so nothing in it is trusted. Pure.
import type { SegmentPayload } from "./payload.ts";

/** A segment whose layout is shown, and those below it by slot. */
export interface KnownSegment {
  key: string;
  slots: ReadonlyMap<string, KnownSegment>;
}

/** `[key, slot, segment, slot, segment, …]`; the name of the slot "children" is empty. */
type Written = [key: string, ...slots: (string | Written)[]];

/** A header that is longer says nothing: not every server takes it. */
export const KNOWN_TREE_LIMIT = 2048;
const DEPTH_LIMIT = 32;

/** The header for the tree that is shown; `null` if it would be too long. */
export function writeKnownTree(tree: SegmentPayload): string | null {
  const written = write(tree);
  const text = written && encodeURIComponent(JSON.stringify(written));
  return text && text.length <= KNOWN_TREE_LIMIT ? text : null;
}

function write({ key, node, slots }: SegmentPayload): Written | null {
  const entries = Object.entries(slots);
  // Pages are always sent anew.
  if (node === undefined || entries.length === 0) return null;
  const written: Written = [key];
  for (const [name, slot] of entries) {
    const below = write(slot);
    if (below) written.push(name === "children" ? "" : name, below);
  }
  return written;
}

/** Reads the header; `null` if it is none. */
export function readKnownTree(header: string | undefined): KnownSegment | null {
  if (header === undefined || header.length > KNOWN_TREE_LIMIT) return null;
  try {
    return read(JSON.parse(decodeURIComponent(header)), 0);
  } catch {
    return null;
  }
}

function read(value: unknown, depth: number): KnownSegment | null {
  if (!Array.isArray(value) || depth > DEPTH_LIMIT) return null;
  const [key, ...rest]: unknown[] = value;
  if (typeof key !== "string") return null;
  const slots = new Map<string, KnownSegment>();
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const name = rest[index];
    const below = read(rest[index + 1], depth + 1);
    if (typeof name !== "string" || below === null) return null;
    slots.set(name === "" ? "children" : name, below);
  }
  return { key, slots };
}
