// Values as Flight bytes, and back: what is sealed, and what cached functions give.
import { renderToPipeableStream } from "react-server-dom-webpack/server.node";
import { createFromReadableStream } from "react-server-dom-webpack/client.node";
import { flightModules } from "./actions/registry.ts";
import { Collector } from "./collect.ts";
import { currentHost } from "./host-access.ts";
import type { Writable } from "node:stream";

/** Settings of a value's rendering. */
export interface FlightOptions {
  temporaryReferences?: object;
  /** Gives an error the digest by which it travels. */
  onError(error: unknown): string | undefined;
}

/** The bytes of a value, once all of it is there. */
export async function encodeFlight(value: unknown, options: FlightOptions): Promise<Uint8Array<ArrayBuffer>> {
  const collector = new Collector();
  const stream = renderToPipeableStream(value, currentHost().clientReferences, options);
  // React asks for a Node stream and uses the few members that a destination has.
  stream.pipe(collector as unknown as Writable);
  await collector.ended;
  return collector.whole();
}

/** The bytes of a value of which nothing may be missing: throws what could not be written. */
export async function encodeAll(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  let failure: { error: unknown } | null = null;
  const bytes = await encodeFlight(value, {
    onError(error) {
      failure ??= { error };
      return undefined;
    },
  });
  // Assigned in a callback, which the type checker does not follow.
  const failed = failure as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  return bytes;
}

/** The value that bytes are. */
export function decodeFlight<T>(bytes: Uint8Array, temporaryReferences?: object): Promise<T> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return createFromReadableStream<T>(stream, { serverConsumerManifest: flightModules(), ...(temporaryReferences && { temporaryReferences }) });
}
