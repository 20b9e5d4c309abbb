// One Flight stream, read twice: by SSR, which renders HTML from it, and by the document, which embeds it.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Destination, FlightReadable } from "./host.ts";

type Take = (chunk: Uint8Array) => void;

const encoder = new TextEncoder();

/** Where the Flight renderer writes. Every reader gets the whole stream, however late it comes. */
export class FlightTee implements Destination, FlightReadable {
  #chunks: Uint8Array[] = [];
  #data: Take[] = [];
  #end: (() => void)[] = [];
  #error: ((error: unknown) => void)[] = [];
  #over = false;
  #failure: { error: unknown } | null = null;

  write(chunk: Uint8Array | string): boolean {
    // The renderer reuses its buffer, and a string is not yet bytes.
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk.slice();
    this.#chunks.push(bytes);
    for (const take of this.#data) take(bytes);
    return true;
  }

  flush(): void {}

  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const done of this.#end) done();
  }

  destroy(error?: unknown): this {
    if (this.#over) return this;
    this.#over = true;
    this.#failure = { error };
    for (const fail of this.#error) fail(error);
    return this;
  }

  on(event: "data" | "end" | "error" | "drain" | "close", listener: (value: never) => void): this {
    // What a listener does belongs to whoever listens, not to the renderer that happens to write.
    const within = AsyncLocalStorage.snapshot();
    const run = (value?: unknown): void => within(() => (listener as (value: unknown) => void)(value));
    if (event === "data") {
      for (const chunk of this.#chunks) run(chunk);
      this.#data.push(run);
    } else if (event === "end") {
      if (this.#over && this.#failure === null) queueMicrotask(run);
      else this.#end.push(run);
    } else if (event === "error") {
      if (this.#failure !== null) run(this.#failure.error);
      else this.#error.push(run);
    }
    return this;
  }

  /** Settles when the stream is over. */
  ended(): Promise<void> {
    return new Promise((resolve, reject) => this.on("end", resolve).on("error", reject));
  }
}
