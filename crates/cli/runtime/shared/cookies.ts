// Cookies as text: RFC 6265's headers, read leniently and written strictly.

/** A cookie with its attributes. */
export interface Cookie {
  name: string;
  value: string;
  path?: string;
  domain?: string;
  expires?: Date | number;
  maxAge?: number;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: boolean | "strict" | "lax" | "none";
  partitioned?: boolean;
  priority?: "low" | "medium" | "high";
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** Without the white space around it that HTTP has. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(letter: string | undefined): boolean {
  return letter === " " || letter === "\t";
}

/** Reads a `cookie` header. A later cookie of the same name wins; what cannot be decoded is left out. */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const text of header.split(";")) {
    const pair = trimmed(text);
    if (pair === "") continue;
    const at = pair.indexOf("=");
    if (at < 0) {
      cookies.set(pair, "true");
      continue;
    }
    const value = decode(trimmed(pair.slice(at + 1)));
    if (value !== undefined) cookies.set(trimmed(pair.slice(0, at)), value);
  }
  return cookies;
}

/** Writes a `set-cookie` header. */
export function serializeCookie(cookie: Cookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  const add = (name: string, value: string | number | false | undefined): void => {
    if (value !== undefined && value !== false && value !== "") parts.push(`${name}=${value}`);
  };
  add("Path", cookie.path);
  if (cookie.expires !== undefined) add("Expires", new Date(cookie.expires).toUTCString());
  if (typeof cookie.maxAge === "number") add("Max-Age", cookie.maxAge);
  add("Domain", cookie.domain);
  if (cookie.secure) parts.push("Secure");
  if (cookie.httpOnly) parts.push("HttpOnly");
  if (cookie.sameSite) add("SameSite", cookie.sameSite === true ? "strict" : cookie.sameSite);
  if (cookie.partitioned) parts.push("Partitioned");
  add("Priority", cookie.priority);
  return parts.join("; ");
}

/** Reads a `set-cookie` header back. */
export function parseSetCookie(header: string): Cookie | undefined {
  const [first = "", ...attributes] = header.split(/; */);
  const at = first.indexOf("=");
  const value = decode(first.slice(at + 1));
  if (at < 1 || value === undefined) return undefined;
  const cookie: Cookie = { name: first.slice(0, at), value };
  for (const attribute of attributes) {
    const [name = "", text = ""] = attribute.split(/=(.*)/s);
    switch (name.toLowerCase()) {
      case "path":
        cookie.path = text;
        break;
      case "domain":
        cookie.domain = text;
        break;
      case "expires":
        cookie.expires = new Date(text);
        break;
      case "max-age":
        cookie.maxAge = Number(text);
        break;
      case "secure":
        cookie.secure = true;
        break;
      case "httponly":
        cookie.httpOnly = true;
        break;
      case "samesite": {
        const mode = text.toLowerCase();
        if (mode === "strict" || mode === "lax" || mode === "none") cookie.sameSite = mode;
        break;
      }
      case "partitioned":
        cookie.partitioned = true;
        break;
      case "priority": {
        const priority = text.toLowerCase();
        if (priority === "low" || priority === "medium" || priority === "high") cookie.priority = priority;
        break;
      }
    }
  }
  return cookie;
}

/** The arguments of `set`: a cookie, or its name, value and attributes. */
export type SetArguments = [cookie: Cookie] | [name: string, value: string, attributes?: Partial<Cookie>];

/** Reads the arguments of `set`. The path of a cookie is the site, unless it says otherwise. */
export function cookieOf([first, value, attributes]: SetArguments | [string, string, Partial<Cookie>?]): Cookie {
  const cookie: Cookie = typeof first === "string" ? { name: first, value: value ?? "", ...attributes } : { ...first };
  // Browsers that know only one of the two agree then.
  if (cookie.maxAge && cookie.expires === undefined) {
    cookie.expires = new Date(Date.now() + cookie.maxAge * 1000);
  }
  if (typeof cookie.expires === "number") cookie.expires = new Date(cookie.expires);
  cookie.path ??= "/";
  return cookie;
}

/** A cookie that makes the browser forget another one. */
export function expired(target: string | Pick<Cookie, "name" | "path" | "domain">): Cookie {
  const { name, ...scope } = typeof target === "string" ? { name: target } : target;
  return { name, value: "", ...scope, expires: new Date(0), path: scope.path ?? "/" };
}
