// `next/dist/shared/lib/app-router-context.shared-runtime`: libraries freeze and replace these contexts.
import { createContext } from "react";
import { RouterContext, SegmentContext, SlotContentContext } from "../../client/contexts.ts";

export type { AppRouterInstance, NavigateOptions, PrefetchOptions } from "../../client/contexts.ts";

/** What `useRouter` reads. */
export const AppRouterContext = RouterContext;
/** What a layout's children are found by: whoever keeps its value keeps the page. */
export const LayoutRouterContext = SegmentContext;
/** Nothing of ours reads it. */
export const GlobalLayoutRouterContext = createContext(null);
/** What a `template` wraps. */
export const TemplateContext = SlotContentContext;
/** Nothing of ours reads it. */
export const MissingSlotContext = createContext(new Set<string>());
