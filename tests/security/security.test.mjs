// Every known hole that applies, tried on a guarded app as vinext builds and serves it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../browser/harness.mjs";
import { CORPUS } from "./corpus.mjs";
import { FINDINGS } from "./findings.mjs";
import { serve } from "./server.mjs";
import { renewed, written } from "./table.mjs";

test("known holes", async (context) => {
  const server = await serve(context);
  for (const name of ["record", "echo", "stringify", "keep", "away"]) assert.match(server.actions[name] ?? "", /^[0-9a-f]{42}$/, name);
  for (const { ids, claim, run } of CORPUS) {
    await context.test(`${ids.join(", ")}: ${claim}`, () => run(server));
  }
});

/** Whether a file has a test of this name: one that `cargo test`, `node --test` or the oracle runs. */
async function hasTest(file, name) {
  const path = join(root, file);
  if (file.endsWith("/oracle.mjs")) return name in (await import(pathToFileURL(path).href)).default;
  const text = readFileSync(path, "utf8");
  if (file.endsWith(".mjs")) return text.includes(`\ntest(${JSON.stringify(name)}, `);
  return new RegExp(`#\\[(?:tokio::)?test\\]\\s+(?:async )?fn ${name}\\(`).test(text);
}

test("every finding has a test, or says with what it arrives", async () => {
  for (const [id, { elsewhere = [], arrives }] of Object.entries(FINDINGS)) {
    const claims = CORPUS.filter(({ ids }) => ids.includes(id));
    assert.ok(claims.length + elsewhere.length > 0 !== (arrives !== undefined), id);
    for (const [file, name] of elsewhere) assert.ok(await hasTest(file, name), `${file}: ${name}`);
  }
  for (const id of CORPUS.flatMap(({ ids }) => ids)) assert.ok(id in FINDINGS, id);
});

test("docs/security.md has the table as it is", () => assert.equal(written(), renewed()));
