// What answers for the app's own cache handlers: a module apart, as only the isolate that runs them needs what it needs.
import { openCacheHandler } from "./handler/answer.ts";
import { openCacheHandlers } from "./handlers/answer.ts";
import { isAboutResults } from "./handlers/question.ts";
import type { Host, IncomingRequest } from "../host.ts";
import type { CacheQuestion } from "./handler/question.ts";
import type { ResultQuestion } from "./handlers/question.ts";

/** Answers a question about what is cached. */
export type AskHandlers = (request: IncomingRequest, question: CacheQuestion | ResultQuestion) => Promise<Response>;

/** Loads the app's cache handlers, and gives what answers for them. */
export async function openHandlers(host: Host, modules: Record<string, string>): Promise<AskHandlers> {
  const askStore = host.cacheHandler === undefined ? null : await openCacheHandler(host, host.cacheHandler);
  const askCaches = await openCacheHandlers(host, modules);
  return async (request, question) => {
    if (isAboutResults(question)) return askCaches(request, question);
    if (askStore === null) throw new Error("this isolate has no cacheHandler");
    return askStore(request, question);
  };
}
