// Requests for what metadata modules make.
import { handleRoute } from "../../app/handler.ts";
import { decodedParams, imagesOf } from "./files.ts";
import { METADATA_ID, listedFiles, sitemapsOf } from "./listed.ts";
import { robotsText } from "./robots.ts";
import { sitemapText } from "./sitemap.ts";
import type { HandlerModule } from "../../app/handler-config.ts";
import type { IncomingRequest, RenderedDocument, RouteMatch } from "../../host.ts";
import type { MetadataFileDefinition, Params } from "../../routes.ts";
import type { ImageModule } from "./files.ts";
import type { SitemapModule } from "./listed.ts";
import type { RobotsFile } from "./robots.ts";
import type { SitemapEntry } from "./sitemap.ts";

/** They have one address for ever: who keeps them asks each time. */
const REVALIDATED = "public, max-age=0, must-revalidate";

/** What a module of any kind may export. */
type MetadataModule = ImageModule & SitemapModule & Pick<HandlerModule, "dynamic" | "revalidate" | "fetchCache" | "generateStaticParams">;

function notFound(): Response {
  return new Response("Not Found", { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } });
}

function textResponse(body: string, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": REVALIDATED } });
}

function madeBy<Made>(module: { default?: (...args: never[]) => unknown }, file: MetadataFileDefinition, ...args: never[]): Made {
  if (typeof module.default !== "function") throw new Error(`The default export of ${file.id} is not a function`);
  return module.default(...args) as Made;
}

async function sitemap(module: SitemapModule, file: MetadataFileDefinition, name: string | undefined): Promise<Response> {
  let props: { id: Promise<string> } | undefined;
  if (file.hasIds) {
    const known = await sitemapsOf(module);
    const id = name?.endsWith(".xml") ? name.slice(0, -".xml".length) : undefined;
    if (id === undefined || !known.includes(id)) return notFound();
    props = { id: Promise.resolve(id) };
  }
  const made = await madeBy<SitemapEntry[] | Response>(module, file, props as never);
  return made instanceof Response ? made : textResponse(sitemapText(made), "application/xml");
}

async function image(module: ImageModule, file: MetadataFileDefinition, params: Params, id: string | undefined): Promise<Response> {
  if (file.hasIds && !(await imagesOf(module, params)).some((one) => String(one.id) === id)) return notFound();
  const props = { params: Promise.resolve(decodedParams(params)), ...(id !== undefined && { id: Promise.resolve(id) }) };
  return madeBy<Response>(module, file, props as never);
}

async function made(module: MetadataModule, file: MetadataFileDefinition, match: RouteMatch): Promise<Response> {
  const { [METADATA_ID]: name, ...params } = match.params;
  const id = typeof name === "string" ? decodeURIComponent(name) : undefined;
  if (file.kind === "sitemap") return sitemap(module, file, id);
  if (file.kind !== "robots" && file.kind !== "manifest") return image(module, file, params, id);
  const given = await madeBy<object>(module, file);
  if (given instanceof Response) return given;
  if (file.kind === "robots") return textResponse(robotsText(given as RobotsFile), "text/plain");
  return textResponse(JSON.stringify(given), "application/manifest+json");
}

/** Answers a request for a metadata file: as a route handler that answers everybody alike, unless its module says otherwise. */
export async function handleMetadata(file: MetadataFileDefinition, basePath: string, incoming: IncomingRequest, match: RouteMatch): Promise<Response | RenderedDocument> {
  const { method } = incoming;
  if (method !== "GET" && method !== "HEAD") return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  const load = async (): Promise<HandlerModule> => {
    const module = (await file.load?.()) as MetadataModule;
    const { dynamic, revalidate, fetchCache } = module;
    const generateStaticParams = file.hasIds ? () => listedFiles(file) : module.generateStaticParams;
    const config = { ...(dynamic !== undefined && { dynamic }), ...(revalidate !== undefined && { revalidate }), fetchCache, generateStaticParams };
    return { ...config, GET: () => made(module, file, match) };
  };
  return handleRoute({ id: file.id, load }, file.url, basePath, incoming, match, true);
}
