// `generateStaticParams`: the parameters for which a route is known to have pages.
import { branch as branchOf, loadTree } from "../routes.ts";
import { listedFiles } from "../metadata/files/listed.ts";
import { runListing } from "../root-params.ts";
import { isExport } from "./exporting.ts";
import type { LoadedSegment, MetadataFileDefinition, Params, RouteDefinition, SegmentModule } from "../routes.ts";

type GenerateStaticParams = (props: { params: Params }) => unknown;

/** A metadata module that makes several files says so itself. */
async function metadataModules(file: MetadataFileDefinition): Promise<SegmentModule[]> {
  return [file.hasIds === true ? { generateStaticParams: () => listedFiles(file) } : ((await file.load?.()) as SegmentModule)];
}

/** The segments of a page, parents first, and the files that list parameters. */
async function filesOf(route: RouteDefinition): Promise<{ branch: LoadedSegment[]; modules: SegmentModule[] }> {
  if (route.kind === "metadata") return { branch: [], modules: await metadataModules(route.file) };
  if (route.kind === "handler") return { branch: [], modules: [(await route.file.load()) as SegmentModule] };
  const branch = branchOf(await loadTree(route.tree));
  return { branch, modules: branch.flatMap(({ files }) => [files.layout?.module, files.page?.module]).filter((module) => module !== undefined) };
}

function entriesOf(given: unknown, pattern: string): Params[] {
  if (!Array.isArray(given)) throw new Error(`generateStaticParams of ${pattern} must return an array of objects`);
  return given.map((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) throw new Error(`generateStaticParams of ${pattern} must return an array of objects`);
    return entry as Params;
  });
}

/** All lists together: each file is asked once for every result of those above it. */
async function listed(branch: readonly LoadedSegment[], modules: readonly SegmentModule[], pattern: string): Promise<Params[] | null> {
  let found: Params[] | null = null;
  for (const { generateStaticParams } of modules) {
    if (typeof generateStaticParams !== "function") continue;
    const next: Params[] = [];
    for (const above of found ?? [{}]) {
      const entries = entriesOf(await runListing(branch, above, () => (generateStaticParams as GenerateStaticParams)({ params: above })), pattern);
      next.push(...entries.map((entry) => ({ ...above, ...entry })));
    }
    found = next;
  }
  return found;
}

/** The path of a pattern with these parameters; `null` if they do not say all of it. */
function pathOf(pattern: string, params: Params): string | null {
  let path = "";
  for (const segment of pattern.split("/").slice(1)) {
    const match = /^(\[?)\[(\.\.\.)?([^\]]+)\]\]?$/.exec(segment);
    const name = match?.[3];
    if (match === null || name === undefined) {
      if (segment !== "") path += `/${segment}`;
      continue;
    }
    const value = params[name];
    const isRest = match[2] !== undefined;
    if (isRest && match[1] !== "" && value === undefined) continue;
    if (value === undefined) return null;
    const parts = isRest ? value : [value];
    if (!Array.isArray(parts) || parts.some((part) => typeof part !== "string")) {
      const wanted = isRest ? "an array of strings" : "a string";
      throw new Error(`A required parameter (${name}) was not provided as ${wanted}, received ${JSON.stringify(value)} in generateStaticParams for ${pattern}`);
    }
    path += parts.map((part) => `/${encodeURIComponent(part as string)}`).join("");
  }
  return path === "" ? "/" : path;
}

/** The path with these parameters, for a list from which nothing may be missing. */
function requiredPath(pattern: string, params: Params): string {
  const path = pathOf(pattern, params);
  if (path === null) throw new Error(`Page "${pattern}" returned incomplete params from "generateStaticParams()": with "output: export" every entry says all of the path, and ${JSON.stringify(params)} does not`);
  return path;
}

/**
 * The paths that a route lists; `null` if it lists none. `inParts`: pages are rendered as far as they go, so that a list
 * that says only the first parameters of each path is no mistake.
 */
export async function staticPaths(route: RouteDefinition, inParts: boolean): Promise<string[] | null> {
  const { branch, modules } = await filesOf(route);
  const all = await listed(branch, modules, route.pattern);
  if (all === null) return null;
  const paths = new Set(all.map((params) => (isExport ? requiredPath : pathOf)(route.pattern, params)).filter((path) => path !== null));
  return inParts && paths.size === 0 && all.length > 0 ? null : [...paths];
}
