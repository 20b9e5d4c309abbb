// `next/cache`, as far as it means something without a data cache.
import { currentWork, markDynamic } from "../server/work.ts";

function unsupported(name: string): never {
  throw new Error(`${name} is not supported by vinext yet`);
}

/** Keeps the route from being rendered once for everybody. */
export function unstable_noStore(): void {
  const work = currentWork();
  if (work !== undefined) markDynamic(work, "unstable_noStore");
}

/** Runs the function every time: there is no data cache yet. */
export function unstable_cache<A extends unknown[], R>(fetcher: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return fetcher;
}

/** Invalidates what was rendered for a path. */
export function revalidatePath(_path: string, _type?: "page" | "layout"): void {
  unsupported("revalidatePath");
}

/** Invalidates what carries a tag. */
export function revalidateTag(_tag: string, _profile?: string | { expire?: number }): void {
  unsupported("revalidateTag");
}
