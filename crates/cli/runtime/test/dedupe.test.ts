import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test("what one render reads is sent once, and everybody gets a response of their own", () => {
  const said = execFileSync(process.execPath, ["--conditions=react-server", "--import", here("./strip-types.mjs"), here("./react-server/dedupe.ts")], { encoding: "utf8" });
  const { inOneRender, inAnother, outside, answers } = JSON.parse(said) as { inOneRender: string[]; inAnother: number; outside: number; answers: string[] };
  const x = "https://api.example/x";
  assert.deepEqual(inOneRender.sort(), [`GET ${x}`, `GET ${x}`, `GET ${x}`, `HEAD ${x}`, `POST ${x}`, `POST ${x}`]);
  assert.equal(inAnother, inOneRender.length);
  // A handler or a server function asks each time.
  assert.equal(outside, 2);
  assert.equal(answers.length, 10);
});
