// `next/cache` for client components: reading works without a cache, writing does not exist.

function serverOnly(name: string): () => never {
  return () => {
    throw new Error(`\`${name}\` is only available in a Server Component.`);
  };
}

/** Runs the function every time. */
export function unstable_cache<A extends unknown[], R>(fetcher: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return fetcher;
}

/** Says nothing in a browser. */
export function unstable_noStore(): void {}

/** For `use`: it is there at once. */
const done = Object.assign(Promise.resolve(), { status: "fulfilled", value: undefined });

/** Says that what comes next is read from outside: what is prerendered leaves it out, everything else goes on. */
export function io(): Promise<void> {
  return globalThis.__vinext_io__?.() ?? done;
}

export const revalidatePath = serverOnly("revalidatePath");
export const revalidateTag = serverOnly("revalidateTag");
export const updateTag = serverOnly("updateTag");
export const refresh = serverOnly("refresh");
export const prefetch = serverOnly("prefetch");
export const navigation = serverOnly("navigation");
export const cacheLife = serverOnly("cacheLife");
export const cacheTag = serverOnly("cacheTag");
export const unstable_cacheLife = cacheLife;
export const unstable_cacheTag = cacheTag;
