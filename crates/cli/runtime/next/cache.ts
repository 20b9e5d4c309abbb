// `next/cache`, as far as it means something without a data cache.
import { currentWork, markDynamic, runWork } from "../server/work.ts";

/** Keeps the route from being rendered once for everybody. */
export function unstable_noStore(): void {
  const work = currentWork();
  if (work !== undefined) markDynamic(work, "unstable_noStore");
}

/** Runs the function every time: there is no data cache yet. */
export function unstable_cache<A extends unknown[], R>(fetcher: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) => {
    const work = currentWork();
    // What is kept for everybody must not ask who it is for.
    return work === undefined ? fetcher(...args) : runWork({ ...work, within: "unstable_cache" }, () => fetcher(...args));
  };
}

export { refresh, revalidatePath, revalidateTag, updateTag } from "../server/invalidate.ts";
