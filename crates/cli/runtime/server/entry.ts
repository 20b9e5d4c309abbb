// The server module: what a build's `server/rsc/index.js` exports.
import "./modules.ts";
import { callOf } from "./actions/call.ts";
import { handleCall } from "./actions/handle.ts";
import { provideActions } from "./actions/registry.ts";
import { announceBuild } from "./app/building.ts";
import { dynamicRoutes, handleRoute } from "./app/handler.ts";
import { renderPage } from "./app/render.ts";
import { meetUnstableValue, waitForOutside } from "./app/stage.ts";
import { listing } from "./app/static-params.ts";
import { installFetch } from "./cache/fetch.ts";
import { handleMetadata } from "./metadata/files/route.ts";
import { provideBuild, provideHost } from "./host-access.ts";
import { startInstrumentation } from "./instrumentation.ts";
import { askProxy } from "./proxy.ts";
import { watchUnstableValues } from "./unstable-values.ts";
import { newWork, runWork } from "./work.ts";
import type { Host, IncomingRequest, ProxyAnswer, RenderedDocument, RouteMatch, Server } from "./host.ts";
import type { AskHandlers } from "./cache/open-handlers.ts";
import type { Work } from "./work.ts";
import type { RenderEnvironment, PageRoute } from "./app/render.ts";
import type { MetadataFileDefinition, RouteDefinition, RouteFile, ServerConfig, ServerDefinition } from "./routes.ts";

/** What a build asks: the paths that a route lists, or why it cannot say. */
async function listParams(route: RouteDefinition | undefined, request: IncomingRequest, match: RouteMatch, { cacheComponents }: ServerConfig): Promise<Response> {
  try {
    const work: Work = { ...newWork(request, "prerender"), routeId: match.routeId, pathname: match.pathname, within: "generateStaticParams" };
    return Response.json((route && (await runWork(work, () => listing(route, cacheComponents)))) ?? { paths: null });
  } catch (error) {
    return Response.json({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** Makes the server module of an app. */
export function createServer(definition: ServerDefinition): Server {
  const pages = new Map<string, PageRoute>();
  const handlers = new Map<string, { file: RouteFile; pattern: string }>();
  const metadata = new Map<string, MetadataFileDefinition>();
  for (const [id, route] of Object.entries(definition.routes)) {
    if (route.kind === "page") pages.set(id, { id, pattern: route.pattern, tree: route.tree });
    else if (route.kind === "metadata") metadata.set(id, route.file);
    else handlers.set(id, route);
  }
  let environment: RenderEnvironment | undefined;
  let askHandlers: AskHandlers | undefined;
  return {
    async init(host: Host): Promise<void> {
      const { buildId, config } = definition;
      const { htmlLimitedBots } = config;
      environment = { host, buildId, config, htmlLimitedBots: htmlLimitedBots === null ? undefined : new RegExp(htmlLimitedBots, "i") };
      provideHost(host);
      provideBuild(buildId, config);
      if (host.handlerModules !== undefined) {
        const { openHandlers } = await import("./cache/open-handlers.ts");
        askHandlers = await openHandlers(host, host.handlerModules);
        return;
      }
      provideActions(host);
      for (const id of host.dynamicRoutes ?? []) {
        const page = pages.get(id);
        if (page === undefined) dynamicRoutes.add(id);
        else page.dynamic = true;
      }
      globalThis.__vinext = { basePath: config.basePath, trailingSlash: config.trailingSlash, keepSlashes: config.keepSlashes, strict: config.reactStrictMode, staleTime: config.staleTimes.static, partial: config.cacheComponents };
      installFetch();
      if (config.cacheComponents) {
        watchUnstableValues(globalThis, meetUnstableValue);
        globalThis.__vinext_unstable__ = meetUnstableValue;
        globalThis.__vinext_io__ = waitForOutside;
      }
      // A build answers nobody.
      if (host.building) announceBuild();
      else await startInstrumentation(definition.instrumentation);
    },
    async handle(request: IncomingRequest, match: RouteMatch): Promise<Response | RenderedDocument | ProxyAnswer> {
      if (environment === undefined) throw new Error("the server module was not initialised");
      if (match.cache !== undefined) {
        if (askHandlers === undefined) throw new Error("this isolate has no cache handlers");
        return askHandlers(request, match.cache);
      }
      if (match.variant === "proxy") {
        if (definition.proxy === undefined) throw new Error("this build has no proxy");
        return askProxy(definition.proxy, request, match);
      }
      if (match.variant === "params") return listParams(definition.routes[match.routeId], request, match, definition.config);
      const handler = handlers.get(match.routeId);
      if (handler !== undefined) return handleRoute(handler.file, handler.pattern, definition.config.basePath, request, match);
      const made = metadata.get(match.routeId);
      if (made !== undefined) return handleMetadata(made, definition.config.basePath, request, match);
      const page = pages.get(match.routeId);
      if (page === undefined) throw new Error(`there is no route ${match.routeId} in this build`);
      const call = callOf(request);
      return call === null ? renderPage(environment, page, request, match) : handleCall(environment, page, request, match, call);
    },
  };
}
