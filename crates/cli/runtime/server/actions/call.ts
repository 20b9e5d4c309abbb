// Which requests call a server function. What a request says about itself decides, not what is in its body. Pure.
import { ACTION_HEADER } from "../../shared/action-wire.ts";
import { headerOf } from "../host.ts";
import type { IncomingRequest } from "../host.ts";

/** How a request calls a function: with an id by a router, or as a form. */
export type Call = { kind: "router"; id: string } | { kind: "form" };

/** Whether a request calls a function. */
export function callOf(request: IncomingRequest): Call | null {
  if (request.method !== "POST") return null;
  const id = headerOf(request, ACTION_HEADER);
  if (id !== undefined) return { kind: "router", id };
  return isMultipart(request) ? { kind: "form" } : null;
}

/** Whether a page takes a request that does not read: a form that calls nothing shows the page. */
export function isForm(request: IncomingRequest): boolean {
  return request.method === "POST" && isOfType(request, "application/x-www-form-urlencoded");
}

/** Whether the body is a form of several parts. */
export function isMultipart(request: IncomingRequest): boolean {
  return isOfType(request, "multipart/form-data");
}

function isOfType(request: IncomingRequest, type: string): boolean {
  return (headerOf(request, "content-type") ?? "").toLowerCase().startsWith(type);
}
