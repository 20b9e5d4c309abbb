// What a document's module script runs: hydrates the document from the Flight rows embedded in it.
import { registerReference } from "./modules.ts";
import { createFromReadableStream } from "react-server-dom-webpack/client.browser";
import { StrictMode, startTransition } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { callServer } from "./actions.ts";
import { AppRoot } from "./app-root.tsx";
import { isUnexpected } from "./boundaries.tsx";
import { flightStream } from "./flight.ts";
import { createRouter } from "./router/router.ts";
import { clientConfig } from "../shared/config.ts";
import { isBailout, isNavigationError } from "../shared/control-flow.ts";
import type { RoutePayload } from "../shared/payload.ts";

export { registerReference };

/** Errors that steer rendering are no news. */
function isNews(error: unknown): boolean {
  return !isNavigationError(error) && !isBailout(error);
}

function report(error: unknown): void {
  if (isNews(error)) reportError(error);
}

// Compiled references look it up at each call.
globalThis.__vinext_call_server__ = callServer;

/** Hydrates the document. */
export function hydrate(): void {
  const embedded = globalThis.__next_f;
  const { stream, push } = flightStream(Array.isArray(embedded) ? embedded : [], documentParsed());
  globalThis.__next_f = { push };
  const payload = createFromReadableStream<RoutePayload>(stream, { callServer });
  const root = <AppRoot payload={payload} router={createRouter()} />;
  const app = clientConfig().strict ? <StrictMode>{root}</StrictMode> : root;
  const { formState } = clientConfig();
  const options = {
    ...(formState && { formState: formState as never }),
    // The app shows an interface for it: it is logged, and no global handler is called.
    onCaughtError(error: unknown, { errorBoundary }: { errorBoundary?: unknown }): void {
      if (isUnexpected(errorBoundary)) report(error);
      else if (isNews(error)) console.error(error);
    },
    onUncaughtError: report,
    onRecoverableError: report,
  };
  startTransition(() => {
    // The server could send no more than a frame: there is nothing to hydrate.
    if (document.documentElement.id === "__next_error__") createRoot(document, options).render(app);
    else hydrateRoot(document, app, options);
  });
}

/** Settles when no further script of the document can push rows. */
function documentParsed(): Promise<unknown> {
  return document.readyState === "loading"
    ? new Promise((resolve) => addEventListener("DOMContentLoaded", resolve, { once: true }))
    : Promise.resolve();
}
