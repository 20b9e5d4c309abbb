// A build whose answers become files (`output: "export"`): nobody is asked again, so nothing may depend on who asks.

/** Whether this build is one. */
export const isExport = process.env.__NEXT_CONFIG_OUTPUT === "export";

/** Where a page is: with slashes in a folder of its own, also where a path with a dot in it has no slash elsewhere. */
export function exportedPath(pathname: string, trailingSlash: boolean): string {
  const bare = pathname.replace(/\/+$/, "");
  return bare === "" || trailingSlash ? `${bare}/` : bare;
}

/** Says of a page that leaves its frame to the browser that somebody has to render it. */
export function frameless(pattern: string, bailout: unknown): Error {
  const reason = bailout instanceof Error ? bailout.message.replace(/^[^:]*: /, "") : String(bailout);
  return new Error(`${reason} should be wrapped in a suspense boundary at page "${pattern}". Read more: https://nextjs.org/docs/messages/missing-suspense-with-csr-bailout`);
}
