// `next/navigation` for server components: what steers rendering, and no hooks.

export {
  RedirectType,
  forbidden,
  notFound,
  permanentRedirect,
  redirect,
  unauthorized,
  unstable_rethrow,
} from "../shared/control-flow.ts";
export { ReadonlyURLSearchParams } from "../client/search-params.ts";

/** Only meaningful where actions are called from: in client components. */
export function unstable_isUnrecognizedActionError(): never {
  throw new Error("unstable_isUnrecognizedActionError can only be used in a client component");
}
