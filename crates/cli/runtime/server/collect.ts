// A destination that keeps what is written, for bodies that go out only when they are whole.
import { joinBytes } from "./bytes.ts";
import type { Destination } from "./host.ts";

const encoder = new TextEncoder();

/** Takes everything that is written. */
export class Collector implements Destination {
  readonly chunks: Uint8Array[] = [];
  readonly ended: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits hears of a failure; nobody has to.
    this.ended.catch(() => {});
  }

  /** Everything that was written, in one piece. */
  whole(): Uint8Array<ArrayBuffer> {
    return joinBytes(this.chunks);
  }

  write(chunk: Uint8Array | string): boolean {
    this.chunks.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk.slice());
    return true;
  }

  flush(): void {}

  end(): void {
    this.#resolve();
  }

  on(): this {
    return this;
  }

  destroy(error?: unknown): this {
    if (error === undefined) this.#resolve();
    else this.#reject(error);
    return this;
  }
}
