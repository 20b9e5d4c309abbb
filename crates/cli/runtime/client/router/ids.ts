// Which segments a navigation created. A segment that stays keeps its id; what is shown again keeps all of them. Pure.
import type { SegmentPayload } from "../../shared/payload.ts";

/** The id of what a document starts with. */
export const FIRST_ID = "0";

/** The tree with the ids of what is shown, and `id` for what is new. */
export function withIds(tree: SegmentPayload, shown: SegmentPayload | undefined, id: string): SegmentPayload {
  const same = shown?.segment === tree.segment && shown.key === tree.key;
  const slots: Record<string, SegmentPayload> = {};
  for (const [name, slot] of Object.entries(tree.slots)) slots[name] = withIds(slot, same ? shown.slots[name] : undefined, id);
  return { ...tree, id: same ? (shown.id ?? FIRST_ID) : id, slots };
}

/**
 * The tree with the ids that its segments had when they were last shown. `shown`: trees, the latest one last. The same
 * segments where nothing is newer.
 */
export function withLastIds(tree: SegmentPayload, shown: readonly SegmentPayload[]): SegmentPayload {
  const same = shown.filter(({ segment, key }) => segment === tree.segment && key === tree.key);
  const id = same.at(-1)?.id ?? tree.id;
  const below = Object.entries(tree.slots).map(([name, slot]) => {
    const shownThere = same.flatMap(({ slots }) => slots[name] ?? []);
    return [name, withLastIds(slot, shownThere)] as const;
  });
  const isOld = id === tree.id && below.every(([name, slot]) => slot === tree.slots[name]);
  return isOld ? tree : { ...tree, ...(id !== undefined && { id }), slots: Object.fromEntries(below) };
}
