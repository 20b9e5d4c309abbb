// What server functions and route handlers do to what is stored.
import { Revalidated } from "../shared/action-wire.ts";
import { TAG_LENGTH } from "./cache/limits.ts";
import { currentHost } from "./host-access.ts";
import { routePath } from "./request-scope.ts";
import { isCaching, requireWork } from "./work.ts";
import { PATH_LIMIT, tagOfPath } from "./tags.ts";
import type { PathKind } from "./tags.ts";
import type { Work } from "./work.ts";

/** The request that is being answered, if it may change what is stored. */
function writing(call: string): Work {
  const work = requireWork(call);
  if (work.within === "unstable_cache") {
    throw new Error(`Route "${routePath(work)}": \`${call}\` can't be called inside \`unstable_cache()\`: what is stored must not depend on how often it is made.\nLearn more: https://nextjs.org/docs/app/api-reference/functions/unstable_cache`);
  }
  if (isCaching(work)) {
    throw new Error(`Route "${routePath(work)}": \`${call}\` can't be called inside "${String(work.within)}": what is kept must not depend on how often it is made.\nLearn more: https://nextjs.org/docs/messages/revalidate-in-use-cache`);
  }
  if (work.mode === "action" || work.mode === "handler") return work;
  const route = work.routeId?.replace(/\/(page|route)$/, "") || "/";
  throw new Error(
    `Route "${route}": \`${call}\` can't be called during render. Call it from a Server Action or Route Handler instead.\nLearn more: https://nextjs.org/docs/messages/revalidate-in-use-cache`,
  );
}

function forget(work: Work, tags: string[], expire: boolean): void {
  for (const tag of tags) work.invalidated.set(tag, { expire: expire || work.invalidated.get(tag)?.expire === true, isOpen: true });
  currentHost().invalidate(tags, expire);
}

/**
 * Says again what was invalidated, when what did it is over: what others have read and stored in between may be from
 * before a change that came after the call.
 */
export function settleInvalidations(work: Work): void {
  for (const expire of [true, false]) {
    const open = [...work.invalidated].filter(([, said]) => said.isOpen && said.expire === expire);
    for (const [, said] of open) said.isOpen = false;
    if (open.length > 0) currentHost().invalidate(open.map(([tag]) => tag), expire);
  }
}

function invalidate(work: Work, tags: string[], expire: boolean): void {
  forget(work, tags, expire);
  if (work.mode === "action") work.revalidated = Revalidated.All;
}

/** Invalidates what was rendered for a path, or for the files of a route. */
export function revalidatePath(path: string, kind?: PathKind): void {
  const work = writing(`revalidatePath(${JSON.stringify(path)})`);
  if (path.length > PATH_LIMIT) return console.warn(`revalidatePath was given a path of more than ${PATH_LIMIT} characters, which is none: ${path.slice(0, 80)}…`);
  if (kind === undefined && path.includes("[")) console.warn(`revalidatePath("${path}") names a route: its second argument says whether the page or the layout is meant`);
  invalidate(work, [tagOfPath(path, kind)], true);
}

function checkedTag(tag: string, name: string): string | null {
  if (tag.length > 0 && tag.length <= TAG_LENGTH) return tag;
  console.warn(`${name} was given a tag of ${tag.length} characters: a tag has between 1 and ${TAG_LENGTH}`);
  return null;
}

/** Invalidates what carries a tag: it is shown once more while it is made anew, unless it is to expire at once. */
export function revalidateTag(tag: string, profile?: string | { expire?: number }): void {
  const work = writing(`revalidateTag(${JSON.stringify(tag)})`);
  if (profile === undefined) console.warn('revalidateTag without its second argument expires at once. Say `revalidateTag(tag, "max")`, or use `updateTag` in a Server Action');
  const known = checkedTag(tag, "revalidateTag");
  if (known === null) return;
  const expires = profile === undefined || (typeof profile === "object" && profile.expire === 0);
  forget(work, [known], expires);
  // What is stale may still be shown: only what may not is told to the client.
  if (work.mode === "action" && expires) work.revalidated = Revalidated.All;
}

/** Invalidates what carries a tag at once: whoever changed something sees what they have done. */
export function updateTag(tag: string): void {
  const work = writing(`updateTag(${JSON.stringify(tag)})`);
  if (work.mode !== "action") {
    throw new Error('updateTag can only be called from within a Server Action. To invalidate cache tags in Route Handlers or other contexts, use revalidateTag instead. See more info here: https://nextjs.org/docs/app/api-reference/functions/updateTag');
  }
  const known = checkedTag(tag, "updateTag");
  if (known !== null) invalidate(work, [known], true);
}

/** Has the client ask for the page again. */
export function refresh(): void {
  const work = writing("refresh()");
  if (work.mode !== "action") {
    throw new Error("refresh can only be called from within a Server Action. See more info here: https://nextjs.org/docs/app/api-reference/functions/refresh");
  }
  work.revalidated ??= Revalidated.Dynamic;
}
