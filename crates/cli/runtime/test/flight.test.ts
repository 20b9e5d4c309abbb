import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFlight, flightStream } from "../client/flight.ts";
import { random } from "./random.ts";
import type { FlightEntry } from "../client/flight.ts";

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

test("text is encoded, base64 is decoded, the start mark is nothing", () => {
  const encoder = new TextEncoder();
  assert.equal(decodeFlight([0], encoder), null);
  assert.deepEqual(decodeFlight([1, "é"], encoder), new Uint8Array([0xc3, 0xa9]));
  assert.deepEqual(decodeFlight([3, "//4AgA=="], encoder), new Uint8Array([0xff, 0xfe, 0x00, 0x80]));
});

test("what was pushed before comes first, what is pushed later follows, and the end closes", async () => {
  let end = (): void => {};
  const { stream, push } = flightStream(
    [[0], [1, "a"], [3, btoa("b")]],
    new Promise<void>((resolve) => (end = resolve)),
  );
  push([1, "c"]);
  push([0]);
  push([1, "d"]);
  end();
  assert.equal(await textOf(stream), "abcd");
});

test("what is pushed after the end is dropped", async () => {
  const { stream, push } = flightStream([[1, "a"]], Promise.resolve());
  const text = await textOf(stream);
  assert.doesNotThrow(() => push([1, "late"]));
  assert.equal(text, "a");
});

test("any bytes, cut and encoded in any way, arrive as they were", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const from = random(seed);
    const bytes = new Uint8Array(from.below(400)).map(() => from.below(256));
    const entries: FlightEntry[] = [[0]];
    for (let at = 0; at < bytes.length;) {
      const chunk = bytes.subarray(at, (at += 1 + from.below(50)));
      let text: string | null = null;
      try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(chunk);
      } catch {
        // Not UTF-8: goes as base64.
      }
      entries.push(text === null ? [3, btoa(String.fromCharCode(...chunk))] : [1, text]);
    }
    const cut = from.below(entries.length + 1);
    let end = (): void => {};
    const { stream, push } = flightStream(entries.slice(0, cut), new Promise<void>((resolve) => (end = resolve)));
    entries.slice(cut).forEach(push);
    end();
    assert.deepEqual(new Uint8Array(await new Response(stream).arrayBuffer()), bytes, `seed ${seed}`);
  }
});
