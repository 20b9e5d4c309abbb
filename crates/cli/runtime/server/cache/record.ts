// What the data cache keeps: a head as JSON, and a body as it was. Pure.

/** What is kept beside the body of a response. */
export interface RecordHead {
  status: number;
  headers: [string, string][];
  url: string;
}

const LENGTH = 4;

/** The head's text. */
export function headText({ status, headers, url }: RecordHead): string {
  return JSON.stringify({ status, headers, url });
}

/** A record as bytes: the length of the head in 4 bytes (big-endian), the head, the body. */
export function encodeRecord(head: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(head);
  const whole = new Uint8Array(LENGTH + text.length + body.length);
  new DataView(whole.buffer).setUint32(0, text.length);
  whole.set(text, LENGTH);
  whole.set(body, LENGTH + text.length);
  return whole;
}

/** The record that bytes are. Throws if they are none. */
export function decodeRecord<Head>(value: Uint8Array): { head: Head; body: Uint8Array<ArrayBuffer> } {
  const length = new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0);
  const from = LENGTH + length;
  if (from > value.length) throw new Error("a stored record ends too early");
  const head = JSON.parse(new TextDecoder().decode(value.subarray(LENGTH, from))) as Head;
  return { head, body: new Uint8Array(value.subarray(from)) };
}
