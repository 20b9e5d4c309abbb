// Metadata that nobody waits for: its elements come when they are known, its errors become the page's.
import { Suspense } from "react";
import type { ReactNode } from "react";

/** What a payload carries of metadata that is not known yet. */
export interface StreamedMetadata {
  /** The elements; none if resolving them failed. */
  elements: ReactNode;
  /** Rendered beside the page: ends in the error in which the metadata ended, if it did. */
  outlet: ReactNode;
  /** The elements when they are known. */
  known: Promise<ReactNode>;
}

async function Elements({ of }: { of: Promise<ReactNode> }): Promise<ReactNode> {
  return of.catch(() => null);
}

async function Outlet({ of }: { of: Promise<ReactNode> }): Promise<ReactNode> {
  await of;
  return null;
}

/** Metadata that failed before anything was sent: the page fails with it. */
export function failedMetadata(error: unknown): StreamedMetadata {
  const failed = Promise.reject<ReactNode>(error);
  failed.catch(() => {});
  return { elements: null, outlet: <Outlet of={failed} />, known: Promise.resolve(null) };
}

/** Metadata on its way. */
export function streamedMetadata(elements: Promise<ReactNode>): StreamedMetadata {
  elements.catch(() => {});
  return {
    known: elements.catch(() => null),
    elements: <Elements of={elements} />,
    outlet: (
      <Suspense fallback={null}>
        <Outlet of={elements} />
      </Suspense>
    ),
  };
}
