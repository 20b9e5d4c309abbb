// From the exports of a route's files to one metadata object: root to page, each key replaced as a whole.
import type { LoadedSegment, SegmentModule, SegmentProps } from "../routes.ts";
import type { Metadata, Title, Viewport } from "./types.ts";

/** What a document's head is made of. */
export interface ResolvedHead {
  metadata: Metadata;
  viewport: Viewport;
}

/** A file that contributes, in evaluation order. */
export interface Contributor {
  module: SegmentModule;
  kind: "layout" | "page";
}

/** The files of a branch that contribute, root first. */
export function contributors(branch: readonly LoadedSegment[]): Contributor[] {
  return branch.flatMap(({ files }): Contributor[] => [
    ...(files.layout ? [{ module: files.layout.module, kind: "layout" as const }] : []),
    ...(files.page ? [{ module: files.page.module, kind: "page" as const }] : []),
  ]);
}

/** The title a segment has, given the template of the layouts above it. */
export function resolveTitle(title: Title | undefined, template: string | null): string | null | undefined {
  if (title === undefined || title === null) return title;
  const apply = (text: string): string => (template === null ? text : template.replaceAll("%s", () => text));
  if (typeof title === "string") return apply(title);
  if (title.absolute) return title.absolute;
  return title.default === undefined ? undefined : apply(title.default);
}

function templateOf(title: Title | undefined): string | null {
  return typeof title === "object" && title !== null ? (title.template ?? null) : null;
}

interface Templates {
  title: string | null;
  openGraph: string | null;
  twitter: string | null;
}

/** Resolves the head of a branch. */
export async function resolveHead(files: readonly Contributor[], props: SegmentProps): Promise<ResolvedHead> {
  let metadata: Metadata = {};
  let viewport: Viewport = { width: "device-width", initialScale: 1 };
  const templates: Templates = { title: null, openGraph: null, twitter: null };
  for (const { module, kind } of files) {
    const own = kind === "page" ? props : { params: props.params };
    const parent = metadata;
    const given = module.generateMetadata
      ? await module.generateMetadata(own, Promise.resolve(parent))
      : module.metadata;
    const seen = module.generateViewport ? await module.generateViewport(own) : module.viewport;
    if (seen) viewport = { ...viewport, ...seen };
    if (!given) continue;
    metadata = merge(metadata, given, templates);
    if (kind === "layout") {
      if (given.title !== undefined) templates.title = templateOf(given.title);
      if (given.openGraph !== undefined) templates.openGraph = templateOf(given.openGraph?.title);
      if (given.twitter !== undefined) templates.twitter = templateOf(given.twitter?.title);
    }
  }
  return { metadata: inherit(metadata), viewport };
}

function merge(parent: Metadata, given: Metadata, templates: Templates): Metadata {
  const merged: Metadata = { ...parent };
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) Object.assign(merged, { [key]: value });
  }
  if (given.title !== undefined) merged.title = resolveTitle(given.title, templates.title) ?? null;
  if (given.openGraph) {
    merged.openGraph = { ...given.openGraph, title: resolveTitle(given.openGraph.title, templates.openGraph) ?? null };
  }
  if (given.twitter) {
    merged.twitter = { ...given.twitter, title: resolveTitle(given.twitter.title, templates.twitter) ?? null };
  }
  return merged;
}

/** What previews take over from the page when they do not say it themselves. */
function inherit(metadata: Metadata): Metadata {
  const { openGraph, twitter } = metadata;
  if (!openGraph && !twitter) return metadata;
  const preview = { title: metadata.title ?? null, description: metadata.description ?? null };
  const graph = openGraph
    ? { ...openGraph, title: openGraph.title ?? preview.title, description: openGraph["description"] ?? preview.description }
    : null;
  const images = twitter?.images ?? graph?.images;
  const card: Metadata["twitter"] = {
    ...twitter,
    card: twitter?.card ?? (images === undefined ? "summary" : "summary_large_image"),
    title: twitter?.title ?? graph?.title ?? preview.title,
    description: twitter?.["description"] ?? graph?.description ?? preview.description,
    ...(images === undefined ? {} : { images }),
  };
  return { ...metadata, openGraph: graph, twitter: card };
}
