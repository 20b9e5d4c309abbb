// `next/head` belongs to the Pages Router. In the App Router it shows nothing: `metadata` takes its place.
import type { ReactNode } from "react";

/** Shows nothing. */
export default function Head(_props: { children?: ReactNode }): ReactNode {
  return null;
}

/** The tags that the Pages Router puts into every page. */
export function defaultHead(): ReactNode[] {
  return [];
}
