// Serves pages and handlers that fetch, as a host does, and says what came of it: run with the `react-server` condition.
import { createElement as h } from "react";
import { Collector } from "../../server/collect.ts";
import { testHost } from "../data-cache.ts";
import { provided } from "../../server/host-access.ts";
import { headers } from "../../next/headers.ts";
import { unstable_cache } from "../../next/cache.ts";
import type { DocumentSink, Host, IncomingRequest, RenderedDocument, RouteMatch } from "../../server/host.ts";
import type { RouteDefinition, SegmentDefinition } from "../../server/routes.ts";

const sent: string[] = [];
globalThis.fetch = async (input) => {
  sent.push(new URL(input instanceof Request ? input.url : input).pathname);
  return new Response(`answer ${sent.length}`);
};
const { createServer } = await import("../../server/entry.ts");

const API = "https://api.example";
type Init = RequestInit & { next?: { revalidate?: number | false; tags?: string[] } };

const ask = async (path: string, init?: Init): Promise<string> => (await fetch(API + path, init as RequestInit)).text();

function file(id: string, module: object): { id: string; load(): Promise<object> } {
  return { id, load: async () => module };
}

function Layout({ children }: { children: unknown }) {
  return h("html", null, h("body", null, children as never));
}

function page(name: string, module: object): [string, RouteDefinition] {
  const leaf: SegmentDefinition = { segment: "__PAGE__", files: { page: file(`app/${name}/page.tsx`, module) }, slots: {} };
  const tree: SegmentDefinition = { segment: "", files: { layout: file("app/layout.tsx", { default: Layout }) }, slots: { children: { segment: name, files: {}, slots: { children: leaf } } } };
  return [`/${name}/page`, { kind: "page", pattern: `/${name}`, tree }];
}

const inner = unstable_cache(async () => ask("/inner", { cache: "no-store" }), ["inner"], { revalidate: 20, tags: ["inner"] });

const routes = Object.fromEntries<RouteDefinition>([
  page("timed", { revalidate: 600, default: async () => h("p", null, await ask("/timed", { next: { revalidate: 60, tags: ["t"] } })) }),
  page("called", { revalidate: 600, default: async () => h("p", null, await inner()) }),
  page("plain", { default: async () => h("p", null, await ask("/plain")) }),
  page("dynamic", { default: async () => h("p", null, await ask("/left"), await ask("/kept", { cache: "force-cache" }), await ask("/dynamic", { cache: "no-store" })) }),
  page("reads", { default: async () => h("p", null, String((await headers()).has("x"))) }),
  page("forced", { dynamic: "force-static", default: async () => h("p", null, await ask("/forced", { cache: "no-store" })) }),
  page("mode", { fetchCache: "default-cache", default: async () => h("p", null, await ask("/mode")) }),
  page("fails", { default: async () => Promise.reject(new Error("on purpose")) }),
  ["/api/route", { kind: "handler", pattern: "/api", file: file("app/api/route.ts", { revalidate: 600, GET: async () => new Response(await ask("/api", { next: { revalidate: 45, tags: ["a"] } })) }) }],
  ["/api-live/route", { kind: "handler", pattern: "/api-live", file: file("app/api-live/route.ts", { GET: async () => new Response(await ask("/api-live", { cache: "force-cache" })) }) }],
]);

let registered = 0;

async function serve(building: boolean, dynamicRoutes: string[] = []): Promise<(routeId: string) => Promise<object>> {
  testHost({ building, dynamicRoutes, clientReferences: new Proxy({}, { get: (_, id) => ({ id, chunks: [], name: "*" }) }), css: {}, bootstrap: { module: "", preload: [] }, actions: { modules: {}, key: btoa("k".repeat(32)), allowedOrigins: [] } });
  const server = createServer({
    buildId: "b",
    config: { basePath: "", trailingSlash: false, keepSlashes: false, reactStrictMode: false, htmlLimitedBots: null, staleTimes: { static: 300, dynamic: 0 }, maxHeadersLength: 6000, cacheComponents: false, useCache: true, cacheLife: {}, expireTime: 31_536_000, useCacheTimeout: 54 },
    routes,
    instrumentation: file("instrumentation.ts", { register: () => void registered++ }),
  });
  await server.init(provided() as Host);
  return async (routeId) => {
    const pathname = routeId.replace(/\/(page|route)$/, "");
    const before = sent.length;
    const request: IncomingRequest = { method: "GET", url: `http://localhost${pathname}`, rawHeaders: [], signal: new AbortController().signal, ended: Promise.resolve(), toRequest: () => new Request(`http://localhost${pathname}`) };
    const match: RouteMatch = { routeId, pathname, params: {}, variant: routeId.endsWith("page") ? "rsc" : "handler" };
    const answer = (await server.handle(request, match)) as Response | RenderedDocument;
    const counted = (): string[] => sent.slice(before);
    if (answer instanceof Response) return { response: answer.status, text: await answer.text(), sent: counted() };
    const body = new Collector();
    answer.pipe(body as unknown as DocumentSink);
    await body.ended;
    const text = new TextDecoder().decode(body.whole());
    return { status: answer.status, age: answer.headers.find(([name]) => name === "cache-control")?.[1], shared: answer.shared, policy: await answer.cache, prerendered: answer.prerendered, answers: text.match(/answer \d+/g) ?? [], length: text.length, sent: counted() };
  };
}

const result: Record<string, object> = {};
for (const [when, building] of [["build", true], ["start", false]] as const) {
  const get = await serve(building);
  for (const routeId of Object.keys(routes)) result[`${when} ${routeId}`] = await get(routeId);
  result[when] = { registered };
}
const get = await serve(false, ["/dynamic/page", "/api/route"]);
for (const routeId of ["/dynamic/page", "/api/route"]) result[`known ${routeId}`] = await get(routeId);
console.log(JSON.stringify(result));
