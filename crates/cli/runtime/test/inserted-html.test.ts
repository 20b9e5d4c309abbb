import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { Collector } from "../server/collect.ts";
import { InsertedHtml } from "../server/inserted-html.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function document(run: (inserted: InsertedHtml, flushed: (...parts: string[]) => void) => void): { text: string; errors: unknown[] } {
  const errors: unknown[] = [];
  const collector = new Collector();
  const inserted = new InsertedHtml();
  const destination = inserted.into(collector, (error) => errors.push(error));
  run(inserted, (...parts) => {
    for (const part of parts) destination.write(bytes(part));
    destination.flush();
  });
  destination.end();
  return { text: Buffer.concat(collector.chunks).toString(), errors };
}

test("what is collected first goes to the head, even when it is cut anywhere", () => {
  const { text } = document((inserted, flushed) => {
    inserted.add(() => createElement("style", null, "a{}"));
    flushed("<html><head><title>é</title></he", "ad><body>");
    flushed("</body></html>");
  });
  assert.equal(text, "<html><head><title>é</title><style>a{}</style></head><body><style>a{}</style></body></html>");
});

test("what is collected later comes before what needs it", () => {
  const rules: string[] = [];
  const { text } = document((inserted, flushed) => {
    flushed("<head></head>first");
    inserted.add(() => rules.splice(0).map((rule) => createElement("style", { key: rule }, rule)));
    rules.push("b{}");
    flushed("second");
    flushed("third");
  });
  assert.equal(text, "<head></head>first<style>b{}</style>secondthird");
});

test("a callback that fails costs only what it would have added", () => {
  const { text, errors } = document((inserted, flushed) => {
    inserted.add(() => {
      throw new Error("no rules");
    });
    flushed("<head></head>all");
  });
  assert.equal(text, "<head></head>all");
  assert.equal(String(errors[0]), "Error: no rules");
});

test("without callbacks nothing is held back", () => {
  const collector = new Collector();
  new InsertedHtml().into(collector, () => {}).write(bytes("at once"));
  assert.equal(collector.chunks.length, 1);
});
