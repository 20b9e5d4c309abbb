// `unstable_cache`: what a function gives is stored, for everybody.
import { isDraft } from "../draft.ts";
import { provided } from "../host-access.ts";
import { currentWork, isForAll, runWork } from "../work.ts";
import { makeAnew, remember } from "./data.ts";
import { jsonOf } from "./json.ts";
import { keyOfCall } from "./key.ts";
import { joinTags, lowerLifetime } from "./lifetime.ts";
import { checkRevalidate, checkTags, ENTRY_SIZE, tooLarge } from "./limits.ts";
import type { Entry } from "./data.ts";
import type { Work } from "../work.ts";

/** How long what a function gives is kept, and what invalidates it. */
export interface FunctionOptions {
  revalidate?: number | false;
  tags?: string[];
}

/** What is stored of `undefined`, which JSON does not have. */
const NOTHING = new Uint8Array(0);

function encode(value: unknown, name: string): Uint8Array | null {
  const text = jsonOf(value, "result", `unstable_cache ${name}`);
  if (text === undefined) return NOTHING;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= ENTRY_SIZE) return bytes;
  console.warn(tooLarge(`the cached function ${name}`));
  return null;
}

/** What cannot be written is not stored; whoever asked gets it all the same. */
async function encoded(value: unknown, name: string): Promise<Uint8Array | null> {
  return encode(value, name);
}

function decode<R>(bytes: Uint8Array): R {
  return (bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes))) as R;
}

/** What a function is told by: a server function, which has no source for anybody, by its id. */
function sourceOf(fetcher: object): string {
  const id: unknown = Reflect.get(fetcher, "$$id");
  return typeof id === "string" ? id : Function.prototype.toString.call(fetcher);
}

/** What is kept for everybody must not ask who it is for, and what it is made of is not stored by itself. */
function within(work: Work): Work {
  return { ...work, within: "unstable_cache" };
}

/** A function whose results are stored: by its source, `keyParts` and its arguments. */
export function unstable_cache<A extends unknown[], R>(fetcher: (...args: A) => Promise<R>, keyParts: string[] = [], options: FunctionOptions = {}): (...args: A) => Promise<R> {
  const name = fetcher.name || "without a name";
  if (options.revalidate === 0) throw new Error(`Invariant: unstable_cache of the function ${name} was given \`revalidate: 0\`: it must be more, or false`);
  const revalidate = checkRevalidate(options.revalidate, `unstable_cache ${name}`) ?? false;
  const { tags, warnings } = checkTags(options.tags, `unstable_cache ${name}`);
  for (const warning of warnings) console.warn(warning);

  return async (...args) => {
    const work = currentWork();
    const host = provided();
    const run = (): Promise<R> => (work === undefined ? fetcher(...args) : runWork(within(work), () => fetcher(...args)));
    if (host === null) return run();
    if (work !== undefined) {
      if (isForAll(work)) {
        lowerLifetime(work, revalidate);
        joinTags(work, tags);
      }
      if (!work.usesDataCache || work.fetchCache === "force-no-store" || isDraft(work, host)) return run();
    }
    const key = await keyOfCall(sourceOf(fetcher), keyParts, args);
    const entry: Entry<R> = {
      read: decode<R>,
      async make() {
        const value = await run();
        return { value, bytes: encoded(value, name) };
      },
    };
    // A part of something that is made anew is made anew, too.
    const ask = work?.within === "unstable_cache" ? makeAnew : remember;
    return ask(work, { key, tags, revalidate }, entry);
  };
}
