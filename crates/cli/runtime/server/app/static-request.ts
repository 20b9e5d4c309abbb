// The request that a handler gets whose answer is for everybody: asking it for anything that differs between visitors
// makes the answer one for this visitor, unless the route wants empty answers.
import { NextRequest } from "../../next/web/request.ts";
import { dependOnRequest } from "../request-scope.ts";
import type { IncomingRequest } from "../host.ts";
import type { Work } from "../work.ts";

const OF_REQUEST: ReadonlySet<PropertyKey> = new Set(["headers", "cookies", "url", "body", "blob", "json", "text", "arrayBuffer", "formData", "clone", "signal"]);
const OF_URL: ReadonlySet<PropertyKey> = new Set(["search", "searchParams", "url", "href", "toJSON", "toString", "origin"]);

/** A request of nobody: the path alone, at the server's own address. */
export function staticRequest(incoming: IncomingRequest, work: Work): Request {
  const port = process.env["PORT"];
  const url = new URL(new URL(incoming.url).pathname, `http://localhost${port === undefined ? "" : `:${port}`}`);
  const request = new NextRequest(url);
  if (work.dynamic === "force-static") return request;
  const asked = (name: PropertyKey): void => dependOnRequest(work, `request.${String(name)}`);
  const nextUrl = new Proxy(request.nextUrl, {
    get(target, name) {
      if (OF_URL.has(name)) asked(`nextUrl.${String(name)}`);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return new Proxy(request, {
    get(target, name) {
      if (name === "nextUrl") return nextUrl;
      if (OF_REQUEST.has(name)) asked(name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
