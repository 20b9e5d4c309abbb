// From a loaded route to the model that Flight serialises: a node per segment, with slots in place of children.
import { createElement } from "react";
import type { ComponentType, ReactNode } from "react";
import { ClientPage } from "../../client/client-page.tsx";
import { Slot, SlotContent } from "../../client/slot.tsx";
import { HttpErrorPage } from "../../shared/fallbacks.tsx";
import { parseAccess } from "../../shared/control-flow.ts";
import type { AccessStatus } from "../../shared/control-flow.ts";
import type { KnownSegment } from "../../shared/known-tree.ts";
import type { GlobalErrorPayload, SegmentParam, SegmentPayload } from "../../shared/payload.ts";
import type { ErrorComponent } from "../../client/boundaries.tsx";
import { settled } from "../settled.ts";
import { pageProps } from "./page-props.ts";
import type { LoadedFile, LoadedSegment, Params, SegmentProps } from "../routes.ts";

/** A slot of a segment's layout. */
export interface Place {
  segment: LoadedSegment;
  slot: string;
}

/** The places through which a segment is reached, root first. */
export type Trail = readonly Place[];

/** Parameters that are not known, and what who asks for them gets. */
export interface UnknownParams {
  unknown: ReadonlySet<string>;
  hang(what: string): Promise<never>;
}

/** What the nodes of one render are made of. */
export interface NodeContext extends UnknownParams {
  /** The parameters of all segments. */
  params: Params;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
  css: Record<string, string[]>;
  /** Told where a segment's own component ended rendering with an access error. */
  onAccess(trail: Trail, status: AccessStatus): void;
  /** Shows the interface of `status` in this place instead of what belongs there. */
  fallback: { place: Place; status: AccessStatus } | null;
  /** What the client shows: its layouts are left out. */
  known?: KnownSegment | null;
  /** What is below the slot of the segment at this depth is left out. */
  cut?: number;
  /** Put beside the page: it ends in the error that the metadata ended in. */
  outlet?: ReactNode;
}

const CLIENT_REFERENCE = Symbol.for("react.client.reference");
/** The file with the interface of each status. */
export const FALLBACK_FILES = { 401: "unauthorized", 403: "forbidden", 404: "notFound" } as const;

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

/**
 * Where the interface of an access error goes: the closest place above the thrower whose segment has one, or else the
 * root layout.
 */
export function fallbackPlace(trail: Trail, status: AccessStatus): Place | undefined {
  return trail.findLast(({ segment }) => segment.files[FALLBACK_FILES[status]] !== undefined) ?? trail.find(({ segment }) => segment.files.layout) ?? trail[0];
}

/** The way to the page, along `children`. */
export function pageTrail(branch: readonly LoadedSegment[]): Trail {
  return branch.slice(0, -1).map((segment) => ({ segment, slot: "children" }));
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
function Guard({ component, props, trail, onAccess }: { component: ComponentType<SegmentProps>; props: SegmentProps; trail: Trail; onAccess: NodeContext["onAccess"] }): ReactNode | Promise<ReactNode> {
  const note = (error: unknown): never => {
    const status = parseAccess(error);
    if (status !== null) onAccess(trail, status);
    throw error;
  };
  try {
    const rendered: ReactNode | Promise<ReactNode> = (component as (props: SegmentProps) => ReactNode | Promise<ReactNode>)(props);
    return rendered instanceof Promise ? rendered.catch(note) : rendered;
  } catch (error) {
    return note(error);
  }
}

function guarded(component: ComponentType<SegmentProps>, props: SegmentProps, trail: Trail, context: NodeContext): ReactNode {
  // Client components and classes are React's to run.
  if (isClientReference(component) || component.prototype?.isReactComponent) return createElement(component, props);
  return <Guard component={component} props={props} trail={trail} onAccess={context.onAccess} />;
}

/** Parameters, once all of them are known. */
export function promisedParams(params: Params, { unknown, hang }: UnknownParams): Promise<Params> {
  return Object.keys(params).some((name) => unknown.has(name)) ? hang("params") : settled(params);
}

function asErrorComponent(file: LoadedFile | undefined): ErrorComponent | undefined {
  return file?.module.default as ErrorComponent | undefined;
}

function element(file: LoadedFile | undefined): ReactNode {
  const Component = file?.module.default as ComponentType | undefined;
  return Component ? <Component /> : undefined;
}

interface SlotPlace {
  /** The places above the segment whose slot it is: what its template throws is theirs to catch. */
  trail: Trail;
  params: Params;
  root: boolean;
  metadata: boolean;
}

function slotElement(segment: LoadedSegment, name: string, { trail, params, root, metadata }: SlotPlace, context: NodeContext): ReactNode {
  const { template, error, loading, notFound, forbidden, unauthorized } = segment.files;
  const Template = template?.module.default;
  // What a segment does not have does not travel.
  const props = {
    ...(root && { root }),
    ...(metadata && { metadata }),
    ...(Template && { template: guarded(Template, { params: promisedParams(params, context), children: <SlotContent /> }, trail, context) }),
    ...(error && { error: asErrorComponent(error) }),
    ...(loading && { loading: element(loading) }),
    ...(notFound && { notFound: element(notFound) }),
    ...(forbidden && { forbidden: element(forbidden) }),
    ...(unauthorized && { unauthorized: element(unauthorized) }),
  };
  return <Slot key={name} name={name} {...props} />;
}

/** What the document shows when even its root layout cannot be rendered. */
export function globalErrorPayload(file: LoadedFile, css: NodeContext["css"]): GlobalErrorPayload {
  const Component = asErrorComponent(file);
  const styles = (css[file.id] ?? []).map((href) => <link key={href} rel="stylesheet" href={href} precedence="next" />);
  return { ...(Component && { Component }), styles };
}

function pageNode(segment: LoadedSegment, { trail, params, above }: Position, context: NodeContext): ReactNode {
  const file = segment.files.page ?? segment.files.default;
  const Page = file?.module.default;
  // A slot without `default` beside an intercepting page: the client keeps what it shows there.
  if (file === undefined) return segment.segment === "__DEFAULT__" ? null : <HttpErrorPage status={404} />;
  if (Page === undefined) throw new Error(`The default export of ${file.id} is not a React component`);
  const links = stylesheets([file], context, new Set(above));
  const main = isMain(trail);
  const outlet = context.outlet !== undefined && main ? [<PageKey key="metadata">{context.outlet}</PageKey>] : [];
  const page = isClientReference(Page) ? (
    <ClientPage key="page" Page={Page as never} />
  ) : (
    guarded(Page, pageProps({ params: promisedParams(params, context), searchParams: context.searchParams }), trail, context)
  );
  // The main page stands in a list with and without metadata beside it: React finds a form again by its place.
  return links.length === 0 && !main ? page : [...links, <PageKey key="page">{page}</PageKey>, ...outlet];
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
function outline(segment: LoadedSegment, params: Params, belowRoot: boolean): SegmentPayload {
  const param = segmentParam(segment.segment, params);
  const isRoot = !belowRoot && segment.files.layout !== undefined;
  const slots = Object.entries(segment.slots).map(([name, child]) => [name, outline(child, params, belowRoot || isRoot)] as const);
  return { segment: segment.segment, key: segmentKey(segment.segment, param), ...(param && { param }), ...(isRoot && { root: true }), slots: Object.fromEntries(slots) };
}

/** Where in the tree a segment stands. */
interface Position {
  trail: Trail;
  /** The parameters of the segments above and of this one: no component learns of those below or beside it. */
  params: Params;
  /** Stylesheets that the segments above have brought. */
  above: ReadonlySet<string>;
  /** Whether a layout above is the root layout. */
  belowRoot: boolean;
  known: KnownSegment | null | undefined;
}

/** The payload of a page: every segment, and in each layout's slots what is below it. */
export function treePayload(tree: LoadedSegment, context: NodeContext): SegmentPayload {
  return segmentPayload(tree, { trail: [], params: {}, above: new Set(), belowRoot: false, known: context.known }, context);
}

function isMain(trail: Trail): boolean {
  return trail.every(({ slot }) => slot === "children");
}

function segmentPayload(segment: LoadedSegment, position: Position, context: NodeContext): SegmentPayload {
  const { trail, above, known } = position;
  if (context.cut !== undefined && (trail.length > context.cut || !isMain(trail))) return outline(segment, context.params, position.belowRoot);
  const param = segmentParam(segment.segment, context.params);
  const params = param === undefined || context.params[param.name] === undefined ? position.params : { ...position.params, [param.name]: param.value };
  const key = segmentKey(segment.segment, param);
  if (segment.files.page !== undefined || Object.keys(segment.slots).length === 0) {
    return { segment: segment.segment, key, node: pageNode(segment, { ...position, params }, context), slots: {} };
  }
  const isKnown = known?.key === key;
  const seen = new Set(above);
  const { layout, template, error, loading, notFound, forbidden, unauthorized } = segment.files;
  const links = stylesheets([layout, template, error, loading, notFound, forbidden, unauthorized], context, seen);
  const slots: Record<string, SegmentPayload> = {};
  const elements: Record<string, ReactNode> = {};
  const isRoot = layout !== undefined && !position.belowRoot;
  const first = "children" in segment.slots ? "children" : Object.keys(segment.slots)[0];
  for (const [slot, child] of Object.entries(segment.slots)) {
    const { fallback } = context;
    slots[slot] =
      fallback?.place.segment === segment && fallback.place.slot === slot
        ? fallbackNode(segment, fallback.status)
        : segmentPayload(child, { trail: [...trail, { segment, slot }], params, above: seen, belowRoot: position.belowRoot || isRoot, known: isKnown ? known.slots.get(slot) : null }, context);
    elements[slot] = slotElement(segment, slot, { trail, params, root: isRoot, metadata: isRoot && slot === first }, context);
  }
  const place = { segment: segment.segment, key, ...(param && { param }), ...(isRoot && ({ root: true } as const)) };
  if (isKnown) return { ...place, slots };
  const Layout = layout?.module.default;
  const node = Layout ? guarded(Layout, { params: promisedParams(params, context), ...elements }, trail, context) : (elements["children"] ?? null);
  const all = links.length === 0 ? node : [...links, <PageKey key="layout">{node}</PageKey>];
  // Nothing to show is something: only what the client has, or waits for, is left out.
  return { ...place, node: all ?? null, slots };
}
