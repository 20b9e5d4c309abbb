// `NextResponse`.
import { ResponseCookies } from "./cookies.ts";
import { absoluteUrl } from "./next-url.ts";
import type { NextURL } from "./next-url.ts";

/** Says to a proxy's reader that cookies were set, and not only written as headers. */
export const COOKIES_SET = "x-middleware-set-cookie";
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A response with cookies. */
export class NextResponse extends Response {
  #cookies: ResponseCookies | undefined;

  get cookies(): ResponseCookies {
    return (this.#cookies ??= new ResponseCookies(this.headers, COOKIES_SET));
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
    headers.set("location", absoluteUrl(url));
    return new NextResponse(null, { ...rest, headers, status });
  }

  static rewrite(destination: string | URL | NextURL, init?: ResponseInit & { request?: { headers?: Headers } }): NextResponse {
    const headers = new Headers(init?.headers);
    headers.set("x-middleware-rewrite", absoluteUrl(destination));
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

function overrideHeaders(from: Headers | undefined, to: Headers): void {
  if (from === undefined) return;
  const names: string[] = [];
  for (const [name, value] of from) {
    to.set(`x-middleware-request-${name}`, value);
    names.push(name);
  }
  to.set("x-middleware-override-headers", names.join(","));
}
