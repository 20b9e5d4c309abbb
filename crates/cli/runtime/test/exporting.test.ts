import assert from "node:assert/strict";
import { test } from "node:test";
import { exportedPath, frameless } from "../server/app/exporting.ts";
import { handlerConfig } from "../server/app/handler-config.ts";
import { routeConfig } from "../server/app/segment-config.ts";
import type { LoadedSegment, SegmentModule } from "../server/routes.ts";

const page = (module: SegmentModule): LoadedSegment[] => [{ segment: "__PAGE__", files: { page: { id: "page.tsx", module } }, metadata: [], slots: {} }];

test("an exported page must not depend on the request unless it says that the request is empty", () => {
  for (const module of [{}, { dynamic: "auto" as const }, { dynamic: "error" as const }]) {
    const { dynamic, prerender } = routeConfig("/a", page(module), true);
    assert.deepEqual([dynamic, prerender], ["error", true]);
  }
  assert.deepEqual(routeConfig("/a", page({ dynamic: "force-static" }), true).forceStatic, true);
  assert.deepEqual(routeConfig("/a", page({}), false).dynamic, "auto");
});

test("an exported handler must not depend on the request, whatever it says", () => {
  const GET = (): Response => new Response();
  assert.equal(handlerConfig({ GET, dynamic: "force-static" }, "/api", false, true).dynamic, "error");
  assert.equal(handlerConfig({ GET, dynamic: "force-static" }, "/api", false, false).dynamic, "force-static");
});

test("an exported page is where its file is", () => {
  assert.deepEqual(["/", "/a", "/v1.2"].map((path) => exportedPath(path, true)), ["/", "/a/", "/v1.2/"]);
  assert.deepEqual(["/", "/a/", "/v1.2"].map((path) => exportedPath(path, false)), ["/", "/a", "/v1.2"]);
});

test("a page that only a browser can begin says what to do", () => {
  assert.match(frameless("/a", new Error("Bail out to client-side rendering: useSearchParams()")).message, /^useSearchParams\(\) should be wrapped in a suspense boundary at page "\/a"/);
});
