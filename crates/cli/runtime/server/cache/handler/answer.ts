// Runs the app's `cacheHandler`, in the isolate that is there for it alone: its module's state is one, as in Next's process.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { encodeFound } from "./question.ts";
import { fromEntry, toValue } from "./value.ts";
import type { CacheHandlerFacts, Host, IncomingRequest } from "../../host.ts";
import type { CacheQuestion, GetQuestion, RevalidateQuestion, SetQuestion } from "./question.ts";
import type { CacheKind, CacheValue, HandlerEntry } from "./value.ts";

/** Next's class. */
interface Handler {
  get(key: string, context: object): Promise<HandlerEntry | null | undefined>;
  set(key: string, value: CacheValue, context: object): Promise<void>;
  revalidateTag(tags: string[], durations?: { expire?: number }): Promise<void>;
  resetRequestCache?(): void;
}

type HandlerClass = new (options: object) => Handler;

/** What begins the tags of paths: they are a page's, not those of what it reads. */
const SOFT = "_N_T_";
const NOTHING = 204;
const YEAR = 31_536_000;

/** The file system as Next hands it to handlers. */
const files = {
  existsSync,
  readFileSync,
  readFile,
  writeFile,
  stat,
  mkdir: (folder: string) => mkdir(folder, { recursive: true }),
};

function classOf(module: unknown): HandlerClass {
  let found = module;
  while (typeof found === "object" && found !== null && "default" in found) found = found.default;
  if (typeof found !== "function") throw new Error("it exports no class");
  return found as HandlerClass;
}

function pageContext(kind: CacheKind, isPostponed = false): object {
  return { kind, isRoutePPREnabled: isPostponed, isFallback: false };
}

/** Says what the handler has failed with, once for each complaint: what it has not given is made anew. */
function complain(host: Host, known: Set<string>, method: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const complaint = `the cacheHandler failed to ${method}: ${text}`;
  if (known.has(complaint)) return;
  known.add(complaint);
  host.log("warn", complaint);
}

/** Loads the handler, and gives what answers the cache's questions. */
export async function openCacheHandler(host: Host, { path, ...facts }: CacheHandlerFacts): Promise<(request: IncomingRequest, question: CacheQuestion) => Promise<Response>> {
  const Class = classOf(await host.importServer(pathToFileURL(path).href));
  const handler = new Class({ dev: false, fs: files, flushToDisk: true, revalidatedTags: [], fetchCacheKeyPrefix: "", _requestHeaders: {}, ...facts });
  const complaints = new Set<string>();

  async function get({ key, kind, tags, revalidate }: GetQuestion): Promise<Response> {
    // What it keeps for one request is no other's.
    handler.resetRequestCache?.();
    const isSoft = (tag: string): boolean => tag.startsWith(SOFT);
    const context = kind === "FETCH" ? { kind, revalidate: revalidate ?? YEAR, tags: tags.filter((tag) => !isSoft(tag)), softTags: tags.filter(isSoft) } : pageContext(kind);
    const found = fromEntry(kind, await handler.get(key, context));
    return found === null ? new Response(null, { status: NOTHING }) : new Response(encodeFound(found.head, found.pieces));
  }

  async function set(question: SetQuestion, bytes: Uint8Array): Promise<void> {
    const { key, kind, tags, times, onlyForBuild } = question;
    const value = toValue(question, bytes);
    const cacheControl = times.revalidate === null ? { revalidate: false } : { revalidate: times.revalidate, expire: times.expire ?? YEAR };
    const context = value.kind === "FETCH" ? { fetchCache: true, fetchUrl: value.data.url, tags, ...(value.data.url !== "" && { isImplicitBuildTimeCache: onlyForBuild }) } : { ...pageContext(kind, value.kind === "APP_PAGE" && value.postponed !== undefined), cacheControl };
    await handler.set(key, value, context);
  }

  async function revalidate({ tag, stale }: RevalidateQuestion): Promise<void> {
    await handler.revalidateTag([tag], stale === null ? undefined : { ...(stale.expire !== null && { expire: stale.expire }) });
  }

  return async (request, question) => {
    try {
      if (question.ask === "get") return await get(question);
      if (question.ask === "set") await set(question, new Uint8Array(await request.toRequest().arrayBuffer()));
      else await revalidate(question);
    } catch (error) {
      complain(host, complaints, question.ask === "revalidate" ? "revalidate a tag" : question.ask, error);
    }
    return new Response(null, { status: NOTHING });
  };
}
