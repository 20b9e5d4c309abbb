// The elements of `twitter`: the markup of X's cards.
import { list } from "./lists.ts";
import { addMedia } from "./open-graph.ts";
import type { Head } from "./head.tsx";
import type { ResolvedTwitter } from "./types.ts";

/** Adds a card's elements. */
export function addTwitter(head: Head, twitter: ResolvedTwitter): void {
  head.meta("twitter:card", twitter.card);
  head.meta("twitter:site", twitter.site);
  head.meta("twitter:site:id", twitter.siteId);
  head.meta("twitter:creator", twitter.creator);
  head.meta("twitter:creator:id", twitter.creatorId);
  head.meta("twitter:title", twitter.title?.absolute);
  head.meta("twitter:description", twitter.description);
  addMedia((name, content) => head.meta(name, content), "twitter:image", twitter.images);
  for (const { playerUrl, streamUrl, width, height } of list(twitter.players)) {
    head.meta("twitter:player", playerUrl);
    head.meta("twitter:player:stream", streamUrl);
    head.meta("twitter:player:width", width);
    head.meta("twitter:player:height", height);
  }
  const { app } = twitter;
  if (app === undefined) return;
  for (const platform of ["iphone", "ipad", "googleplay"] as const) {
    if (app.id[platform] === undefined) continue;
    head.meta(`twitter:app:name:${platform}`, app.name);
    head.meta(`twitter:app:id:${platform}`, app.id[platform]);
    head.meta(`twitter:app:url:${platform}`, app.url?.[platform]);
  }
}
