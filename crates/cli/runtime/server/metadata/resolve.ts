// From the exports of a route's files to one metadata object: root to page, each key replaced as a whole.
import { resolveAlternates, resolveAppleWebApp, resolveAppLinks, resolveFacebook, resolveIcons, resolveItunes, resolveKeywords, resolvePagination, resolveRobots, resolveVerification } from "./fields.ts";
import { listOrNull } from "./lists.ts";
import { fileMetadata } from "./files/files.ts";
import { inheritPreviews, resolveImages, resolveOpenGraph, resolveTwitter } from "./previews.ts";
import { resolveTitle, templateOf } from "./title.ts";
import { FALLBACK_FILES } from "../app/payload.tsx";
import type { Place } from "../app/payload.tsx";
import type { AccessStatus } from "../../shared/control-flow.ts";
import type { LoadedSegment, MetadataFileDefinition, SegmentModule, SegmentProps } from "../routes.ts";
import type { FileMetadata } from "./files/files.ts";
import type { MediaDescriptor, Metadata, ResolvedIcons, ResolvedMetadata, Viewport } from "./types.ts";
import type { UrlContext } from "./urls.ts";

/** A file that contributes, in evaluation order. */
export interface Contributor {
  module: SegmentModule;
  kind: "layout" | "page";
  /** The metadata files beside it. */
  files: readonly MetadataFileDefinition[];
}

/** The files of a branch that contribute, root first. */
export function contributors(branch: readonly LoadedSegment[]): Contributor[] {
  return branch.flatMap(({ files, metadata }, index): Contributor[] => [
    ...(files.layout || metadata.length > 0 ? [{ module: files.layout?.module ?? {}, kind: "layout" as const, files: metadata }] : []),
    // A page is a segment of its own, in the folder of the one above.
    ...(files.page ? [{ module: files.page.module, kind: "page" as const, files: branch[index - 1]?.metadata ?? metadata }] : []),
  ]);
}

/** The files that contribute when the interface of an access error is in the place of what is below `place`. */
export function fallbackContributors({ segment }: Place, status: AccessStatus, branch: readonly LoadedSegment[]): Contributor[] {
  const above = branch.slice(0, branch.indexOf(segment) + 1);
  const layouts = contributors(above).filter(({ kind }) => kind === "layout");
  const file = segment.files[FALLBACK_FILES[status]];
  return file === undefined ? layouts : [...layouts, { module: file.module, kind: "page", files: [] }];
}

/** What a branch says before any of its files has spoken. */
export function noMetadata(): ResolvedMetadata {
  return {
    metadataBase: null,
    title: null,
    description: null,
    applicationName: null,
    authors: null,
    generator: null,
    keywords: null,
    referrer: null,
    creator: null,
    publisher: null,
    robots: null,
    alternates: { canonical: null, languages: null, media: null, types: null },
    icons: null,
    manifest: null,
    openGraph: null,
    twitter: null,
    facebook: null,
    pinterest: null,
    verification: null,
    appleWebApp: null,
    formatDetection: null,
    itunes: null,
    appLinks: null,
    abstract: null,
    archives: null,
    assets: null,
    bookmarks: null,
    pagination: { previous: null, next: null },
    category: null,
    classification: null,
    other: null,
  };
}

/** The templates of the layouts above. */
interface Templates {
  title: string | null;
  openGraph: string | null;
  twitter: string | null;
}

function asBase(base: Metadata["metadataBase"]): URL | null {
  if (base === null || base === undefined || base === "") return null;
  return base instanceof URL ? base : new URL(base);
}

/** Fields that stay as they are written. */
const PLAIN = ["description", "applicationName", "generator", "referrer", "creator", "publisher", "manifest", "pinterest", "formatDetection", "abstract", "category", "classification"] as const;

/** The metadata of the segments above with what one more says. */
export function mergeMetadata(parent: ResolvedMetadata, given: Metadata, templates: Templates, context: UrlContext): ResolvedMetadata {
  const merged = { ...parent };
  const base = given.metadataBase === undefined ? parent.metadataBase : asBase(given.metadataBase);
  merged.metadataBase = base;
  for (const key of PLAIN) if (given[key] !== undefined) Object.assign(merged, { [key]: given[key] ?? null });
  if (given.title !== undefined) merged.title = resolveTitle(given.title, templates.title);
  if (given.authors !== undefined) merged.authors = listOrNull(given.authors);
  if (given.keywords !== undefined) merged.keywords = resolveKeywords(given.keywords);
  for (const key of ["archives", "assets", "bookmarks"] as const) if (given[key] !== undefined) merged[key] = listOrNull(given[key]);
  if (given.robots !== undefined) merged.robots = resolveRobots(given.robots);
  if (given.alternates !== undefined) merged.alternates = resolveAlternates(given.alternates, base, context);
  if (given.icons !== undefined) merged.icons = resolveIcons(given.icons);
  if (given.openGraph !== undefined) merged.openGraph = resolveOpenGraph(given.openGraph, base, context, templates.openGraph);
  if (given.twitter !== undefined) merged.twitter = resolveTwitter(given.twitter, base, context, templates.twitter);
  if (given.facebook !== undefined) merged.facebook = resolveFacebook(given.facebook);
  if (given.verification !== undefined) merged.verification = resolveVerification(given.verification);
  if (given.appleWebApp !== undefined) merged.appleWebApp = resolveAppleWebApp(given.appleWebApp);
  if (given.appLinks !== undefined) merged.appLinks = resolveAppLinks(given.appLinks);
  if (given.itunes !== undefined) merged.itunes = resolveItunes(given.itunes, base, context);
  if (given.pagination !== undefined) merged.pagination = resolvePagination(given.pagination, base, context);
  // The one field whose own keys are merged.
  if (given.other !== undefined) merged.other = { ...parent.other, ...given.other };
  return merged;
}

/** Resolves the metadata of a branch. */
export async function resolveMetadata(files: readonly Contributor[], props: SegmentProps, context: UrlContext): Promise<ResolvedMetadata> {
  let metadata = noMetadata();
  const templates: Templates = { title: null, openGraph: null, twitter: null };
  const icons: Pick<FileMetadata, "favicon" | "icon" | "apple"> = { favicon: [], icon: [], apple: [] };
  for (const { module, kind, files: beside } of files) {
    const own = kind === "page" ? props : { params: props.params };
    const given = module.generateMetadata ? await module.generateMetadata(own, Promise.resolve(metadata)) : module.metadata;
    if (given) metadata = mergeMetadata(metadata, given, templates, context);
    if (beside.length > 0) {
      const added = await fileMetadata(beside, context.params, context.basePath);
      metadata = mergeFiles(metadata, given ?? {}, added, context);
      for (const name of ["favicon", "icon", "apple"] as const) if (added[name].length > 0) icons[name] = added[name];
    }
    if (!given || kind === "page") continue;
    if (given.title !== undefined) templates.title = templateOf(given.title);
    if (given.openGraph !== undefined) templates.openGraph = templateOf(given.openGraph?.title);
    if (given.twitter !== undefined) templates.twitter = templateOf(given.twitter?.title);
  }
  return { ...metadata, icons: withIconFiles(metadata.icons, icons), ...inheritPreviews(metadata, metadata.openGraph, metadata.twitter) };
}

/** The metadata of a segment with what the files beside it add: what the segment itself says wins. */
function mergeFiles(metadata: ResolvedMetadata, given: Metadata, files: FileMetadata, context: UrlContext): ResolvedMetadata {
  const merged = { ...metadata };
  const base = metadata.metadataBase;
  const images = (of: readonly MediaDescriptor[]): { images: MediaDescriptor[] } => ({ images: resolveImages(of, base, context) ?? [] });
  if (files.twitter.length > 0 && !Object.hasOwn(given.twitter ?? {}, "images")) {
    merged.twitter = merged.twitter ? { ...merged.twitter, ...images(files.twitter) } : resolveTwitter({ images: files.twitter }, base, context, null);
  }
  if (files.openGraph.length > 0 && !Object.hasOwn(given.openGraph ?? {}, "images")) {
    merged.openGraph = merged.openGraph ? { ...merged.openGraph, ...images(files.openGraph) } : resolveOpenGraph({ images: files.openGraph }, base, context, null);
  }
  if (files.manifest !== null) merged.manifest = files.manifest;
  return merged;
}

/** Icons that are files stand in for those that no segment has named; the favicon is always there. */
function withIconFiles(named: ResolvedIcons | null, { favicon, icon, apple }: Pick<FileMetadata, "favicon" | "icon" | "apple">): ResolvedIcons | null {
  const icons = named ?? (icon.length + apple.length > 0 ? { icon, apple } : null);
  if (favicon.length === 0) return icons;
  return { ...icons, icon: [...favicon, ...(icons?.icon ?? [])], apple: icons?.apple ?? [] };
}

/** Resolves the viewport of a branch. */
export async function resolveViewport(files: readonly Contributor[], props: SegmentProps): Promise<Viewport> {
  let viewport: Viewport = { width: "device-width", initialScale: 1 };
  for (const { module, kind } of files) {
    const own = kind === "page" ? props : { params: props.params };
    const seen = module.generateViewport ? await module.generateViewport(own) : module.viewport;
    if (seen) viewport = { ...viewport, ...seen };
  }
  return viewport;
}
