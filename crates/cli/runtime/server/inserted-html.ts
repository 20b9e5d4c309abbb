// What components want in the document with every flush: the styles that CSS-in-JS libraries collect while they render.
import { createElement, Fragment } from "react";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server.node";
import { joinBytes } from "./bytes.ts";
import type { Destination } from "./host.ts";

type Callback = () => ReactNode;

const encoder = new TextEncoder();
const HEAD_END = encoder.encode("</head>");

/** The callbacks of one document. */
export class InsertedHtml {
  readonly #callbacks: Callback[] = [];

  /** Asks `callback` with every flush from now on. */
  readonly add = (callback: Callback): void => void this.#callbacks.push(callback);

  /** Adds `node` to the next flush. */
  addOnce(node: ReactNode): void {
    let next = node;
    this.#callbacks.push(() => {
      const given = next;
      next = null;
      return given;
    });
  }

  /** A destination that adds what the callbacks return: to the head at first, before what is flushed later. */
  into(destination: Destination, onError: (error: unknown) => void): Destination {
    let held: Uint8Array[] | null = null;
    let started = false;
    const release = (): void => {
      if (held === null) return;
      const [chunks, html] = [joinBytes(held), this.#html(onError)];
      held = null;
      const at = started ? 0 : Math.max(indexOf(chunks, HEAD_END), 0);
      if (at > 0) destination.write(chunks.subarray(0, at));
      if (html !== "") destination.write(html);
      destination.write(chunks.subarray(at));
    };
    return {
      write: (chunk) => {
        if (held === null && this.#callbacks.length === 0) return destination.write(chunk);
        // Until the flush: what its components collected is known only then. The renderer reuses its buffer.
        (held ??= []).push(typeof chunk === "string" ? encoder.encode(chunk) : chunk.slice());
        return true;
      },
      flush() {
        release();
        started = true;
        destination.flush();
      },
      end() {
        release();
        destination.end();
      },
      on: (event, listener) => destination.on(event, listener),
      destroy: (error) => destination.destroy(error),
    };
  }

  #html(onError: (error: unknown) => void): string {
    try {
      return renderToStaticMarkup(createElement(Fragment, null, ...this.#callbacks.map((callback) => callback())));
    } catch (error) {
      onError(error);
      return "";
    }
  }
}

/** Where `wanted` begins in `bytes`; -1 if it does not. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
