// What a proxy is given beside the request.

/** Lets a proxy go on after its answer. */
export class NextFetchEvent extends Event {
  readonly sourcePage: string;
  readonly #waiting: Promise<unknown>[] = [];

  constructor({ page }: { page: string }) {
    super("fetch");
    this.sourcePage = page;
  }

  /** What the host has to wait for. */
  get pending(): readonly Promise<unknown>[] {
    return this.#waiting;
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#waiting.push(promise);
  }

  passThroughOnException(): void {}

  get request(): never {
    throw new Error("`event.request` was removed: the request is the first argument of the proxy");
  }

  respondWith(): never {
    throw new Error("`event.respondWith()` was removed: return the response from the proxy");
  }
}
