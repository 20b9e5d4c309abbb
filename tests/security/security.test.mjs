// Every known hole that applies, tried on a guarded app as vinext builds and serves it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
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

test("every finding has a test, or says with what it arrives", () => {
  for (const [id, { elsewhere = [], arrives }] of Object.entries(FINDINGS)) {
    const claims = CORPUS.filter(({ ids }) => ids.includes(id));
    assert.ok(claims.length + elsewhere.length > 0 !== (arrives !== undefined), id);
    for (const [file, name] of elsewhere) assert.ok(readFileSync(join(root, file), "utf8").includes(name), `${file}: ${name}`);
  }
  for (const id of CORPUS.flatMap(({ ids }) => ids)) assert.ok(id in FINDINGS, id);
});

test("docs/security.md has the table as it is", () => assert.equal(written(), renewed()));
