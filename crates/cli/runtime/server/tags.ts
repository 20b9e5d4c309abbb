// The tags by which a path invalidates what is stored: a stored page carries those of its own path and of its files. Pure.
const PREFIX = "_N_T_";
/** As many characters as a path may have where it is used as a tag. */
export const PATH_LIMIT = 1024;

/** What of a route a path names: the page alone, or a layout with everything below it. */
export type PathKind = "page" | "layout";

/** The path as pages have it: a route's own path is in letters, that of a page as it is asked for. */
function asAsked(path: string): string {
  return path.replace(/[^\x21-\x7e]+/gu, (letters) => encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(letters))));
}

/** The tag that `revalidatePath(path, kind)` invalidates. */
export function tagOfPath(path: string, kind?: PathKind): string {
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  return PREFIX + (kind === undefined ? asAsked(plain) : `${plain === "/" ? "" : plain}/${kind}`);
}

/** The tags of a page: of its path, of its own file and of every layout above it. */
export function pathTags(routeId: string, pathname: string): string[] {
  const folders = routeId.split("/").slice(1, -1);
  const layouts = Array.from({ length: folders.length + 1 }, (_, count) => ["", ...folders.slice(0, count)].join("/") + "/layout");
  return [...layouts, routeId, tagOfPath(pathname).slice(PREFIX.length)].map((tag) => PREFIX + tag);
}
