// The lines of ../shared/SURFACE.md, which fixtures pin: "2.4 Soft navigation" is the line of section 2.4 that has
// these words.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { here } from "./folders.mjs";

const file = join(here, "../../../shared/SURFACE.md");

/** The sections that the fixtures have to cover: the App Router, its client and its wire, what changes data, and the cache. */
export const COVERED = [
  ...["1.1", "1.2", "1.3", "1.6", "1.9", "1.10", "1.11", "1.13", "1.18", "1.20", "1.21"],
  ...["2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11"],
  ...["3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "4.1", "4.2", "4.3", "4.4"],
];

function plain(text) {
  return text.replace(/[*`★☆·]/g, "").replace(/\s+/g, " ").trim();
}

/** Every bullet, numbered item, table row and paragraph, with its section; nothing where the file is not. */
export function lines() {
  if (!existsSync(file)) return undefined;
  const found = [];
  let section = "";
  let rows = 0;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const heading = /^#+ (\d+\.\d+)/.exec(line);
    if (heading) section = heading[1];
    rows = line.startsWith("|") ? rows + 1 : 0;
    const item = /^\s*(?:[-*]|\d+\.)\s+(.*)$/.exec(line)?.[1] ?? (rows > 2 ? line : null);
    const bare = heading && / ★|☆|· — |—/.test(line) && line.includes("—") ? line.slice(line.indexOf("—") + 1) : null;
    const paragraph = heading || rows > 0 || !/^[^\s#]/.test(line) || /^---|:$/.test(line) ? null : line;
    if (section !== "" && (item ?? bare ?? paragraph)) found.push({ section, text: plain(item ?? bare ?? paragraph) });
  }
  return found;
}

/** The lines that a pin means. */
export function pinned(pin, all) {
  const [, section, words] = /^(\d+\.\d+)\s+(.+)$/.exec(pin) ?? [];
  if (section === undefined) return [];
  const wanted = plain(words).toLowerCase();
  return all.filter((line) => line.section === section && line.text.toLowerCase().includes(wanted));
}
