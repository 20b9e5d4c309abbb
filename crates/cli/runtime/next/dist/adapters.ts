// `next/dist/server/web/spec-extension/adapters/*`: read-only views of headers and cookies.
import { ReadonlyHeaders } from "../web/headers.ts";
import type { RequestCookies } from "../web/cookies.ts";

/** Makes headers read-only. */
export class HeadersAdapter extends ReadonlyHeaders {
  static seal(headers: Headers): ReadonlyHeaders {
    return new ReadonlyHeaders(headers).seal();
  }

  static from(headers: Headers | Record<string, string | string[] | undefined>): Headers {
    if (headers instanceof Headers) return headers;
    const list = new Headers();
    for (const [name, value] of Object.entries(headers)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) list.append(name, one);
    }
    return list;
  }
}

function readOnly(): never {
  throw new Error("Cookies can only be modified in a Server Action or Route Handler. Read more: https://nextjs.org/docs/app/api-reference/functions/cookies#options");
}

/** What writes. */
const WRITING = new Set<PropertyKey>(["set", "delete", "clear"]);

/** Makes cookies read-only. */
export const RequestCookiesAdapter = {
  seal(cookies: RequestCookies): RequestCookies {
    return new Proxy(cookies, {
      get(target, name) {
        if (WRITING.has(name)) return readOnly;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  },
};
