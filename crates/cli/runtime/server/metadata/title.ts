// Titles and their templates. Pure.
import type { ResolvedTitle, Title } from "./types.ts";

/** The title a segment has, given the template of the layouts above it. */
export function resolveTitle(title: Title | undefined, template: string | null): ResolvedTitle | null {
  if (title === undefined || title === null) return null;
  const apply = (text: string): string => (template === null ? text : template.replaceAll("%s", () => text));
  if (typeof title === "string") return { template: null, absolute: apply(title) };
  const own = title.template ?? null;
  if (title.absolute) return { template: own, absolute: title.absolute };
  return title.default === undefined ? { template: own, absolute: "" } : { template: own, absolute: apply(title.default) };
}

/** The template that a title gives to the segments below. */
export function templateOf(title: Title | undefined): string | null {
  return typeof title === "object" && title !== null ? (title.template ?? null) : null;
}
