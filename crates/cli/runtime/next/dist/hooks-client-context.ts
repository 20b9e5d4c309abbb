// `next/dist/shared/lib/hooks-client-context.shared-runtime`: what the hooks of `next/navigation` read.
export { ParamsContext as PathParamsContext, PathnameContext, SearchParamsContext } from "../../client/contexts.ts";
