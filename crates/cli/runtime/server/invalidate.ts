// What server functions and route handlers do to what is stored.
import { Revalidated } from "../shared/action-wire.ts";
import { forgetCalls } from "./cache/calls.ts";
import { askHandlers } from "./cache/handlers/ask.ts";
import { expiryOf, sooner } from "./cache/expiry.ts";
import { TAG_LENGTH } from "./cache/limits.ts";
import { currentProfiles } from "./cache/cache-life.ts";
import { profileNamed } from "./cache/profiles.ts";
import { currentHost } from "./host-access.ts";
import { routePath } from "./request-scope.ts";
import { isCaching, requireWork } from "./work.ts";
import { PATH_LIMIT, tagOfPath } from "./tags.ts";
import type { CacheProfile } from "./cache/profiles.ts";
import type { PathKind } from "./tags.ts";
import type { Durations } from "./cache/handlers/question.ts";
import type { Invalidation, Work } from "./work.ts";

/** Where nothing may be made outdated; `null` where that may be. */
function forbidden(work: Work): string | null {
  if (work.within === "unstable_cache" || isCaching(work)) return "inside a cached function";
  if (work.within === "generateStaticParams") return "inside `generateStaticParams`";
  return work.within === null && (work.mode === "prerender" || work.mode === "dynamic") ? "during render" : null;
}

/** The request that is being answered, if it may change what is stored. */
function writing(call: string): Work {
  const work = requireWork(call);
  const where = forbidden(work);
  if (where === null) return work;
  throw new Error(`Route "${routePath(work)}": \`${call}\` can't be called ${where}. Call it from a Server Action or Route Handler instead.\nLearn more: https://nextjs.org/docs/messages/revalidate-in-use-cache`);
}

/** Whether a route handler answers: a client that has asked one does not show what it has changed. */
function isHandler({ mode, routeId }: Work): boolean {
  return mode === "handler" && routeId?.endsWith("/route") === true;
}

function forget(work: Work, tags: string[], expire: number | null, durations: Durations | null): void {
  for (const tag of tags) work.invalidated.set(tag, { expire: sooner(expire, work.invalidated.get(tag)?.expire ?? null), isOpen: true, durations });
  forgetCalls(work);
  currentHost().invalidate(tags, expire);
}

/** Tells the app's `cacheHandlers`. Never rejects. */
async function tellHandlers(open: readonly (readonly [string, Invalidation])[]): Promise<void> {
  const host = currentHost();
  if (host.cacheHandlers === undefined || host.cacheHandlers.length === 0) return;
  const groups = new Map<string, { tags: string[]; durations: Durations | null }>();
  for (const [tag, { durations }] of open) {
    const text = JSON.stringify(durations);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { tags: [tag], durations });
    else group.tags.push(tag);
  }
  for (const group of groups.values()) {
    const answer = await askHandlers({ ask: "updateTags", ...group }).catch((error: unknown) => ({ failure: String(error) }));
    if (answer?.failure !== undefined) host.log("error", `a cacheHandler failed to update tags: ${answer.failure}`);
  }
}

/**
 * Says again what was invalidated, when what did it is over: what others have read and stored in between may be from
 * before a change that came after the call. The app's `cacheHandlers` are told now.
 */
export async function settleInvalidations(work: Work): Promise<void> {
  const open = [...work.invalidated].filter(([, said]) => said.isOpen);
  for (const expire of new Set(open.map(([, said]) => said.expire))) {
    currentHost().invalidate(open.filter(([, said]) => said.expire === expire).map(([tag]) => tag), expire);
  }
  for (const [, said] of open) said.isOpen = false;
  await tellHandlers(open);
}

function expireNow(work: Work, tags: string[]): void {
  forget(work, tags, 0, null);
  if (work.mode === "action") work.revalidated = Revalidated.All;
}

/** Invalidates what was rendered for a path, or for the files of a route. */
export function revalidatePath(path: string, kind?: PathKind): void {
  const work = writing(`revalidatePath(${JSON.stringify(path)})`);
  if (path.length > PATH_LIMIT) return console.warn(`revalidatePath was given a path of more than ${PATH_LIMIT} characters, which is none: ${path.slice(0, 80)}…`);
  if (kind === undefined && path.includes("[")) console.warn(`revalidatePath("${path}") names a route: its second argument says whether the page or the layout is meant`);
  expireNow(work, [tagOfPath(path, kind)]);
}

function checkedTag(tag: string, name: string): string | null {
  if (tag.length > 0 && tag.length <= TAG_LENGTH) return tag;
  console.warn(`${name} was given a tag of ${tag.length} characters: a tag has between 1 and ${TAG_LENGTH}`);
  return null;
}

/** The times that a profile stands for, if there is such a profile. Without one, all is over at once. */
function timesOf(profile: string | Partial<CacheProfile> | undefined): Partial<CacheProfile> | undefined {
  if (!profile) return { expire: 0 };
  return typeof profile === "string" ? profileNamed(currentProfiles(), profile) : profile;
}

/** Invalidates what carries a tag: it is shown while it is made anew, until the time has come that the profile says. */
export function revalidateTag(tag: string, profile?: string | Partial<CacheProfile>): void {
  const work = writing(`revalidateTag(${JSON.stringify(tag)})`);
  if (!profile) console.warn('revalidateTag without its second argument expires at once. Say `revalidateTag(tag, "max")`, or use `updateTag` in a Server Action');
  const known = checkedTag(tag, "revalidateTag");
  if (known === null) return;
  const times = timesOf(profile);
  if (times === undefined) {
    // As in Next, who has called goes on.
    return currentHost().log("error", `revalidateTag("${tag}", ${JSON.stringify(profile)}) does nothing: there is no such profile. There are ${Object.keys(currentProfiles()).join(", ")}`);
  }
  const expire = expiryOf(times);
  // Also a deadline that has come is one: only what has no second argument is at once.
  forget(work, [known], expire, profile ? { ...(times.expire !== undefined && { expire: times.expire }) } : null);
  // What is stale may still be shown: only what may not is told to the client.
  if (work.mode === "action" && expire === 0) work.revalidated = Revalidated.All;
}

/** Invalidates what carries a tag at once: whoever changed something sees what they have done. */
export function updateTag(tag: string): void {
  if (isHandler(requireWork("updateTag"))) {
    throw new Error('updateTag can only be called from within a Server Action. To invalidate cache tags in Route Handlers or other contexts, use revalidateTag instead. See more info here: https://nextjs.org/docs/app/api-reference/functions/updateTag');
  }
  const work = writing(`updateTag(${JSON.stringify(tag)})`);
  const known = checkedTag(tag, "updateTag");
  if (known !== null) expireNow(work, [known]);
}

/** Has the client ask for the page again. */
export function refresh(): void {
  const work = requireWork("refresh");
  const isAction = work.within === null && (work.mode === "action" || work.mode === "handler");
  if (!isAction || isHandler(work)) {
    throw new Error("refresh can only be called from within a Server Action. See more info here: https://nextjs.org/docs/app/api-reference/functions/refresh");
  }
  work.revalidated ??= Revalidated.Dynamic;
}
