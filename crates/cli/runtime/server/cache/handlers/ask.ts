// Asks the app's `cacheHandlers`, which run in an isolate of their own.
import { currentHost } from "../../host-access.ts";
import { softTagsOf } from "../data.ts";
import { decodeAnswer } from "./question.ts";
import type { Work } from "../../work.ts";
import type { ResultAnswer, ResultQuestion } from "./question.ts";

const NOTHING = new Uint8Array(0);

/** Asks, and gives the answer, if there is one. A failure is one. */
export async function askHandlers(question: ResultQuestion, body: Uint8Array = NOTHING): Promise<(ResultAnswer & { bytes: Uint8Array }) | null> {
  const { askHandlers: ask } = currentHost();
  const answer = ask === undefined ? null : await ask(question, body);
  return answer === null ? null : decodeAnswer(answer);
}

/** Asks, and throws what the handler has thrown. */
async function insist(question: ResultQuestion): Promise<ResultAnswer | null> {
  const answer = await askHandlers(question);
  if (answer?.failure !== undefined) throw new Error(answer.failure);
  return answer;
}

/** Whether a cache is one of the app's own. */
export function hasHandler(kind: string): boolean {
  return currentHost().cacheHandlers?.includes(kind) === true;
}

/** What one handler has been asked for one request. */
interface Asked {
  refreshed?: Promise<unknown>;
  expiration?: Promise<number>;
}

/** Makes known what is asked once for a request, also to what is cached within it. */
export function askedOf(work: Work): Map<string, Asked> {
  const known = work.memo.get(askedOf) as Map<string, Asked> | undefined;
  if (known !== undefined) return known;
  const asked = new Map<string, Asked>();
  work.memo.set(askedOf, asked);
  return asked;
}

function askedAbout(work: Work, handler: string): Asked {
  const all = askedOf(work);
  const known = all.get(handler) ?? {};
  all.set(handler, known);
  return known;
}

/** Has the handler look for what was invalidated elsewhere, before it is read for this request. */
export async function refreshTags(work: Work, handler: string): Promise<void> {
  await (askedAbout(work, handler).refreshed ??= insist({ ask: "refreshTags", handler }));
}

/** Until when the tags of what asks were invalidated; infinite if the handler sees to that by itself. */
export function expirationFor(work: Work, handler: string): Promise<number> {
  return (askedAbout(work, handler).expiration ??= insist({ ask: "expiration", handler, tags: softTagsOf(work) }).then((answer) => answer?.expiration ?? Infinity));
}
