// The nonce of a Content Security Policy: what puts the policy on the answer tells the page by the same header of the request.
import { headerOf } from "./host.ts";
import type { IncomingRequest } from "./host.ts";

/** What a nonce may be (CSP level 3, `base64-value`): nothing that could leave an attribute. */
const NONCE = /^'nonce-([A-Za-z0-9+/_=-]+)'$/;

/** The nonce that the scripts of a document need, if its policy asks for one. */
export function nonceOf(request: IncomingRequest): string | undefined {
  const policy = headerOf(request, "content-security-policy") ?? headerOf(request, "content-security-policy-report-only") ?? "";
  const directives = policy.split(";").map((directive) => directive.trim().split(/\s+/));
  const of = (name: string): string[] | undefined => directives.find(([own]) => own?.startsWith(name));
  const sources = of("script-src") ?? of("default-src") ?? [];
  for (const source of sources) {
    const nonce = NONCE.exec(source)?.[1];
    if (nonce !== undefined) return nonce;
  }
  return undefined;
}
