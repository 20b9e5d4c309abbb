// Payload trees for tests, written as short as they are read. A node is a text that says who rendered it.
import type { RoutePayload, SegmentPayload } from "../shared/payload.ts";

type Slots = Record<string, SegmentPayload>;

/** A page leaf. */
export function page(node: string | undefined = "page"): SegmentPayload {
  return { segment: "__PAGE__", key: "__PAGE__", node, slots: {} };
}

/** A slot's `default`. */
export function defaultLeaf(node = "default"): SegmentPayload {
  return { segment: "__DEFAULT__", key: "__DEFAULT__", node, slots: {} };
}

/** A static segment. The first one has the root layout. */
export function segment(name: string, node: string | undefined, slots: Slots): SegmentPayload {
  return { segment: name, key: name, node, ...(name === "" && { root: true }), slots };
}

/** A dynamic segment. */
export function dynamic(name: string, value: string, node: string | undefined, slots: Slots): SegmentPayload {
  return { segment: `[${name}]`, key: `${name}|${value}|d`, param: { name, kind: "d", value }, node, slots };
}

/** A chain of static segments that ends in a page; every node names `who`. */
export function route(path: string, who: string): SegmentPayload {
  const names = ["", ...path.split("/").filter(Boolean)];
  return names.reduceRight<SegmentPayload>(
    (child, name) => segment(name, `layout ${name || "/"} by ${who}`, { children: child }),
    page(`page ${path} by ${who}`),
  );
}

/** A payload for `route`. */
export function payload(path: string, who: string, staleTime = 0, buildId = "b1"): RoutePayload {
  return { buildId, href: path, tree: route(path.split("?")[0] ?? "", who), head: `head ${path} by ${who}`, staleTime };
}

/** All segments, root first. */
export function segments(tree: SegmentPayload): SegmentPayload[] {
  return [tree, ...Object.values(tree.slots).flatMap(segments)];
}
