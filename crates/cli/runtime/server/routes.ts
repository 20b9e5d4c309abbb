// The route table that the generated entry passes in, and the modules behind it.
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

/** A segment of a page route. */
export interface SegmentDefinition {
  segment: string;
  files: Partial<Record<FileRole, RouteFile>>;
  slots: Record<string, SegmentDefinition>;
}

/** A page or a route handler. */
export type RouteDefinition =
  | { kind: "page"; pattern: string; tree: SegmentDefinition }
  | { kind: "handler"; pattern: string; file: RouteFile };

/** The part of `next.config` that rendering reads. */
export interface ServerConfig {
  basePath: string;
  trailingSlash: boolean;
  reactStrictMode: boolean;
}

/** What the generated entry passes in. */
export interface ServerDefinition {
  buildId: string;
  config: ServerConfig;
  routes: Record<string, RouteDefinition>;
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
  dynamic?: "auto" | "force-dynamic" | "error" | "force-static";
  revalidate?: number | false;
}

/** A segment with its modules loaded. */
export interface LoadedSegment {
  segment: string;
  files: Partial<Record<FileRole, LoadedFile>>;
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
  return { segment: tree.segment, files: Object.fromEntries(files), slots: Object.fromEntries(slots) };
}

/** Whoever collects something from all slots takes `children` as the first. */
function childrenFirst<T>(slots: [string, T][]): [string, T][] {
  return slots.sort(([one], [other]) => Number(other === "children") - Number(one === "children"));
}

/** The segments from the root to the page, along `children`. */
export function branch(tree: LoadedSegment): LoadedSegment[] {
  const segments: LoadedSegment[] = [];
  for (let next: LoadedSegment | undefined = tree; next; next = next.slots["children"]) segments.push(next);
  return segments;
}

/** Every segment of a tree, parents before their branches. */
export function segmentsOf(tree: LoadedSegment): LoadedSegment[] {
  return [tree, ...Object.values(tree.slots).flatMap(segmentsOf)];
}
