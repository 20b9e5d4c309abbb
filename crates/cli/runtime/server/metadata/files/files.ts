// What a segment's metadata files say in the heads of pages.
import { decodeSegment, mapParams } from "../../params.ts";
import type { MetadataFileDefinition, Params } from "../../routes.ts";
import type { IconDescriptor, MediaDescriptor } from "../types.ts";

/** One image of `generateImageMetadata`. */
interface ImageMetadata {
  id: string | number;
  alt?: string;
  contentType?: string;
  size?: { width: number; height: number };
}

/** What a module that makes images exports. */
export interface ImageModule {
  default?: (props: { params: Promise<Params>; id?: Promise<string> }) => unknown;
  generateImageMetadata?: (props: { params: Params }) => ImageMetadata[] | Promise<ImageMetadata[]>;
  alt?: string;
  contentType?: string;
  size?: { width: number; height: number };
}

/** What the files of a segment add to its metadata. */
export interface FileMetadata {
  favicon: IconDescriptor[];
  icon: IconDescriptor[];
  apple: IconDescriptor[];
  openGraph: MediaDescriptor[];
  twitter: MediaDescriptor[];
  manifest: string | null;
}

/** Values as app code gets them. */
export function decodedParams(params: Params): Params {
  const given = Object.entries(params).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined);
  return mapParams(Object.fromEntries(given), decodeSegment);
}

/** The images of a module, by id. */
export async function imagesOf({ generateImageMetadata }: ImageModule, params: Params): Promise<ImageMetadata[]> {
  const images = (await generateImageMetadata?.({ params: decodedParams(params) })) ?? [];
  for (const { id } of images) {
    if (id === undefined) throw new Error("id property is required for every item returned from generateImageMetadata");
  }
  return images;
}

/** The path of a pattern whose parameters have these values. */
function interpolate(pattern: string, params: Params): string {
  return pattern.replace(/\/\[\[?(?:\.\.\.)?([^\]]+)\]\]?/g, (_segment, name: string) => {
    const value = params[name] ?? [];
    const parts = typeof value === "string" ? [value] : value;
    return parts.map((part) => `/${part}`).join("");
  });
}

interface Described {
  url: string;
  type: string;
  alt?: string | undefined;
  size?: { width: number; height: number } | undefined;
  isStatic: boolean;
}

async function describe(file: MetadataFileDefinition, params: Params, basePath: string): Promise<Described[]> {
  const isStatic = file.load === undefined;
  if (file.load === undefined) {
    const { width, height, alt, type } = file;
    const size = width === undefined || height === undefined ? undefined : { width, height };
    return [{ url: basePath + file.url, type: type ?? "", size, alt, isStatic }];
  }
  const module = (await file.load()) as ImageModule;
  const path = basePath + interpolate(file.url, params);
  const one = ({ contentType, alt, size }: Partial<ImageMetadata>, id: string): Described => ({ url: `${path}${id}?${file.hash}`, type: contentType ?? "image/png", alt, size, isStatic });
  if (!file.hasIds) return [one(module, "")];
  return (await imagesOf(module, params)).map((image) => one(image, `/${image.id}`));
}

function asIcon({ url, type, size, isStatic }: Described): IconDescriptor {
  const sizes = size && type !== "image/svg+xml" ? `${size.width}x${size.height}` : isStatic ? "any" : size && `${size.width}x${size.height}`;
  return { url, type, ...(sizes && { sizes }) };
}

function asImage({ url, type, alt, size }: Described): MediaDescriptor {
  return { url, ...(alt !== undefined && { alt }), type, ...size };
}

/** What the files of a segment say of a page with these parameters. */
export async function fileMetadata(files: readonly MetadataFileDefinition[], params: Params, basePath: string): Promise<FileMetadata> {
  const found: FileMetadata = { favicon: [], icon: [], apple: [], openGraph: [], twitter: [], manifest: null };
  for (const file of files) {
    if (file.kind === "manifest") {
      found.manifest = basePath + file.url;
      continue;
    }
    const described = await describe(file, params, basePath);
    if (file.kind === "favicon") found.favicon.push(...described.map(asIcon));
    else if (file.kind === "icon") found.icon.push(...described.map(asIcon));
    else if (file.kind === "appleIcon") found.apple.push(...described.map(asIcon));
    else if (file.kind === "openGraphImage") found.openGraph.push(...described.map(asImage));
    else if (file.kind === "twitterImage") found.twitter.push(...described.map(asImage));
  }
  return found;
}
