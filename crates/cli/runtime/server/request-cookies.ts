// The cookies of the request that is being answered; where a response can set some, also of that response.
import { cookieOf, expired, parseCookies, serializeCookie } from "../shared/cookies.ts";
import { currentWork } from "./work.ts";
import type { Cookie, SetArguments } from "../shared/cookies.ts";
import type { Work } from "./work.ts";

function headerOf({ request: { rawHeaders } }: Work): string {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index] === "cookie") values.push(rawHeaders[index + 1] ?? "");
  }
  return values.join("; ");
}

/** Whether cookies can be set: not once the response has ended, and not for everybody. */
function isWritable(work: Work): boolean {
  // Who has got hold of them earlier may still be there later.
  const now = currentWork() ?? work;
  return now.within === null && now.dynamic !== "force-static" && (now.mode === "handler" || now.mode === "action");
}

/** The cookies of one request. */
export class RequestCookies {
  readonly #work: Work;
  /** What was asked with, and what was set since, by name. */
  readonly #cookies: Map<string, Cookie>;
  readonly #written = new Set<string>();

  constructor(work: Work) {
    this.#work = work;
    const asked = work.dynamic === "force-static" ? "" : headerOf(work);
    // As in Next, what can be written has the path that it would be written with.
    const more = work.mode === "handler" || work.mode === "action" ? { path: "/" } : {};
    this.#cookies = new Map(Array.from(parseCookies(asked), ([name, value]) => [name, { name, value, ...more }]));
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
    return this.#change(cookieOf(args));
  }

  delete(target: string | Pick<Cookie, "name" | "path" | "domain">): this {
    return this.#change(expired(target));
  }

  #change(cookie: Cookie): this {
    if (!isWritable(this.#work)) {
      throw new Error("Cookies can only be modified in a Server Action or Route Handler. Read more: https://nextjs.org/docs/app/api-reference/functions/cookies#options");
    }
    writeCookie(this.#work, this, cookie);
    return this;
  }

  /** The framework's own way to write. */
  static write(cookies: RequestCookies, cookie: Cookie): string[] {
    cookies.#cookies.set(cookie.name, cookie);
    cookies.#written.add(cookie.name);
    return [...cookies.#cookies.values()].filter(({ name }) => cookies.#written.has(name)).map(serializeCookie);
  }

  [Symbol.iterator](): IterableIterator<[string, Cookie]> {
    return this.#cookies.entries();
  }

  toString(): string {
    return Array.from(this.#cookies.values(), ({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
  }
}

/** The cookies of a request: the same object each time. */
export function cookiesOf(work: Work): RequestCookies {
  const known = work.memo.get(RequestCookies) as RequestCookies | undefined;
  if (known !== undefined) return known;
  const made = new RequestCookies(work);
  work.memo.set(RequestCookies, made);
  return made;
}

/** Sets a cookie of the response. */
export function writeCookie(work: Work, cookies: RequestCookies, cookie: Cookie): void {
  work.setCookies = RequestCookies.write(cookies, cookie);
}
