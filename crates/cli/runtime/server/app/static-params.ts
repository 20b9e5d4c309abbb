// `generateStaticParams`: the parameters for which a route is known to have pages.
import { branch as branchOf, loadTree, segmentsOf as treeSegments } from "../routes.ts";
import { listedFiles } from "../metadata/files/listed.ts";
import { runListing } from "../root-params.ts";
import { isExport } from "./exporting.ts";
import { isWhole } from "./segment-config.ts";
import type { LoadedSegment, MetadataFileDefinition, Params, RouteDefinition, SegmentModule } from "../routes.ts";

type GenerateStaticParams = (props: { params: Params }) => unknown;

/** A metadata module that makes several files says so itself. */
async function metadataModules(file: MetadataFileDefinition): Promise<SegmentModule[]> {
  return [file.hasIds === true ? { generateStaticParams: () => listedFiles(file) } : ((await file.load?.()) as SegmentModule)];
}

/** The segments of a page, parents first, and the files that list parameters. `needsAll`: what makes every entry say all of the path. */
interface Files {
  branch: LoadedSegment[];
  modules: SegmentModule[];
  needsAll: string | null;
}

async function filesOf(route: RouteDefinition): Promise<Files> {
  const needsAll = isExport ? '"output: export"' : null;
  if (route.kind === "metadata") return { branch: [], modules: await metadataModules(route.file), needsAll };
  if (route.kind === "handler") return { branch: [], modules: [(await route.file.load()) as SegmentModule], needsAll };
  const tree = await loadTree(route.tree);
  const branch = branchOf(tree);
  return { branch, needsAll: isWhole(treeSegments(tree)) ? '`ensureStatic = "navigation"`' : needsAll, modules: branch.flatMap(({ files }) => [files.layout?.module, files.page?.module]).filter((module) => module !== undefined) };
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

/** A segment of a pattern that is a parameter. */
interface ParamSegment {
  name: string;
  isRest: boolean;
  isOptional: boolean;
}

function paramOf(segment: string): ParamSegment | null {
  const match = /^(\[?)\[(\.\.\.)?([^\]]+)\]\]?$/.exec(segment);
  const name = match?.[3];
  return match === null || name === undefined ? null : { name, isRest: match[2] !== undefined, isOptional: match[1] !== "" };
}

function segmentsOf(pattern: string): string[] {
  return pattern.split("/").filter((segment) => segment !== "");
}

/** A segment of a pattern with these parameters; `null` if they do not say it. */
function written(segment: string, params: Params, pattern: string): string | null {
  const param = paramOf(segment);
  if (param === null) return `/${segment}`;
  const { name, isRest, isOptional } = param;
  const value = params[name];
  if (value === undefined) return isRest && isOptional ? "" : null;
  const parts = isRest ? value : [value];
  if (!Array.isArray(parts) || parts.some((part) => typeof part !== "string")) {
    const wanted = isRest ? "an array of strings" : "a string";
    throw new Error(`A required parameter (${name}) was not provided as ${wanted}, received ${JSON.stringify(value)} in generateStaticParams for ${pattern}`);
  }
  return parts.map((part) => `/${encodeURIComponent(part as string)}`).join("");
}

/** The path of a pattern with these parameters; `null` if they do not say all of it. */
function pathOf(pattern: string, params: Params): string | null {
  const parts = segmentsOf(pattern).map((segment) => written(segment, params, pattern));
  return parts.includes(null) ? null : parts.join("") || "/";
}

/** The paths of which the last parameters are open: for each, their names in their places. */
function shellsOf(pattern: string, params: Params): string[] {
  const segments = segmentsOf(pattern);
  const places = segments.flatMap((segment, index) => (paramOf(segment) === null ? [] : [index]));
  const shells: string[] = [];
  // Where the first one is open, all are: that is the route's own.
  for (const open of places.slice(1)) {
    const known = segments.slice(0, open).map((segment) => written(segment, params, pattern));
    if (known.includes(null)) break;
    shells.push([...known, ...segments.slice(open).map((segment) => `/${encodeURIComponent(segment)}`)].join(""));
  }
  return shells;
}

/** The path with these parameters, for a list from which nothing may be missing. */
function requiredPath(pattern: string, params: Params, why: string): string {
  const path = pathOf(pattern, params);
  if (path === null) throw new Error(`Page "${pattern}" returned incomplete params from "generateStaticParams()": with ${why} every entry says all of the path, and ${JSON.stringify(params)} does not`);
  return path;
}

/** What a route lists. */
export interface Listing {
  paths: string[];
  /** Paths whose last parameters are open, with the names of these in their places. */
  shells: string[];
}

/**
 * The paths that a route lists; `null` if it lists none. `inParts`: pages are rendered as far as they go, so that a list
 * that does not say all of any path is no mistake.
 */
export async function listing(route: RouteDefinition, inParts: boolean): Promise<Listing | null> {
  const { branch, modules, needsAll } = await filesOf(route);
  const all = await listed(branch, modules, route.pattern);
  if (all === null) return null;
  const paths = all.map((params) => (needsAll === null ? pathOf(route.pattern, params) : requiredPath(route.pattern, params, needsAll))).filter((path) => path !== null);
  const shells = inParts && route.kind === "page" && needsAll === null ? all.flatMap((params) => shellsOf(route.pattern, params)) : [];
  if (inParts && all.length > 0 && paths.length + shells.length === 0) return null;
  return { paths: [...new Set(paths)], shells: [...new Set(shells)] };
}
