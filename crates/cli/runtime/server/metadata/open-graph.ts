// The elements of `openGraph`: the Open Graph protocol, ogp.me.
import { list } from "./lists.ts";
import type { Head } from "./head.tsx";
import type { MediaDescriptor, OneOrMany, Related, ResolvedOpenGraph } from "./types.ts";
import type { Address } from "./urls.ts";

/** What pages of a type say further: property, key, and whether its items are pages with attributes of their own. */
const BY_TYPE: Record<string, readonly (readonly [property: string, key: string, related?: "related"])[]> = {
  article: [["published_time", "publishedTime"], ["modified_time", "modifiedTime"], ["expiration_time", "expirationTime"], ["author", "authors"], ["section", "section"], ["tag", "tags"]],
  book: [["isbn", "isbn"], ["release_date", "releaseDate"], ["author", "authors"], ["tag", "tags"]],
  profile: [["first_name", "firstName"], ["last_name", "lastName"], ["username", "username"], ["gender", "gender"]],
  "music.song": [["duration", "duration"], ["album", "albums", "related"], ["musician", "musicians"]],
  "music.album": [["song", "songs", "related"], ["musician", "musicians"], ["release_date", "releaseDate"]],
  "music.playlist": [["song", "songs", "related"], ["creator", "creators"]],
  "music.radio_station": [["creator", "creators"]],
  "video.movie": [["actor", "actors", "related"], ["director", "directors"], ["writer", "writers"], ["duration", "duration"], ["release_date", "releaseDate"], ["tag", "tags"]],
  "video.episode": [["actor", "actors", "related"], ["director", "directors"], ["writer", "writers"], ["duration", "duration"], ["release_date", "releaseDate"], ["tag", "tags"], ["series", "series"]],
  "video.tv_show": [],
  "video.other": [],
};

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An image, a video or a sound, and what is said of it. */
export function addMedia(add: (name: string, content: unknown) => void, name: string, media: OneOrMany<Address | MediaDescriptor> | null | undefined): void {
  for (const item of list(media)) {
    const { url, ...attributes } = typeof item === "string" || item instanceof URL ? { url: item } : item;
    add(name, url);
    for (const [key, value] of Object.entries(attributes)) add(`${name}:${snake(key)}`, value);
  }
}

function addRelated(head: Head, property: string, related: OneOrMany<Related> | null | undefined): void {
  addMedia((name, content) => head.property(name, content), property, related);
}

/** Adds a preview's elements. */
export function addOpenGraph(head: Head, graph: ResolvedOpenGraph): void {
  head.property("og:determiner", graph["determiner"]);
  head.property("og:title", graph.title?.absolute);
  head.property("og:description", graph.description);
  head.property("og:url", graph.url);
  head.property("og:site_name", graph["siteName"]);
  head.property("og:locale", graph["locale"]);
  head.property("og:country_name", graph["countryName"]);
  head.property("og:ttl", graph["ttl"]);
  const add = (name: string, content: unknown): void => head.property(name, content);
  addMedia(add, "og:image", graph.images);
  addMedia(add, "og:video", graph["videos"] as OneOrMany<Address | MediaDescriptor> | undefined);
  addMedia(add, "og:audio", graph["audio"] as OneOrMany<Address | MediaDescriptor> | undefined);
  for (const [property, key] of [["email", "emails"], ["phone_number", "phoneNumbers"], ["fax_number", "faxNumbers"], ["locale:alternate", "alternateLocale"]] as const) {
    for (const item of list(graph[key])) head.property(`og:${property}`, item);
  }
  if (graph.type === undefined) return;
  head.property("og:type", graph.type);
  const prefix = graph.type.split(".")[0] ?? "";
  for (const [property, key, kind] of BY_TYPE[graph.type] ?? []) {
    if (kind === "related") addRelated(head, `${prefix}:${property}`, graph[key] as OneOrMany<Related> | undefined);
    else for (const item of list(graph[key])) head.property(`${prefix}:${property}`, item);
  }
}
