// `next/server`: requests and responses with cookies and parsed addresses.
import { cookieOf, expired, parseCookies, parseSetCookie, serializeCookie } from "../shared/cookies.ts";
import { currentWork, markDynamic, requireWork } from "../server/work.ts";
import type { Cookie, SetArguments } from "../shared/cookies.ts";

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
  readonly #cookies = new Map<string, Cookie>();

  constructor(headers: Headers) {
    this.#headers = headers;
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
    return this;
  }
}

/** An address that can tell the base path from the rest. */
export class NextURL extends URL {
  readonly #basePath: string;

  constructor(url: string | URL, base?: string | URL, basePath: string = globalThis.__vinext?.basePath ?? "") {
    super(url, base);
    this.#basePath = basePath;
    if (basePath !== "" && (super.pathname === basePath || super.pathname.startsWith(`${basePath}/`))) {
      super.pathname = super.pathname.slice(basePath.length) || "/";
    }
  }

  get basePath(): string {
    return this.#basePath;
  }

  get locale(): string {
    return "";
  }

  override get href(): string {
    const { pathname, search, hash } = this;
    return `${this.origin}${this.#basePath}${this.#basePath !== "" && pathname === "/" ? "" : pathname}${search}${hash}`;
  }

  override set href(value: string) {
    super.href = value;
  }

  override toString(): string {
    return this.href;
  }

  override toJSON(): string {
    return this.href;
  }

  clone(): NextURL {
    return new NextURL(this.href);
  }
}

/** A request with cookies and a parsed address. */
export class NextRequest extends Request {
  readonly #cookies: RequestCookies;
  readonly #url: NextURL;

  constructor(input: Request | string | URL, init?: RequestInit) {
    super(input instanceof URL ? input.href : input, init);
    this.#cookies = new RequestCookies(this.headers);
    this.#url = new NextURL(this.url);
  }

  get cookies(): RequestCookies {
    return this.#cookies;
  }

  get nextUrl(): NextURL {
    return this.#url;
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A response with cookies. */
export class NextResponse extends Response {
  #cookies: ResponseCookies | undefined;

  get cookies(): ResponseCookies {
    return (this.#cookies ??= new ResponseCookies(this.headers));
  }

  static override json(body: unknown, init?: ResponseInit): NextResponse {
    const response = Response.json(body, init);
    return new NextResponse(response.body, response);
  }

  static override redirect(url: string | URL | NextURL, init?: number | ResponseInit): NextResponse {
    const status = typeof init === "number" ? init : (init?.status ?? 307);
    if (!REDIRECTS.has(status)) throw new RangeError('Failed to execute "redirect" on "response": Invalid status code');
    const rest = typeof init === "object" ? init : {};
    const headers = new Headers(rest.headers);
    headers.set("location", validUrl(url));
    return new NextResponse(null, { ...rest, headers, status });
  }

  static rewrite(destination: string | URL | NextURL, init?: ResponseInit & { request?: { headers?: Headers } }): NextResponse {
    const headers = new Headers(init?.headers);
    headers.set("x-middleware-rewrite", validUrl(destination));
    overrideHeaders(init?.request?.headers, headers);
    return new NextResponse(null, { ...init, headers });
  }

  static next(init?: ResponseInit & { request?: { headers?: Headers } }): NextResponse {
    const headers = new Headers(init?.headers);
    headers.set("x-middleware-next", "1");
    overrideHeaders(init?.request?.headers, headers);
    return new NextResponse(null, { ...init, headers });
  }
}

function validUrl(url: string | URL): string {
  try {
    return String(new URL(String(url)));
  } catch (cause) {
    throw new Error(`URL is malformed "${String(url)}". Please use only absolute URLs - https://nextjs.org/docs/messages/middleware-relative-urls`, { cause });
  }
}

function overrideHeaders(from: Headers | undefined, to: Headers): void {
  if (from === undefined) return;
  const names: string[] = [];
  for (const [name, value] of from) {
    to.set(`x-middleware-request-${name}`, value);
    names.push(name);
  }
  to.set("x-middleware-override-headers", names.join(","));
}

/** Waits for a request: what comes after is rendered for each of them. */
export async function connection(): Promise<void> {
  markDynamic(requireWork("connection"), "connection");
}

/** Runs a task after the response has ended. */
export function after(task: Promise<unknown> | (() => unknown)): void {
  const work = currentWork();
  if (work === undefined) throw new Error("`after` was called outside a request scope. Read more: https://nextjs.org/docs/messages/next-dynamic-api-wrong-context");
  const run = async (): Promise<void> => {
    await (typeof task === "function" ? task() : task);
  };
  setTimeout(() => void run().catch((error: unknown) => console.error(error)));
}

/** The platform's own. */
export const URLPattern: unknown = Reflect.get(globalThis, "URLPattern");
