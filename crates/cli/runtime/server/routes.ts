// The route table that the generated entry passes in, and the modules behind it.
import type { CacheProfile } from "./cache/profiles.ts";
import type { ComponentType, ReactNode } from "react";
import type { Metadata, ResolvingMetadata, Viewport } from "./metadata/types.ts";

/** A file of a route, imported when it is first needed. */
export interface RouteFile {
  /** Path relative to the project root. */
  id: string;
  load(): Promise<unknown>;
}

/** The files that give a segment its interface. */
export type FileRole =
  | "layout"
  | "template"
  | "loading"
  | "error"
  | "notFound"
  | "forbidden"
  | "unauthorized"
  | "globalError"
  | "globalNotFound"
  | "page"
  | "default";

/** An icon, a share image, a sitemap, `robots.txt` or the manifest. */
export interface MetadataFileDefinition {
  kind: "favicon" | "icon" | "appleIcon" | "openGraphImage" | "twitterImage" | "sitemap" | "robots" | "manifest";
  /** Path relative to the project root. */
  id: string;
  /** The pattern of its URL; of a file that is sent as it is, the URL. */
  url: string;
  /** The module that makes it. */
  load?: () => Promise<unknown>;
  /** Told after the URL, so that a changed file is another address. */
  hash?: string;
  /** The module makes several, each below the URL. */
  hasIds?: boolean;
  type?: string;
  width?: number;
  height?: number;
  alt?: string;
}

/** A segment of a page route. */
export interface SegmentDefinition {
  segment: string;
  files: Partial<Record<FileRole, RouteFile>>;
  /** The files that pages name in their heads. */
  metadata?: MetadataFileDefinition[];
  slots: Record<string, SegmentDefinition>;
}

/** A page or a route handler. */
export type RouteDefinition =
  | { kind: "page"; pattern: string; tree: SegmentDefinition }
  | { kind: "handler"; pattern: string; file: RouteFile }
  | { kind: "metadata"; pattern: string; file: MetadataFileDefinition };

/** The part of `next.config` that rendering reads. */
export interface ServerConfig {
  basePath: string;
  trailingSlash: boolean;
  /** `skipTrailingSlashRedirect`. */
  keepSlashes: boolean;
  reactStrictMode: boolean;
  /** A regular expression for the agents whose metadata must not be streamed. */
  htmlLimitedBots: string | null;
  /** Seconds for which a client may show again what was made per request, and what is the same for everybody. */
  staleTimes: { dynamic: number; static: number };
  /** Characters of the `link` header that a page made per request may have; 0 for none. */
  maxHeadersLength: number;
  /** Whether pages are rendered as far as they are the same for everybody, and the rest per request. */
  cacheComponents: boolean;
  /** Whether functions may be cached, without that. */
  useCache: boolean;
  /** The app's own lifetimes by name. */
  cacheLife: Record<string, Partial<CacheProfile>>;
  /** Seconds for which a page is served that says nothing about it. */
  expireTime: number;
  /** Seconds that a cached function may take which is part of a prerender. */
  useCacheTimeout: number;
}

/** What the generated entry passes in. */
export interface ServerDefinition {
  buildId: string;
  config: ServerConfig;
  routes: Record<string, RouteDefinition>;
  /** The app's `proxy`, or `middleware`. */
  proxy?: RouteFile;
  /** The app's `instrumentation`. */
  instrumentation?: RouteFile;
}

/** Parameters as components get them. */
export type Params = Record<string, string | string[] | undefined>;

/** The query as components get it. */
export type SearchParams = Record<string, string | string[] | undefined>;

/** Props of pages and layouts. */
export interface SegmentProps {
  params: Promise<Params>;
  searchParams?: Promise<SearchParams>;
  children?: ReactNode;
  [slot: string]: unknown;
}

/** What a file of a page route may export. */
export interface SegmentModule {
  default?: ComponentType<SegmentProps>;
  metadata?: Metadata;
  generateMetadata?: (props: SegmentProps, parent: ResolvingMetadata) => Metadata | Promise<Metadata>;
  viewport?: Viewport;
  generateViewport?: (props: SegmentProps) => Viewport | Promise<Viewport>;
  generateStaticParams?: unknown;
  instant?: unknown;
  ensureStatic?: unknown;
  dynamic?: "auto" | "force-dynamic" | "error" | "force-static";
  revalidate?: number | false;
  fetchCache?: unknown;
  unstable_dynamicStaleTime?: number;
}

/** A segment with its modules loaded. */
export interface LoadedSegment {
  segment: string;
  files: Partial<Record<FileRole, LoadedFile>>;
  metadata: readonly MetadataFileDefinition[];
  slots: Record<string, LoadedSegment>;
}

/** A loaded file. */
export interface LoadedFile {
  id: string;
  module: SegmentModule;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

async function loadFile(file: RouteFile): Promise<LoadedFile> {
  const module = await file.load();
  return { id: file.id, module: isObject(module) ? module : {} };
}

/** Loads every module of a route. The modules are the app's: they exist once, whatever asks for them. */
export async function loadTree(tree: SegmentDefinition): Promise<LoadedSegment> {
  const entries = Object.entries(tree.files) as [FileRole, RouteFile][];
  const [files, slots] = await Promise.all([
    Promise.all(entries.map(async ([role, file]) => [role, await loadFile(file)] as const)),
    Promise.all(childrenFirst(Object.entries(tree.slots)).map(async ([name, slot]) => [name, await loadTree(slot)] as const)),
  ]);
  return { segment: tree.segment, files: Object.fromEntries(files), metadata: tree.metadata ?? [], slots: Object.fromEntries(slots) };
}

/** Whoever collects something from all slots takes `children` as the first. */
function childrenFirst<T>(slots: [string, T][]): [string, T][] {
  return slots.sort(([one], [other]) => Number(other === "children") - Number(one === "children"));
}

/** The segments from the root to the page, along `children`. */
export function branch<S extends { slots: Record<string, S> }>(tree: S): S[] {
  const segments: S[] = [];
  for (let next: S | undefined = tree; next; next = next.slots["children"]) segments.push(next);
  return segments;
}

/** Every segment of a tree, parents before their branches. */
export function segmentsOf(tree: LoadedSegment): LoadedSegment[] {
  return [tree, ...Object.values(tree.slots).flatMap(segmentsOf)];
}
