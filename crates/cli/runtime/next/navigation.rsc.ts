// `next/navigation` for server components: what steers rendering, and no hooks.

import * as flow from "../shared/control-flow.ts";
import { currentWork } from "../server/work.ts";
import type { RedirectKind } from "../shared/control-flow.ts";

export { RedirectType, forbidden, notFound, unauthorized, unstable_rethrow } from "../shared/control-flow.ts";
export { ReadonlyURLSearchParams } from "../client/search-params.ts";

/** Only meaningful where actions are called from: in client components. */
export function unstable_isUnrecognizedActionError(): never {
  throw new Error("unstable_isUnrecognizedActionError can only be used in a client component");
}

/** Who does something goes somewhere else; who only looks is where they wanted to be all along. */
function usualKind(): RedirectKind {
  return currentWork()?.mode === "action" ? "push" : "replace";
}

/** Ends rendering, or a server function, and sends the visitor to `url`. */
export function redirect(url: string, type: RedirectKind = usualKind()): never {
  return flow.redirect(url, type);
}

/** Like `redirect`, for an address that has moved for good. */
export function permanentRedirect(url: string, type: RedirectKind = usualKind()): never {
  return flow.permanentRedirect(url, type);
}
