// Headers that say who may not change them.

function readOnly(): never {
  throw new Error("Headers cannot be modified. Read more: https://nextjs.org/docs/app/api-reference/functions/headers");
}

/** `Headers` that are read-only once they are sealed. */
export class ReadonlyHeaders extends Headers {
  #sealed = false;

  seal(): this {
    this.#sealed = true;
    return this;
  }

  override append(name: string, value: string): void {
    if (this.#sealed) readOnly();
    super.append(name, value);
  }

  override set(name: string, value: string): void {
    if (this.#sealed) readOnly();
    super.set(name, value);
  }

  override delete(name: string): void {
    if (this.#sealed) readOnly();
    super.delete(name);
  }
}
