// The server module: what a build's `server/rsc/index.js` exports.
import "./modules.ts";
import { handleRoute } from "./app/handler.ts";
import { renderPage } from "./app/render.ts";
import type { Host, IncomingRequest, RenderedDocument, RouteMatch, Server } from "./host.ts";
import type { RenderEnvironment, PageRoute } from "./app/render.ts";
import type { RouteFile, ServerDefinition } from "./routes.ts";

/** Makes the server module of an app. */
export function createServer(definition: ServerDefinition): Server {
  const pages = new Map<string, PageRoute>();
  const handlers = new Map<string, RouteFile>();
  for (const [id, route] of Object.entries(definition.routes)) {
    if (route.kind === "page") pages.set(id, { id, pattern: route.pattern, tree: route.tree });
    else handlers.set(id, route.file);
  }
  let environment: RenderEnvironment | undefined;
  return {
    async init(host: Host): Promise<void> {
      const { buildId, config } = definition;
      environment = { host, buildId, config };
      globalThis.__vinext = { basePath: config.basePath, trailingSlash: config.trailingSlash, strict: config.reactStrictMode };
    },
    async handle(request: IncomingRequest, match: RouteMatch): Promise<Response | RenderedDocument> {
      if (environment === undefined) throw new Error("the server module was not initialised");
      const file = handlers.get(match.routeId);
      if (file !== undefined) return handleRoute(file, definition.config.basePath, request, match);
      const page = pages.get(match.routeId);
      if (page === undefined) throw new Error(`there is no route ${match.routeId} in this build`);
      return renderPage(environment, page, request, match);
    },
  };
}
