// Requests for what metadata modules make.
import { parseAccess, parseRedirect } from "../../../shared/control-flow.ts";
import { cacheControl } from "../../app/segment-config.ts";
import { newWork, runWork } from "../../work.ts";
import { decodedParams, imagesOf } from "./files.ts";
import { robotsText } from "./robots.ts";
import { sitemapText } from "./sitemap.ts";
import type { IncomingRequest, RouteMatch } from "../../host.ts";
import type { MetadataFileDefinition, Params } from "../../routes.ts";
import type { ImageModule } from "./files.ts";
import type { RobotsFile } from "./robots.ts";
import type { SitemapEntry } from "./sitemap.ts";

const ID = "__metadata_id__";
/** They have one address for ever: who keeps them asks each time. */
const REVALIDATED = "public, max-age=0, must-revalidate";

interface TextModule {
  default?: (props?: { id: Promise<string> }) => unknown;
  generateSitemaps?: () => { id: string | number }[] | Promise<{ id: string | number }[]>;
}

function notFound(): Response {
  return new Response("Not Found", { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": cacheControl(false) } });
}

function textResponse(body: string, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": REVALIDATED } });
}

function madeBy<Made>(module: { default?: (...args: never[]) => unknown }, file: MetadataFileDefinition, ...args: never[]): Made {
  if (typeof module.default !== "function") throw new Error(`The default export of ${file.id} is not a function`);
  return module.default(...args) as Made;
}

async function sitemap(module: TextModule, file: MetadataFileDefinition, name: string | undefined): Promise<Response> {
  let props: { id: Promise<string> } | undefined;
  if (file.hasIds) {
    const known = (await module.generateSitemaps?.()) ?? [];
    const id = name?.endsWith(".xml") ? name.slice(0, -".xml".length) : undefined;
    if (id === undefined || !known.some((one) => String(one.id) === id)) return notFound();
    props = { id: Promise.resolve(id) };
  }
  const made = await madeBy<SitemapEntry[] | Response>(module, file, props as never);
  return made instanceof Response ? made : textResponse(sitemapText(made), "application/xml");
}

async function image(module: ImageModule, file: MetadataFileDefinition, params: Params, id: string | undefined): Promise<Response> {
  if (file.hasIds && !(await imagesOf(module, params)).some((one) => String(one.id) === id)) return notFound();
  const props = { params: Promise.resolve(decodedParams(params)), ...(id !== undefined && { id: Promise.resolve(id) }) };
  const made = await madeBy<unknown>(module, file, props as never);
  if (!(made instanceof Response)) throw new Error(`No response is returned from '${file.id}': return a \`Response\` with the image.`);
  const isListed = file.hasIds || Object.keys(params).length === 0;
  if (!isListed || made.headers.has("cache-control") || module.dynamic === "force-dynamic" || module.revalidate === 0) return made;
  const headers = new Headers(made.headers);
  headers.set("cache-control", cacheControl(module.revalidate ?? false));
  return new Response(made.body, { status: made.status, headers });
}

async function made(file: MetadataFileDefinition, match: RouteMatch): Promise<Response> {
  const module = (await file.load?.()) as TextModule & ImageModule;
  const { [ID]: name, ...params } = match.params;
  const id = typeof name === "string" ? decodeURIComponent(name) : undefined;
  if (file.kind === "sitemap") return sitemap(module, file, id);
  if (file.kind !== "robots" && file.kind !== "manifest") return image(module, file, params, id);
  const given = await madeBy<object>(module, file);
  if (given instanceof Response) return given;
  if (file.kind === "robots") return textResponse(robotsText(given as RobotsFile), "text/plain");
  return textResponse(JSON.stringify(given), "application/manifest+json");
}

/** Answers a request for a metadata file. */
export async function handleMetadata(file: MetadataFileDefinition, incoming: IncomingRequest, match: RouteMatch): Promise<Response> {
  const { method } = incoming;
  if (method !== "GET" && method !== "HEAD") return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  const work = newWork(incoming, "handler");
  work.routeId = match.routeId;
  work.pathname = match.pathname;
  const response = await runWork(work, async () => {
    try {
      return await made(file, match);
    } catch (error) {
      const redirect = parseRedirect(error);
      if (redirect !== null) return new Response(null, { status: redirect.status, headers: { location: redirect.url } });
      const status = parseAccess(error);
      if (status === null) throw error;
      return new Response(null, { status });
    }
  });
  if (method === "GET") return response;
  await response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
