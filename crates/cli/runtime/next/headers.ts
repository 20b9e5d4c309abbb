// `next/headers`: the request, for server code.
import { cookieOf, expired, parseCookies, serializeCookie } from "../shared/cookies.ts";
import { markDynamic, requireWork } from "../server/work.ts";
import { NEXT_URL_HEADER, PREFETCH_HEADER, RSC_HEADER, SEGMENT_PREFETCH_HEADER, STATE_TREE_HEADER } from "../shared/wire.ts";
import type { Cookie, SetArguments } from "../shared/cookies.ts";
import type { Work } from "../server/work.ts";

const HIDDEN = new Set([RSC_HEADER, STATE_TREE_HEADER, PREFETCH_HEADER, SEGMENT_PREFETCH_HEADER, NEXT_URL_HEADER, "next-hmr-refresh"]);

function memo<T>(work: Work, key: unknown, make: () => T): T {
  if (!work.memo.has(key)) work.memo.set(key, make());
  return work.memo.get(key) as T;
}

function readOnly(): never {
  throw new Error("Headers cannot be modified. Read more: https://nextjs.org/docs/app/api-reference/functions/headers");
}

class ReadonlyHeaders extends Headers {
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

function readHeaders({ request: { rawHeaders } }: Work): ReadonlyHeaders {
  const headers = new ReadonlyHeaders();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
    if (!HIDDEN.has(name)) headers.append(name, value);
  }
  return headers.seal();
}

function cookieHeader({ request: { rawHeaders } }: Work): string {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index] === "cookie") values.push(rawHeaders[index + 1] ?? "");
  }
  return values.join("; ");
}

/** The cookies of the request; in a route handler, also of its response. */
class RequestCookies {
  readonly #work: Work;
  readonly #cookies: Map<string, string>;

  constructor(work: Work) {
    this.#work = work;
    this.#cookies = parseCookies(cookieHeader(work));
  }

  get size(): number {
    return this.#cookies.size;
  }

  get(name: string | { name: string }): { name: string; value: string } | undefined {
    const key = typeof name === "string" ? name : name.name;
    const value = this.#cookies.get(key);
    return value === undefined ? undefined : { name: key, value };
  }

  getAll(name?: string | { name: string }): { name: string; value: string }[] {
    const all = Array.from(this.#cookies, ([key, value]) => ({ name: key, value }));
    if (name === undefined) return all;
    const wanted = typeof name === "string" ? name : name.name;
    return all.filter((cookie) => cookie.name === wanted);
  }

  has(name: string): boolean {
    return this.#cookies.has(name);
  }

  set(...args: SetArguments): this {
    this.#write(cookieOf(args));
    return this;
  }

  delete(target: string | Pick<Cookie, "name" | "path" | "domain">): this {
    this.#write(expired(target));
    return this;
  }

  #write(cookie: Cookie): void {
    if (this.#work.mode !== "handler") {
      throw new Error("Cookies can only be modified in a Server Action or Route Handler. Read more: https://nextjs.org/docs/app/api-reference/functions/cookies#options");
    }
    if (cookie.value === "" && cookie.expires !== undefined && Number(cookie.expires) === 0) this.#cookies.delete(cookie.name);
    else this.#cookies.set(cookie.name, cookie.value);
    this.#work.setCookies.push(serializeCookie(cookie));
  }

  *[Symbol.iterator](): IterableIterator<[string, { name: string; value: string }]> {
    for (const [name, value] of this.#cookies) yield [name, { name, value }];
  }

  toString(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${encodeURIComponent(value)}`).join("; ");
  }
}

/** The headers of the request. */
export async function headers(): Promise<Headers> {
  const work = requireWork("headers");
  markDynamic(work, "headers");
  return memo(work, ReadonlyHeaders, () => readHeaders(work));
}

/** The cookies of the request. */
export async function cookies(): Promise<RequestCookies> {
  const work = requireWork("cookies");
  markDynamic(work, "cookies");
  return memo(work, RequestCookies, () => new RequestCookies(work));
}

/** Draft mode; always off until it can be turned on. */
export async function draftMode(): Promise<{ isEnabled: boolean; enable(): void; disable(): void }> {
  requireWork("draftMode");
  const unsupported = (): never => {
    throw new Error("draftMode cannot be turned on yet");
  };
  return { isEnabled: false, enable: unsupported, disable: unsupported };
}
