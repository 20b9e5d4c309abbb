"use client";
// Where a layout shows what is below it. The layout's own element never changes while its segment stays; what is in the
// slot comes from the segment's context.
import { Activity, Fragment, Suspense, use, useLayoutEffect, useRef, useState } from "react";
import type { FragmentInstance, ReactNode } from "react";
import { AccessBoundary, ErrorBoundary } from "./boundaries.tsx";
import { MetadataContext, SegmentContext, SlotContentContext } from "./contexts.ts";
import { withShown } from "./mounted.ts";
import { noteArrival } from "./router/arrivals.ts";
import { HttpErrorPage } from "../shared/fallbacks.tsx";
import type { AccessStatus } from "../shared/control-flow.ts";
import type { SegmentPayload } from "../shared/payload.ts";
import type { ErrorComponent } from "./boundaries.tsx";

/** The segment's files around one slot; see the contracts for the order in which they nest. */
export interface SlotProps {
  /** "children" or the name of a parallel slot. */
  name: string;
  /** The root layout's: what it does not answer itself has the built-in interface, inside of it. */
  root?: true;
  /** This is in the body, and in it is every page: the place for metadata that is streamed. */
  metadata?: boolean;
  /** `<Template><SlotContent/></Template>`. */
  template?: ReactNode;
  error?: ErrorComponent;
  loading?: ReactNode;
  notFound?: ReactNode;
  forbidden?: ReactNode;
  unauthorized?: ReactNode;
}

/** Shows the segment that is in a slot of the surrounding one. */
export function Slot(props: SlotProps): ReactNode {
  const segment = use(SegmentContext)?.slots[props.name];
  if (segment === undefined) return null;
  const slot = process.env.__NEXT_CACHE_COMPONENTS === "true" ? <Mounted key="slot" slot={props} shown={segment} /> : filled(props, segment);
  return props.metadata ? [<LateMetadata key="metadata" />, slot] : slot;
}

/** What the slot shows, and hidden after it what it has shown before, with its state and without its effects. */
function Mounted({ slot, shown }: { slot: SlotProps; shown: SegmentPayload }): ReactNode {
  const [before, setMounted] = useState<readonly SegmentPayload[]>(() => [shown]);
  const mounted = withShown(before, shown);
  if (mounted !== before) setMounted(mounted);
  return mounted.map((segment) => (
    <Activity key={segment.key} mode={segment === shown ? "visible" : "hidden"}>
      {filled(slot, segment)}
    </Activity>
  ));
}

/** A segment with the files around its slot. */
function filled({ root, template, error, loading, notFound, forbidden, unauthorized }: SlotProps, segment: SegmentPayload): ReactNode {
  let content: ReactNode = (
    <AccessBoundary
      fallbacks={{ 401: unauthorized ?? builtIn(root, 401), 403: forbidden ?? builtIn(root, 403), 404: notFound ?? builtIn(root, 404) }}
      segment={segment}
    >
      <SegmentContext value={segment}>{segment.node === undefined ? <Missing /> : segment.node}</SegmentContext>
    </AccessBoundary>
  );
  if (loading !== undefined && loading !== null) content = <Suspense fallback={loading}>{content}</Suspense>;
  if (error) content = <ErrorBoundary fallback={error}>{content}</ErrorBoundary>;
  // Another segment is another component: its state, its template and its loading interface start anew.
  return (
    <SlotContentContext key={segment.key} value={content}>
      <Arrival segment={segment}>{template ?? <SlotContent />}</Arrival>
    </SlotContentContext>
  );
}

/** Metadata that nobody waits for. React hoists it; an element keeps its boundary out of the way of the layout. */
function LateMetadata(): ReactNode {
  const metadata = use(MetadataContext);
  if (metadata === null) return null;
  return (
    <div hidden>
      <Suspense key={metadata.key} fallback={null}>
        {metadata.elements}
      </Suspense>
    </div>
  );
}

function builtIn(root: true | undefined, status: AccessStatus): ReactNode {
  return root && <HttpErrorPage status={status} />;
}

const never = new Promise<never>(() => {});

/** What has still to come: the loading interface around it is shown until another view has it. */
function Missing(): ReactNode {
  return use(never);
}

/** Tells the router when the segment brings something new. */
function Arrival({ segment, children }: { segment: SegmentPayload; children: ReactNode }): ReactNode {
  const isPage = Object.keys(segment.slots).length === 0;
  const { node } = segment;
  const fragment = useRef<FragmentInstance>(null);
  useLayoutEffect(() => {
    if (fragment.current) noteArrival(fragment.current, isPage);
  }, [node, isPage]);
  return <Fragment ref={fragment}>{children}</Fragment>;
}

/** What is in the slot, for a `template` to wrap. */
export function SlotContent(): ReactNode {
  return use(SlotContentContext);
}
