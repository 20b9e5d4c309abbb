// `next/dist/shared/lib/router-context.shared-runtime`: the router of the Pages Router, which is not there.
import { createContext } from "react";

/** Always `null`, unless a library provides one. */
export const RouterContext = createContext<{ readonly pathname: string } | null>(null);
RouterContext.displayName = "RouterContext";
