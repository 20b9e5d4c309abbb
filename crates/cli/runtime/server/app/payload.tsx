// From a loaded route to the model that Flight serialises: a node per segment, with slots in place of children.
import { createElement } from "react";
import type { ComponentType, ReactNode } from "react";
import { ClientPage } from "../../client/client-page.tsx";
import { Slot, SlotContent } from "../../client/slot.tsx";
import { HttpErrorPage } from "../../shared/fallbacks.tsx";
import { parseAccess } from "../../shared/control-flow.ts";
import type { AccessStatus } from "../../shared/control-flow.ts";
import type { KnownSegment } from "../../shared/known-tree.ts";
import type { SegmentParam, SegmentPayload } from "../../shared/payload.ts";
import type { ErrorComponent } from "../../client/boundaries.tsx";
import type { LoadedFile, LoadedSegment, Params, SegmentProps } from "../routes.ts";

/** What the nodes of one render are made of. */
export interface NodeContext {
  params: Params;
  props: Promise<Params>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
  css: Record<string, string[]>;
  /** Told which segment's own component ended rendering with an access error. */
  onAccess(depth: number, status: AccessStatus): void;
  /** Shows the interface of `status` in the slot below the segment at `depth` of the main branch. */
  fallback: { depth: number; status: AccessStatus } | null;
  /** What the client shows: its layouts are left out. */
  known?: KnownSegment | null;
  /** What is below the slot of the segment at this depth is left out. */
  cut?: number;
}

const CLIENT_REFERENCE = Symbol.for("react.client.reference");
const FALLBACK_FILES = { 401: "unauthorized", 403: "forbidden", 404: "notFound" } as const;

function isClientReference(component: unknown): boolean {
  return typeof component === "function" && "$$typeof" in component && component.$$typeof === CLIENT_REFERENCE;
}

/** The parameter of a folder name. */
export function segmentParam(segment: string, params: Params): SegmentParam | undefined {
  const match = /^\[(?:\[?(\.\.\.)?)([^[\]]+?)\]?\]$/.exec(segment.replace(/^\(\.{1,3}\)(?:\(\.\.\))*/, ""));
  const name = match?.[2];
  if (match === null || name === undefined) return undefined;
  const kind = match[1] === undefined ? "d" : segment.includes("[[") ? "oc" : "c";
  return { name, kind, value: params[name] ?? (kind === "d" ? "" : []) };
}

function segmentKey(segment: string, param: SegmentParam | undefined): string {
  if (param === undefined) return segment;
  const value = typeof param.value === "string" ? param.value : param.value.join("/");
  return `${param.name}|${value}|${param.kind}`;
}

/** Where the interface of an access error goes: the depth of the closest segment above `thrower` that has one. */
export function fallbackDepth(branch: readonly LoadedSegment[], thrower: number, status: AccessStatus): number {
  for (let depth = Math.min(thrower, branch.length - 1); depth >= 0; depth--) {
    if (branch[depth]?.files[FALLBACK_FILES[status]] !== undefined) return depth;
  }
  return 0;
}

/** Stylesheets that no segment above has brought. */
function stylesheets(files: readonly (LoadedFile | undefined)[], context: NodeContext, seen: Set<string>): ReactNode[] {
  const links: ReactNode[] = [];
  for (const file of files) {
    for (const href of (file && context.css[file.id]) ?? []) {
      if (seen.has(href)) continue;
      seen.add(href);
      links.push(<link key={href} rel="stylesheet" href={href} precedence="next" />);
    }
  }
  return links;
}

/** Runs a segment's own component, and notes where an access error came from. */
function Guard({ component, props, depth, onAccess }: { component: ComponentType<SegmentProps>; props: SegmentProps; depth: number; onAccess: NodeContext["onAccess"] }): ReactNode | Promise<ReactNode> {
  const note = (error: unknown): never => {
    const status = parseAccess(error);
    if (status !== null) onAccess(depth, status);
    throw error;
  };
  try {
    const rendered: ReactNode | Promise<ReactNode> = (component as (props: SegmentProps) => ReactNode | Promise<ReactNode>)(props);
    return rendered instanceof Promise ? rendered.catch(note) : rendered;
  } catch (error) {
    return note(error);
  }
}

function guarded(component: ComponentType<SegmentProps>, props: SegmentProps, depth: number, context: NodeContext): ReactNode {
  // Client components and classes are React's to run.
  if (isClientReference(component) || component.prototype?.isReactComponent) return createElement(component, props);
  return <Guard component={component} props={props} depth={depth} onAccess={context.onAccess} />;
}

function asErrorComponent(file: LoadedFile | undefined): ErrorComponent | undefined {
  return file?.module.default as ErrorComponent | undefined;
}

function element(file: LoadedFile | undefined): ReactNode {
  const Component = file?.module.default as ComponentType | undefined;
  return Component ? <Component /> : undefined;
}

function slotElement(segment: LoadedSegment, name: string): ReactNode {
  const { template, error, loading, notFound, forbidden, unauthorized } = segment.files;
  const Template = template?.module.default as ComponentType<{ children: ReactNode }> | undefined;
  // What a segment does not have does not travel.
  const props = {
    ...(Template && { template: <Template><SlotContent /></Template> }),
    ...(error && { error: asErrorComponent(error) }),
    ...(loading && { loading: element(loading) }),
    ...(notFound && { notFound: element(notFound) }),
    ...(forbidden && { forbidden: element(forbidden) }),
    ...(unauthorized && { unauthorized: element(unauthorized) }),
  };
  return <Slot key={name} name={name} {...props} />;
}

function pageNode(segment: LoadedSegment, depth: number, context: NodeContext, seen: Set<string>): ReactNode {
  const file = segment.files.page ?? segment.files.default;
  const Page = file?.module.default;
  if (file === undefined) return <HttpErrorPage status={404} />;
  if (Page === undefined) throw new Error(`The default export of ${file.id} is not a React component`);
  const links = stylesheets([file], context, seen);
  const page = isClientReference(Page) ? (
    <ClientPage key="page" Page={Page as never} />
  ) : (
    guarded(Page, { params: context.props, searchParams: context.searchParams }, depth, context)
  );
  return links.length === 0 ? page : [...links, <PageKey key="page">{page}</PageKey>];
}

/** Gives the page a place of its own in a list. */
function PageKey({ children }: { children: ReactNode }): ReactNode {
  return children;
}

function fallbackNode(segment: LoadedSegment, status: AccessStatus): SegmentPayload {
  const file = segment.files[FALLBACK_FILES[status]];
  const node = element(file) ?? <HttpErrorPage status={status} />;
  return { segment: "__PAGE__", key: `__FALLBACK__|${status}`, node, slots: {} };
}

/** The depth of the first segment of a branch whose page has a `loading` interface; -1 if there is none. */
export function loadingDepth(branch: readonly LoadedSegment[]): number {
  return branch.findIndex(({ files }) => files.loading !== undefined);
}

/** A segment and everything below it, with nothing to show. */
function outline(segment: LoadedSegment, params: Params): SegmentPayload {
  const param = segmentParam(segment.segment, params);
  const slots = Object.entries(segment.slots).map(([name, child]) => [name, outline(child, params)] as const);
  return { segment: segment.segment, key: segmentKey(segment.segment, param), ...(param === undefined ? {} : { param }), slots: Object.fromEntries(slots) };
}

/** The payload of a segment and everything below it. */
export function segmentPayload(segment: LoadedSegment, context: NodeContext, depth = 0, main = true, above: ReadonlySet<string> = new Set(), known: KnownSegment | null | undefined = context.known): SegmentPayload {
  const param = segmentParam(segment.segment, context.params);
  const key = segmentKey(segment.segment, param);
  if (context.cut !== undefined && (depth > context.cut || !main)) return outline(segment, context.params);
  const isKnown = known?.key === key;
  const seen = new Set(above);
  if (segment.files.page !== undefined || Object.keys(segment.slots).length === 0) {
    return { segment: segment.segment, key, node: pageNode(segment, depth, context, seen), slots: {} };
  }
  const { layout, template, error, loading, notFound, forbidden, unauthorized } = segment.files;
  const links = stylesheets([layout, template, error, loading, notFound, forbidden, unauthorized], context, seen);
  const slots: Record<string, SegmentPayload> = {};
  const elements: Record<string, ReactNode> = {};
  for (const [name, child] of Object.entries(segment.slots)) {
    const onMain = main && name === "children";
    slots[name] =
      onMain && context.fallback?.depth === depth
        ? fallbackNode(segment, context.fallback.status)
        : segmentPayload(child, context, depth + 1, onMain, seen, isKnown ? known.slots.get(name) : null);
    elements[name] = slotElement(segment, name);
  }
  const place = { segment: segment.segment, key, ...(param === undefined ? {} : { param }) };
  if (isKnown) return { ...place, slots };
  const Layout = layout?.module.default;
  const node = Layout ? guarded(Layout, { params: context.props, ...elements }, depth, context) : elements["children"];
  const all = links.length === 0 ? node : [...links, <PageKey key="layout">{node}</PageKey>];
  // Nothing to show is something: only what the client has, or waits for, is left out.
  return { ...place, node: all ?? null, slots };
}
