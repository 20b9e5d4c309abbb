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

/** Settles at once. */
export async function io(): Promise<void> {}

export const revalidatePath = serverOnly("revalidatePath");
export const revalidateTag = serverOnly("revalidateTag");
export const updateTag = serverOnly("updateTag");
export const refresh = serverOnly("refresh");
export const cacheLife = serverOnly("cacheLife");
export const cacheTag = serverOnly("cacheTag");
export const unstable_cacheLife = cacheLife;
export const unstable_cacheTag = cacheTag;
