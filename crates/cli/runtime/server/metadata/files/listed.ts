// Which files a metadata module makes, where it makes several: their ids are the last segment of their URLs.
import { imagesOf } from "./files.ts";
import type { MetadataFileDefinition, Params } from "../../routes.ts";
import type { ImageModule } from "./files.ts";

/** The parameter that the id is. */
export const METADATA_ID = "__metadata_id__";

/** What a module that makes sitemaps exports. */
export interface SitemapModule {
  default?: (props?: { id: Promise<string> }) => unknown;
  generateSitemaps?: () => { id: string | number }[] | Promise<{ id: string | number }[]>;
}

/** The ids of a module's sitemaps. */
export async function sitemapsOf({ generateSitemaps }: SitemapModule): Promise<string[]> {
  const sitemaps = (await generateSitemaps?.()) ?? [];
  return sitemaps.map(({ id }) => {
    if (id === undefined || id === null) throw new Error("id property is required for every item returned from generateSitemaps");
    return String(id);
  });
}

/** The parameters of each file that a module makes. */
export async function listedFiles({ kind, load }: MetadataFileDefinition): Promise<Params[]> {
  const module = (await load?.()) as ImageModule & SitemapModule;
  const ids = kind === "sitemap" ? (await sitemapsOf(module)).map((id) => `${id}.xml`) : (await imagesOf(module, {})).map(({ id }) => String(id));
  return ids.map((id) => ({ [METADATA_ID]: id }));
}
