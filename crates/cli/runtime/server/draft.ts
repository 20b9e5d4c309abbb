// Draft mode: who has the cookie with the build's secret sees every page as it would be rendered now.
import { parseCookies } from "../shared/cookies.ts";
import { headerOf } from "./host.ts";
import { cookiesOf, writeCookie } from "./request-cookies.ts";
import type { Cookie } from "../shared/cookies.ts";
import type { Host, IncomingRequest } from "./host.ts";
import type { Work } from "./work.ts";

const NAME = "__prerender_bypass";
/** Editors show pages in frames of other sites. */
const SCOPE = { path: "/", secure: true, httpOnly: true, sameSite: "none" } satisfies Partial<Cookie>;

/** Whether two texts are the same, in a time that does not tell where they differ. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
}

/** Whether a request comes with the secret. */
export function asksForDraft(request: IncomingRequest, { draftSecret }: Pick<Host, "draftSecret">): boolean {
  const header = headerOf(request, "cookie");
  if (header === undefined || draftSecret === "" || !header.includes(NAME)) return false;
  return isSame(parseCookies(header).get(NAME) ?? "", draftSecret);
}

/** Whether draft mode is on. */
export function isDraft(work: Work, host: Pick<Host, "draftSecret">): boolean {
  return (work.draft ??= asksForDraft(work.request, host));
}

/** Turns draft mode on or off, from this response on. */
export function setDraft(work: Work, host: Pick<Host, "draftSecret">, on: boolean): void {
  work.draft = on;
  const cookie: Cookie = on ? { name: NAME, value: host.draftSecret, ...SCOPE } : { name: NAME, value: "", ...SCOPE, expires: new Date(0) };
  writeCookie(work, cookiesOf(work), cookie);
}
