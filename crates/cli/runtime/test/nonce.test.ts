import assert from "node:assert/strict";
import { test } from "node:test";
import { nonceOf } from "../server/nonce.ts";
import type { IncomingRequest } from "../server/host.ts";

const asked = (name: string, policy: string): IncomingRequest => ({ rawHeaders: [name, policy] }) as unknown as IncomingRequest;
const nonce = (policy: string): string | undefined => nonceOf(asked("content-security-policy", policy));

test("the nonce of scripts, or of everything", () => {
  assert.equal(nonce("default-src 'self'; script-src 'self' 'nonce-abc+/=' 'strict-dynamic'"), "abc+/=");
  assert.equal(nonce("default-src 'nonce-all'"), "all");
  assert.equal(nonce("default-src 'nonce-all'; script-src 'self'"), undefined);
  assert.equal(nonce("script-src-elem 'nonce-elem'"), "elem");
  assert.equal(nonce("style-src 'nonce-style'"), undefined);
  assert.equal(nonceOf(asked("content-security-policy-report-only", "script-src 'nonce-told'")), "told");
});

test("what could leave an attribute is no nonce", () => {
  for (const text of ["", "\"><script>", "a b", "a'b", "a\"b", "<", "&lt;"]) assert.equal(nonce(`script-src 'nonce-${text}'`), undefined, text);
});
