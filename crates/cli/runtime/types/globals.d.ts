// Names that the document, the compiler and the runtime share on the global object.
import type { ClientConfig } from "../shared/config.ts";
import type { FlightEntry } from "../client/flight.ts";
import type { Tell } from "../server/unstable-values.ts";

declare global {
  /** Set by the document's first script in a browser and by the server module before it renders. */
  var __vinext: ClientConfig | undefined;
  /** Flight rows embedded in the document. */
  var __next_f: FlightEntry[] | { push(entry: FlightEntry): unknown } | undefined;
  /** What the compiler calls `__webpack_require__` in the client graph. */
  var __vinext_require__: unknown;
  /** What the compiler calls `__webpack_chunk_load__` in the client graph. */
  var __vinext_load__: unknown;
  /** The same for the react-server graph. */
  var __vinext_rsc_require__: unknown;
  var __vinext_rsc_load__: unknown;
  /** The same for the SSR graph. */
  var __vinext_ssr_require__: unknown;
  var __vinext_ssr_load__: unknown;
  /** What a Client Component waits for that reads from outside, where a page is prerendered: it never comes. Set by the server module. */
  var __vinext_io__: (() => Promise<never> | null) | undefined;
  /** Tells of an unstable value that somebody uses, by a function that is watched. Set by the server module. */
  var __vinext_unstable__: Tell | undefined;
  /** What the compiler's references to server functions call. */
  var __vinext_call_server__: (id: string, args: unknown[]) => Promise<unknown>;
}
