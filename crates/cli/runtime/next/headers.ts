// `next/headers`: the request, for server code.
import { cookieOf, expired, parseCookies, serializeCookie } from "../shared/cookies.ts";
import { ReadonlyHeaders } from "./web/headers.ts";
import { markDynamic, requireWork } from "../server/work.ts";
import { NEXT_URL_HEADER, PREFETCH_HEADER, RSC_HEADER, SEGMENT_PREFETCH_HEADER, STATE_TREE_HEADER } from "../shared/wire.ts";
import type { Cookie, SetArguments } from "../shared/cookies.ts";
import type { Work } from "../server/work.ts";

const HIDDEN = new Set([RSC_HEADER, STATE_TREE_HEADER, PREFETCH_HEADER, SEGMENT_PREFETCH_HEADER, NEXT_URL_HEADER, "next-hmr-refresh"]);

function memo<T>(work: Work, key: unknown, make: () => T): T {
  if (!work.memo.has(key)) work.memo.set(key, make());
  return work.memo.get(key) as T;
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
  /** What was asked with, and what was set since, by name. */
  readonly #cookies: Map<string, Cookie>;
  readonly #written = new Set<string>();

  constructor(work: Work) {
    this.#work = work;
    this.#cookies = new Map(Array.from(parseCookies(cookieHeader(work)), ([name, value]) => [name, { name, value }]));
  }

  get size(): number {
    return this.#cookies.size;
  }

  get(name: string | { name: string }): Cookie | undefined {
    return this.#cookies.get(typeof name === "string" ? name : name.name);
  }

  getAll(name?: string | { name: string }): Cookie[] {
    const wanted = typeof name === "object" ? name.name : name;
    return [...this.#cookies.values()].filter((cookie) => wanted === undefined || cookie.name === wanted);
  }

  has(name: string): boolean {
    return this.#cookies.has(name);
  }

  set(...args: SetArguments): this {
    return this.#write(cookieOf(args));
  }

  delete(target: string | Pick<Cookie, "name" | "path" | "domain">): this {
    return this.#write(expired(target));
  }

  #write(cookie: Cookie): this {
    if (this.#work.mode !== "handler") {
      throw new Error("Cookies can only be modified in a Server Action or Route Handler. Read more: https://nextjs.org/docs/app/api-reference/functions/cookies#options");
    }
    this.#cookies.set(cookie.name, cookie);
    this.#written.add(cookie.name);
    this.#work.setCookies = [...this.#cookies.values()].filter(({ name }) => this.#written.has(name)).map(serializeCookie);
    return this;
  }

  [Symbol.iterator](): IterableIterator<[string, Cookie]> {
    return this.#cookies.entries();
  }

  toString(): string {
    return Array.from(this.#cookies.values(), ({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
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
