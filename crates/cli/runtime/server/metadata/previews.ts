// `openGraph` and `twitter`: how a page is shown elsewhere. Pure.
import { list } from "./lists.ts";
import { resolveTitle } from "./title.ts";
import { below, pageUrl } from "./urls.ts";
import type { MediaDescriptor, OneOrMany, OpenGraph, ResolvedOpenGraph, ResolvedTwitter, Twitter } from "./types.ts";
import type { Address, UrlContext } from "./urls.ts";

/** Images with absolute addresses: who shows them has no page to resolve them against. */
export function resolveImages(images: OneOrMany<Address | MediaDescriptor> | null | undefined, base: URL | null, context: UrlContext): MediaDescriptor[] | undefined {
  if (images === undefined || images === null) return undefined;
  return list(images).map((image) => {
    const described = typeof image === "string" || image instanceof URL ? { url: image } : image;
    const { url, secureUrl, ...attributes } = described as MediaDescriptor;
    return { ...attributes, url: below(url, base ?? context.fallbackBase), ...(secureUrl === undefined ? {} : { secureUrl }) };
  });
}

/** The preview that a segment asks for. */
export function resolveOpenGraph(graph: OpenGraph | null, base: URL | null, context: UrlContext, template: string | null): ResolvedOpenGraph | null {
  if (graph === null) return null;
  const images = resolveImages(graph.images, base, context);
  const { images: _images, ...rest } = graph;
  return {
    ...rest,
    title: resolveTitle(graph.title, template),
    description: graph.description ?? null,
    url: graph.url ? pageUrl(graph.url, base, context) : null,
    ...(images && { images }),
  };
}

/** The card that a segment asks for. */
export function resolveTwitter(twitter: Twitter | null, base: URL | null, context: UrlContext, template: string | null): ResolvedTwitter | null {
  if (twitter === null) return null;
  const images = resolveImages(twitter.images, base, context);
  return {
    card: twitter.card ?? (images && images.length > 0 ? "summary_large_image" : "summary"),
    title: resolveTitle(twitter.title, template),
    description: twitter.description ?? null,
    site: twitter.site ?? null,
    siteId: twitter.siteId ?? null,
    creator: twitter.creator ?? null,
    creatorId: twitter.creatorId ?? null,
    ...(images && { images }),
    ...(twitter.players && { players: [...list(twitter.players)] }),
    ...(twitter.app && { app: twitter.app }),
  };
}

interface Page {
  title: ResolvedOpenGraph["title"];
  description: string | null;
}

/** What previews take over from the page, and the card from the preview, when they do not say it themselves. */
export function inheritPreviews(page: Page, graph: ResolvedOpenGraph | null, twitter: ResolvedTwitter | null): { openGraph: ResolvedOpenGraph | null; twitter: ResolvedTwitter | null } {
  if (graph === null && twitter === null) return { openGraph: null, twitter: null };
  const openGraph = graph && { ...graph, title: graph.title ?? page.title, description: graph.description ?? page.description };
  const images = twitter?.images ?? openGraph?.images;
  const card = twitter?.card ?? (images && images.length > 0 ? "summary_large_image" : "summary");
  const empty = { site: null, siteId: null, creator: null, creatorId: null };
  return {
    openGraph,
    twitter: {
      ...empty,
      ...twitter,
      card,
      title: twitter?.title ?? openGraph?.title ?? page.title,
      description: twitter?.description ?? openGraph?.description ?? page.description,
      ...(images && { images }),
    },
  };
}
