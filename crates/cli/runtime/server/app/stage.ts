// The part of a prerender whose outcome everybody gets: whatever gives another result each time has no place in it. What is
// waited for longer than that ends up elsewhere, and may use what it likes.
import { AsyncLocalStorage } from "node:async_hooks";
import { routePath } from "../request-scope.ts";
import { currentWork } from "../work.ts";
import type { UnstableValue } from "../unstable-values.ts";
import type { Work } from "../work.ts";

const stages = new AsyncLocalStorage<Stage>();

/** Components of the server, with metadata; or those that a document is made of. */
type Place = "server" | "client";

function complaint({ expression, kind }: UnstableValue, place: Place, work: Work): string {
  const what = `Route "${routePath(work)}": the unstable value \`${expression}\``;
  const measure = kind === "current-time" ? " What is measured may be measured with `performance.now()`." : "";
  const texts = {
    server: `${what} is part of what is prerendered, but is another one each time. Keep it with "use cache", or have it wait for the request: \`await connection()\` before it, inside of \`<Suspense>\`. Or have a Client Component inside of \`<Suspense>\` say it.${measure} See https://nextjs.org/docs/messages/blocking-prerender-${kind}`,
    client: `${what} of a Client Component is part of what is prerendered, but is another one each time. Put a \`<Suspense>\` around the component: what is inside is left to each visit. Or call it in an effect or an event handler.${measure} See https://nextjs.org/docs/messages/blocking-prerender-${kind}-client`,
  };
  return texts[place];
}

/** What was used that everybody would get. */
export class UnstableValueError extends Error {
  readonly place: Place;
  constructor(value: UnstableValue, place: Place, work: Work) {
    super(complaint(value, place, work));
    this.place = place;
  }
}

/** A stage of a prerender. */
export class Stage {
  readonly #unstable = new AbortController();
  readonly #place: Place;
  #isOver = false;
  #leavesOut = false;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Aborts at the first unstable value: with the error that says so. */
  get signal(): AbortSignal {
    return this.#unstable.signal;
  }

  /** Whether something was left to each visit. */
  get leavesOut(): boolean {
    return this.#leavesOut || this.signal.aborted;
  }

  /** Runs what belongs to the stage. */
  run<T>(action: () => T): T {
    return stages.run(this, action);
  }

  /** Ends it: what it has begun goes on outside of it. */
  end(): void {
    this.#isOver = true;
  }

  /** Something is read from outside: it never comes, as long as this is not over. */
  hang(): Promise<never> | null {
    if (this.#isOver) return null;
    this.#leavesOut = true;
    return new Promise<never>(() => {});
  }

  /** An unstable value was used, by whoever called `watched`. */
  meet(value: UnstableValue, work: Work, watched: (...args: never[]) => unknown): void {
    if (this.#isOver || this.signal.aborted) return;
    const error = new UnstableValueError(value, this.#place, work);
    Error.captureStackTrace(error, watched);
    this.#unstable.abort(error);
  }
}

/** What somebody waits for who reads from outside; `null` if that may be read. */
export function waitForOutside(): Promise<never> | null {
  return stages.getStore()?.hang() ?? null;
}

/** Tells the current stage of an unstable value. One that is kept, or comes after the response, is none of its own. */
export function meetUnstableValue(value: UnstableValue, watched: (...args: never[]) => unknown = meetUnstableValue): void {
  const stage = stages.getStore();
  const work = stage === undefined ? undefined : currentWork();
  if (work?.within === null) stage?.meet(value, work, watched);
}
