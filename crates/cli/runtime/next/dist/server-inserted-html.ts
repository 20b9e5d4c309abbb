// `next/dist/shared/lib/server-inserted-html.shared-runtime`.
export { ServerInsertedHTMLContext } from "../../client/contexts.ts";
export { useServerInsertedHTML } from "../navigation.ts";
