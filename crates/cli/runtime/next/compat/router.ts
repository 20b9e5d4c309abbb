// `next/compat/router`: the router of the Pages Router where there is one.
import { useContext } from "react";
import { RouterContext } from "../dist/router-context.ts";

/** `null` in the App Router. */
export function useRouter(): { readonly pathname: string } | null {
  return useContext(RouterContext);
}
