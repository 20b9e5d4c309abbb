// `next/dist/shared/lib/head-manager-context.shared-runtime`: the Pages Router's `next/head`.
import { createContext } from "react";

/** Empty: `next/head` shows nothing in the App Router. */
export const HeadManagerContext = createContext<Record<string, never>>({});
