// The cookies of requests and responses, as objects over their headers.
import { cookieOf, expired, parseCookies, parseSetCookie, serializeCookie } from "../../shared/cookies.ts";
import type { Cookie, SetArguments } from "../../shared/cookies.ts";

export { parseCookies as parseCookie, parseSetCookie, serializeCookie as stringifyCookie } from "../../shared/cookies.ts";

interface Pair {
  name: string;
  value: string;
}

/** The cookies of a request; writing changes this request's header only. */
export class RequestCookies {
  readonly #headers: Headers;
  readonly #cookies: Map<string, string>;

  constructor(headers: Headers) {
    this.#headers = headers;
    this.#cookies = parseCookies(headers.get("cookie") ?? "");
  }

  get size(): number {
    return this.#cookies.size;
  }

  get(name: string | Pair): Pair | undefined {
    const key = typeof name === "string" ? name : name.name;
    const value = this.#cookies.get(key);
    return value === undefined ? undefined : { name: key, value };
  }

  getAll(name?: string | Pair): Pair[] {
    const wanted = typeof name === "object" ? name.name : name;
    return Array.from(this.#cookies, ([key, value]) => ({ name: key, value })).filter((cookie) => wanted === undefined || cookie.name === wanted);
  }

  has(name: string): boolean {
    return this.#cookies.has(name);
  }

  set(...args: [Pair] | [name: string, value: string]): this {
    const [first, value = ""] = args;
    if (typeof first === "string") this.#cookies.set(first, value);
    else this.#cookies.set(first.name, first.value);
    return this.#store();
  }

  delete(names: string | readonly string[]): boolean | boolean[] {
    const result = typeof names === "string" ? this.#cookies.delete(names) : names.map((name) => this.#cookies.delete(name));
    this.#store();
    return result;
  }

  clear(): this {
    this.#cookies.clear();
    return this.#store();
  }

  *[Symbol.iterator](): IterableIterator<[string, Pair]> {
    for (const [name, value] of this.#cookies) yield [name, { name, value }];
  }

  toString(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${encodeURIComponent(value)}`).join("; ");
  }

  #store(): this {
    this.#headers.set("cookie", this.toString());
    return this;
  }
}

/** The cookies that a response sets. */
export class ResponseCookies {
  readonly #headers: Headers;
  readonly #announcement: string | undefined;
  readonly #cookies = new Map<string, Cookie>();

  /** `announcement`: a header that says when some were set. */
  constructor(headers: Headers, announcement?: string) {
    this.#headers = headers;
    this.#announcement = announcement;
    for (const line of headers.getSetCookie()) {
      const cookie = parseSetCookie(line);
      if (cookie !== undefined) this.#cookies.set(cookie.name, cookie);
    }
  }

  get(name: string | Pair): Cookie | undefined {
    return this.#cookies.get(typeof name === "string" ? name : name.name);
  }

  getAll(name?: string | Pair): Cookie[] {
    const wanted = typeof name === "object" ? name.name : name;
    return [...this.#cookies.values()].filter((cookie) => wanted === undefined || cookie.name === wanted);
  }

  has(name: string): boolean {
    return this.#cookies.has(name);
  }

  set(...args: SetArguments): this {
    const cookie = cookieOf(args);
    this.#cookies.set(cookie.name, cookie);
    return this.#store();
  }

  delete(target: string | Pick<Cookie, "name" | "path" | "domain">): this {
    const cookie = expired(target);
    this.#cookies.set(cookie.name, cookie);
    return this.#store();
  }

  toString(): string {
    return [...this.#cookies.values()].map(serializeCookie).join("; ");
  }

  #store(): this {
    this.#headers.delete("set-cookie");
    for (const cookie of this.#cookies.values()) this.#headers.append("set-cookie", serializeCookie(cookie));
    if (this.#announcement !== undefined) this.#headers.set(this.#announcement, "1");
    return this;
  }
}
