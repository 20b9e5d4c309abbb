// `NextRequest`.
import { RequestCookies } from "./cookies.ts";
import { NextURL, absoluteUrl } from "./next-url.ts";

/** A request with cookies and a parsed address. */
export class NextRequest extends Request {
  readonly #cookies: RequestCookies;
  readonly #url: NextURL;
  readonly #asked: string;

  constructor(input: Request | string | URL, init?: RequestInit) {
    super(input instanceof Request ? input : absoluteUrl(input), init);
    this.#cookies = new RequestCookies(this.headers);
    this.#url = new NextURL(super.url);
    this.#asked = this.#url.href;
  }

  get cookies(): RequestCookies {
    return this.#cookies;
  }

  get nextUrl(): NextURL {
    return this.#url;
  }

  /** The address, whatever becomes of `nextUrl`. */
  override get url(): string {
    return this.#asked;
  }

  /** Removed: use `URLPattern`. */
  get page(): never {
    throw new Error("`request.page` was removed: use `URLPattern` instead. Read more: https://nextjs.org/docs/messages/middleware-request-page");
  }

  /** Removed: use `userAgent`. */
  get ua(): never {
    throw new Error("`request.ua` was removed: use `userAgent(request)` of `next/server`. Read more: https://nextjs.org/docs/messages/middleware-parse-user-agent");
  }
}
