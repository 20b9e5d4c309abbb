// The text of `robots.txt`: RFC 9309, with the lines that crawlers have added.
import { list } from "../lists.ts";
import type { OneOrMany } from "../types.ts";

interface RobotsRule {
  userAgent?: OneOrMany<string>;
  allow?: OneOrMany<string>;
  disallow?: OneOrMany<string>;
  crawlDelay?: number;
  /** Further lines, as they are. */
  other?: Record<string, OneOrMany<string | number>>;
}

/** What a `robots` module returns. */
export interface RobotsFile {
  rules: OneOrMany<RobotsRule>;
  host?: string;
  sitemap?: OneOrMany<string>;
}

function groupOf({ userAgent, allow, disallow, crawlDelay, other }: RobotsRule): string {
  const agents = userAgent === undefined ? ["*"] : list(userAgent);
  const lines = [
    ...agents.map((agent) => `User-Agent: ${agent}`),
    ...list(allow).map((path) => `Allow: ${path}`),
    ...list(disallow).map((path) => `Disallow: ${path}`),
    ...(crawlDelay === undefined ? [] : [`Crawl-delay: ${crawlDelay}`]),
    ...Object.entries(other ?? {}).flatMap(([name, values]) => list(values).map((value) => `${name}: ${value}`)),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** The text of the file. */
export function robotsText({ rules, host, sitemap }: RobotsFile): string {
  const groups = list(rules).map(groupOf).join("");
  const hosts = host === undefined ? "" : `Host: ${host}\n`;
  return groups + hosts + list(sitemap).map((url) => `Sitemap: ${url}\n`).join("");
}
