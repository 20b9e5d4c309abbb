// `NextURL`: the parts of an address, without the base path.

/** How else people call the machine that they sit at. */
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\])$/;

/** An address that can tell the base path from the rest. */
export class NextURL extends URL {
  readonly #basePath: string;

  constructor(url: string | URL, base?: string | URL, basePath: string = globalThis.__vinext?.basePath ?? "") {
    super(url, base);
    if (LOOPBACK.test(super.hostname)) super.hostname = "localhost";
    this.#basePath = basePath;
    if (basePath !== "" && (super.pathname === basePath || super.pathname.startsWith(`${basePath}/`))) {
      super.pathname = super.pathname.slice(basePath.length) || "/";
    }
  }

  get basePath(): string {
    return this.#basePath;
  }

  /** The Pages Router's; there are no locales here. */
  get locale(): string {
    return "";
  }

  set locale(value: string) {
    throw new TypeError(`the configuration has no locale "${value}"`);
  }

  get defaultLocale(): undefined {
    return undefined;
  }

  get domainLocale(): undefined {
    return undefined;
  }

  get buildId(): undefined {
    return undefined;
  }

  override get href(): string {
    const { pathname, search, hash } = this;
    const { protocol, username, password, host } = this;
    const user = username === "" ? "" : `${username}${password === "" ? "" : `:${password}`}@`;
    return `${protocol}//${user}${host}${this.#basePath}${this.#basePath !== "" && pathname === "/" ? "" : pathname}${search}${hash}`;
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

/** The text of an absolute address. */
export function absoluteUrl(url: string | URL): string {
  try {
    return String(new URL(String(url)));
  } catch (cause) {
    throw new Error(`URL is malformed "${String(url)}". Please use only absolute URLs - https://nextjs.org/docs/messages/middleware-relative-urls`, { cause });
  }
}
