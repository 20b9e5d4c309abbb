// What an error becomes on its way to the browser: a digest, by which the log can be searched.
import { digestOf, isBailout, isNavigationError } from "../../shared/control-flow.ts";
import { tellOfError } from "../instrumentation.ts";
import type { Host } from "../host.ts";
import type { ErrorSource } from "../instrumentation.ts";
import type { Work } from "../work.ts";

/** A number that is the same for the same error: the djb2 hash of its message and stack. */
export function errorDigest(error: unknown): string {
  const text = error instanceof Error ? error.message + (error.stack ?? "") : String(error);
  let hash = 5381;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(index)) >>> 0;
  return String(hash);
}

/** Server components, for a document. */
export const COMPONENTS: ErrorSource = { routeType: "render", renderSource: "react-server-components" };
/** Server components, for a client's router. */
export const PAYLOAD: ErrorSource = { routeType: "render", renderSource: "react-server-components-payload" };

/** Gives the digest of an error that a component threw, logs it if it is a fault, and tells the app of it. */
export function reportError(host: Host, work: Work, error: unknown, source: ErrorSource = COMPONENTS): string | undefined {
  const known = digestOf(error);
  if (isNavigationError(error) || isBailout(error) || known === "DYNAMIC_SERVER_USAGE") return known;
  work.failed = true;
  // Whoever leaves before the end is no fault of the app's.
  if (work.request.signal.aborted) return known;
  const digest = known === "" ? errorDigest(error) : known;
  const text = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  // SSR meets the errors of the Flight stream again, with nothing but their digest.
  if (known !== "" && source.renderSource === "server-rendering") return digest;
  if (known === "") host.log("error", `${text}\ndigest: ${digest}`);
  host.waitUntil(tellOfError(withDigest(error, digest), work, source));
  return digest;
}

/** The error as the app hears of it: with the number that the browser gets. */
function withDigest(thrown: unknown, digest: string): unknown {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (!("digest" in error) && Object.isExtensible(error)) Object.defineProperty(error, "digest", { value: digest, configurable: true, writable: true });
  return error;
}
