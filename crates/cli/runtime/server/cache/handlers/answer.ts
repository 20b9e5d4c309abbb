// Runs the app's `cacheHandlers`, in the isolate that is there for handlers alone: what their modules keep in memory is one,
// as in Next's process.
import { pathToFileURL } from "node:url";
import { encodeAnswer, headOf } from "./question.ts";
import type { Host, IncomingRequest } from "../../host.ts";
import type { EntryHead, ResultQuestion } from "./question.ts";

interface CacheEntry extends EntryHead {
  value: ReadableStream<Uint8Array>;
}

/** Next's interface. */
interface Handler {
  get(key: string, softTags: string[]): Promise<CacheEntry | null | undefined>;
  set(key: string, pending: Promise<CacheEntry>): Promise<void>;
  refreshTags(): Promise<void>;
  getExpiration(tags: string[]): Promise<number>;
  updateTags(tags: string[], durations?: { expire?: number }): Promise<void>;
}

const NOTHING = 204;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function load(host: Host, name: string, path: string): Promise<Handler> {
  let found: unknown;
  try {
    found = await host.importServer(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`the cacheHandler "${name}" (${path}) fails to load: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  while (typeof found === "object" && found !== null && "default" in found) found = found.default;
  if (typeof found !== "object" || found === null) throw new Error(`the cacheHandler "${name}" (${path}) exports no object`);
  return found as Handler;
}

/** The bytes, and then the error that they end in. */
function streamOf(bytes: Uint8Array, failure: string | undefined): ReadableStream<Uint8Array> {
  let isGiven = bytes.length === 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isGiven) {
        isGiven = true;
        controller.enqueue(bytes);
      } else if (failure === undefined) controller.close();
      else controller.error(new Error(failure));
    },
  });
}

/** Loads the handlers, and gives what answers questions about results. */
export async function openCacheHandlers(host: Host, modules: Record<string, string>): Promise<(request: IncomingRequest, question: ResultQuestion) => Promise<Response>> {
  const handlers = new Map<string, Handler>();
  for (const [name, path] of Object.entries(modules)) handlers.set(name, await load(host, name, path));

  function handlerOf(name: string): Handler {
    const handler = handlers.get(name);
    if (handler === undefined) throw new Error(`there is no cacheHandler "${name}"`);
    return handler;
  }

  async function result({ handler, key, softTags }: ResultQuestion & { ask: "result" }): Promise<Response> {
    const entry = await handlerOf(handler).get(key, softTags);
    if (entry === undefined || entry === null) return new Response(null, { status: NOTHING });
    const head = headOf(entry);
    try {
      return new Response(encodeAnswer({ entry: head }, new Uint8Array(await new Response(entry.value).arrayBuffer())));
    } catch (error) {
      // Whether the entry would have been used at all is not known here.
      return new Response(encodeAnswer({ entry: head, failure: messageOf(error) }));
    }
  }

  /** Answered when the handler knows of it: whoever asks for the entry from now on has to wait for it there. */
  function keep({ handler, key, entry, failure }: ResultQuestion & { ask: "keep" }, bytes: Uint8Array): void {
    const pending = Promise.resolve({ ...entry, value: streamOf(bytes, failure) });
    const setting = (async () => handlerOf(handler).set(key, pending))();
    host.waitUntil(setting.catch((error: unknown) => host.log("error", `the cacheHandler "${handler}" failed to set an entry: ${messageOf(error)}`)));
  }

  async function updateTags({ tags, durations }: ResultQuestion & { ask: "updateTags" }): Promise<void> {
    const { expire } = durations ?? {};
    const more = durations === null ? [] : [expire === undefined ? {} : { expire: expire ?? Infinity }];
    // One that answers for several caches hears of it once.
    await Promise.all([...new Set(handlers.values())].map((handler) => handler.updateTags(tags, ...more)));
  }

  return async (request, question) => {
    try {
      switch (question.ask) {
        case "result":
          return await result(question);
        case "keep":
          keep(question, new Uint8Array(await request.toRequest().arrayBuffer()));
          break;
        case "refreshTags":
          await handlerOf(question.handler).refreshTags();
          break;
        case "expiration": {
          const expiration = await handlerOf(question.handler).getExpiration(question.tags);
          return new Response(encodeAnswer({ expiration: Number.isFinite(expiration) ? expiration : null }));
        }
        case "updateTags":
          await updateTags(question);
      }
    } catch (error) {
      return new Response(encodeAnswer({ failure: messageOf(error) }));
    }
    return new Response(null, { status: NOTHING });
  };
}
