// `next/cache`: what is stored, and what makes it outdated.
import { dependOnRequest, readOutside } from "../server/request-scope.ts";
import { currentWork, isCaching, isForAll } from "../server/work.ts";

/** Keeps what is rendered, and fetches that say nothing, from being stored. */
export function unstable_noStore(): void {
  const work = currentWork();
  if (work === undefined || work.dynamic === "force-static" || isCaching(work)) return;
  work.noStore = true;
  if (isForAll(work)) dependOnRequest(work, "unstable_noStore()");
}

/** Says that what comes next is read from outside: of what is rendered as far as everybody gets it, that is no part. */
export async function io(): Promise<void> {
  const work = currentWork();
  if (work !== undefined) await readOutside(work);
}

export { unstable_cache } from "../server/cache/unstable.ts";
export { navigation, prefetch } from "../server/cache-stages.ts";
export { refresh, revalidatePath, revalidateTag, updateTag } from "../server/invalidate.ts";
export { cacheLife, cacheTag, cacheLife as unstable_cacheLife, cacheTag as unstable_cacheTag } from "../server/cache/cache-life.ts";
