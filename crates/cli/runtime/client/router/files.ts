// The payloads of an exported app: files beside its documents, as a host of files tells no requests apart. Pure.
import { splitHref } from "../../shared/href.ts";
import type { HrefRules } from "../../shared/href.ts";

const bareOf = (href: string): string => splitHref(href).pathname.replace(/\/+$/, "");

/** The address of the file with the payload of a page. No query makes it another. */
export function payloadFile(href: string, { basePath, trailingSlash }: HrefRules): string {
  const bare = bareOf(href);
  return `${basePath}${bare}${bare === "" || trailingSlash ? "/index" : ""}.txt`;
}

/** Where one is with a payload that says where it belongs: elsewhere, if the page that was asked for leads there. */
export function landedIn(href: string, own: string): string {
  return bareOf(href) === bareOf(own) ? href : own;
}
