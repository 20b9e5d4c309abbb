// The Flight rows that a document carries in its scripts, as the byte stream that React reads.

/** What a document's script pushes: the start mark, text, or bytes that are not UTF-8. */
export type FlightEntry = readonly [0] | readonly [1, string] | readonly [3, string];

/** The bytes of one entry; `null` for the start mark. */
export function decodeFlight(entry: FlightEntry, encoder: TextEncoder): Uint8Array | null {
  if (entry[0] === 1) return encoder.encode(entry[1]);
  if (entry[0] === 3) return Uint8Array.from(atob(entry[1]), (char) => char.charCodeAt(0));
  return null;
}

/** A stream of what was pushed already and of what will be pushed until `ended` settles. */
export function flightStream(pushed: readonly FlightEntry[], ended: Promise<unknown>) {
  const encoder = new TextEncoder();
  let push: (entry: FlightEntry) => void = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let open = true;
      push = (entry) => {
        const bytes = decodeFlight(entry, encoder);
        if (bytes !== null && open) controller.enqueue(bytes);
      };
      pushed.forEach(push);
      void ended.then(() => {
        open = false;
        controller.close();
      });
    },
  });
  return { stream, push: (entry: FlightEntry) => push(entry) };
}
