import assert from "node:assert/strict";
import { test } from "node:test";
import * as flow from "../shared/control-flow.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("redirect carries kind, address and status in its digest", () => {
  const error = thrownBy(() => flow.redirect("/login?a=1;b=2"));
  assert.equal(flow.digestOf(error), "NEXT_REDIRECT;replace;/login?a=1;b=2;307;");
  assert.equal(error instanceof Error && error.message, "NEXT_REDIRECT");
  assert.deepEqual(flow.parseRedirect(error), { kind: "replace", url: "/login?a=1;b=2", status: 307 });
});

test("permanentRedirect takes a kind", () => {
  const error = thrownBy(() => flow.permanentRedirect("https://example.org/;x;", flow.RedirectType.push));
  assert.deepEqual(flow.parseRedirect(error), { kind: "push", url: "https://example.org/;x;", status: 308 });
});

for (const [name, action, status] of [
  ["notFound", flow.notFound, 404],
  ["forbidden", flow.forbidden, 403],
  ["unauthorized", flow.unauthorized, 401],
] as const) {
  test(`${name} is digest and message alike`, () => {
    const error = thrownBy(action);
    assert.equal(flow.digestOf(error), `NEXT_HTTP_ERROR_FALLBACK;${status}`);
    assert.equal(error instanceof Error && error.message, `NEXT_HTTP_ERROR_FALLBACK;${status}`);
    assert.equal(flow.parseAccess(error), status);
    assert.equal(flow.parseRedirect(error), null);
    assert.ok(flow.isNavigationError(error));
  });
}

test("digests that only look like ours are not ours", () => {
  for (const digest of [
    "",
    "NEXT_REDIRECT",
    "NEXT_REDIRECT;replace;/x",
    "NEXT_REDIRECT;replace;/x;200;",
    "NEXT_REDIRECT;other;/x;307;",
    "XNEXT_REDIRECT;replace;/x;307;",
    "NEXT_HTTP_ERROR_FALLBACK",
    "NEXT_HTTP_ERROR_FALLBACK;500",
    "NEXT_HTTP_ERROR_FALLBACK;404;",
    "NEXT_HTTP_ERROR_FALLBACK;0404",
    "3892348923",
  ]) {
    assert.ok(!flow.isNavigationError({ digest }), digest);
  }
  for (const value of [null, undefined, 1, "NEXT_HTTP_ERROR_FALLBACK;404", { digest: 404 }]) {
    assert.equal(flow.digestOf(value), "");
    assert.ok(!flow.isNavigationError(value));
  }
});

test("unstable_rethrow throws what the framework must see and leaves the rest", () => {
  const ours = [
    thrownBy(() => flow.redirect("/")),
    thrownBy(flow.notFound),
    flow.bailoutError("test"),
    { digest: "DYNAMIC_SERVER_USAGE" },
    { digest: "HANGING_PROMISE_REJECTION" },
    { $$typeof: Symbol.for("react.postpone") },
  ];
  for (const error of ours)
    assert.equal(
      thrownBy(() => flow.unstable_rethrow(error)),
      error,
    );
  const inner = thrownBy(flow.notFound);
  const wrapped = new Error("outer", { cause: new Error("middle", { cause: inner }) });
  assert.equal(
    thrownBy(() => flow.unstable_rethrow(wrapped)),
    inner,
  );
  for (const error of [new Error("x"), new Error("x", { cause: new Error("y") }), null, "NEXT_REDIRECT", {}]) {
    assert.doesNotThrow(() => flow.unstable_rethrow(error));
  }
});
