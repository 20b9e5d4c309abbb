// The text of a sitemap: <https://www.sitemaps.org/protocol.html> and Google's extensions. Values are written as the
// app gives them, as Next does: whoever has an `&` in an address writes `&amp;`.
import { list } from "../lists.ts";
import type { OneOrMany } from "../types.ts";

interface Qualified {
  relationship: "allow" | "deny";
  content: string;
}

interface Video {
  title: string;
  thumbnail_loc: string;
  description: string;
  restriction?: Qualified;
  platform?: Qualified;
  uploader?: { info?: string; content?: string };
  tag?: OneOrMany<string>;
  [property: string]: unknown;
}

/** One entry of a sitemap. */
export interface SitemapEntry {
  url: string;
  lastModified?: string | Date;
  changeFrequency?: string;
  priority?: number;
  alternates?: { languages?: Record<string, string> };
  images?: string[];
  videos?: Video[];
}

const VIDEO_FIELDS = ["title", "thumbnail_loc", "description", "content_loc", "player_loc", "duration", "view_count", "tag", "rating", "expiration_date", "publication_date", "family_friendly", "requires_subscription", "live"];

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function videoLines(video: Video): string[] {
  const fields = VIDEO_FIELDS.flatMap((name) => {
    const value = video[name];
    const values: readonly unknown[] = Array.isArray(value) ? value : value ? [value] : [];
    return values.map((one) => `<video:${name}>${text(one)}</video:${name}>`);
  });
  const qualified = (["restriction", "platform"] as const).flatMap((name) => {
    const given = video[name];
    return given ? [`<video:${name} relationship="${given.relationship}">${given.content}</video:${name}>`] : [];
  });
  const { uploader } = video;
  const info = uploader?.info === undefined ? "" : ` info="${uploader.info}"`;
  const uploaders = uploader ? [`<video:uploader${info}>${uploader.content ?? ""}</video:uploader>`] : [];
  return ["<video:video>", ...fields, ...qualified, ...uploaders, "</video:video>"];
}

function entryLines({ url, lastModified, changeFrequency, priority, alternates, images, videos }: SitemapEntry): string[] {
  return [
    "<url>",
    `<loc>${url}</loc>`,
    ...Object.entries(alternates?.languages ?? {}).map(([language, href]) => `<xhtml:link rel="alternate" hreflang="${language}" href="${href}" />`),
    ...list(images).flatMap((image) => ["<image:image>", `<image:loc>${image}</image:loc>`, "</image:image>"]),
    ...list(videos).flatMap(videoLines),
    ...(lastModified ? [`<lastmod>${text(lastModified)}</lastmod>`] : []),
    ...(changeFrequency ? [`<changefreq>${changeFrequency}</changefreq>`] : []),
    ...(typeof priority === "number" ? [`<priority>${priority}</priority>`] : []),
    "</url>",
  ];
}

/** The text of the file. */
export function sitemapText(entries: readonly SitemapEntry[]): string {
  const some = (has: (entry: SitemapEntry) => number): boolean => entries.some((entry) => has(entry) > 0);
  const spaces = [
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"',
    ...(some(({ images }) => images?.length ?? 0) ? ['xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'] : []),
    ...(some(({ videos }) => videos?.length ?? 0) ? ['xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"'] : []),
    ...(some(({ alternates }) => Object.keys(alternates?.languages ?? {}).length) ? ['xmlns:xhtml="http://www.w3.org/1999/xhtml"'] : []),
  ];
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<urlset ${spaces.join(" ")}>`, ...entries.flatMap(entryLines), "</urlset>", ""].join("\n");
}
