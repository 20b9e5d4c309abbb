// What a prerender leaves out because it differs by request, and when it has waited long enough for the rest.
//
// A page is prerendered twice. The first time fills caches: it is waited for everything that is kept. The second time,
// all of that is at hand: what is not there after one turn of the event loop depends on something else, and is a hole.

/**
 * A turn of the event loop, counted from now: what does not wait for the outside has happened then, and no timer that is set
 * after this.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
    setTimeout(resolve, 0);
  });
}

/** How long the first render waits after the last cache was filled: modules may still be loading. */
const QUIET = 12;

/** How often it looks whether that is over. */
const BREAK = 2;

/** The time, in milliseconds, as far as a render waits for it. */
export interface Clock {
  now(): number;
  wait(milliseconds: number): Promise<void>;
  turn(): Promise<void>;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  turn,
};

/** What is being left out of one render. */
export class Holes {
  /** What was asked for that differs by request, in order. */
  readonly asked: string[] = [];
  /** Called before the render begins: settles when everything that can be part of it is. */
  readonly patience: () => Promise<void>;
  readonly #clock: Clock;
  #pending = 0;
  #last = 0;
  #failure: { error: unknown } | null = null;

  constructor(kind: "fill" | "final", clock: Clock = CLOCK) {
    this.#clock = clock;
    this.patience = kind === "final" ? () => clock.turn() : () => this.#quiet();
  }

  /** Something that differs by request was asked for: it never comes. */
  hang(what: string): Promise<never> {
    this.asked.push(what);
    return new Promise<never>(() => {});
  }

  /** Something is on its way that is kept, and so part of the render. */
  async during<T>(action: () => Promise<T>): Promise<T> {
    this.#pending++;
    try {
      return await action();
    } finally {
      this.#pending--;
      this.#last = this.#clock.now();
    }
  }

  /** What is part of the render does not come: nobody waits for the rest any more. */
  giveUp(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Throws what was given up for. */
  throwIfGivenUp(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #quiet(): Promise<void> {
    const clock = this.#clock;
    this.#last = clock.now();
    while (this.#failure === null && (this.#pending > 0 || clock.now() - this.#last < QUIET)) await clock.wait(BREAK);
  }
}
