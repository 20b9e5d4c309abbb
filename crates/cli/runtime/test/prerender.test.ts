// For how long answers may be kept, and what a build hears of them: a server module as a host uses it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Answer {
  status?: number;
  response?: number;
  age?: string;
  shared?: boolean;
  policy?: { revalidate: number | false; tags: string[] } | null;
  prerendered?: string;
  answers?: string[];
  length?: number;
  sent: string[];
  registered?: number;
}

let said: Record<string, Answer> = {};
const of = (name: string): Answer => {
  const answer = said[name];
  assert.ok(answer, name);
  return answer;
};

before(() => {
  const run = ["--conditions=react-server", "--import", here("./strip-types.mjs"), "--import", here("./react-server/references.mjs"), here("./react-server/serve.ts")];
  said = JSON.parse(execFileSync(process.execPath, run, { encoding: "utf8", env: { ...process.env, NODE_ENV: "production" } })) as Record<string, Answer>;
});

test("what is rendered for everybody is kept as long as the least of what went into it, with all tags", () => {
  for (const when of ["build", "start"]) {
    const timed = of(`${when} /timed/page`);
    assert.equal(timed.age, "s-maxage=60, stale-while-revalidate=31535940");
    assert.deepEqual(timed.policy, { revalidate: 60, tags: ["t", "_N_T_/layout", "_N_T_/timed/layout", "_N_T_/timed/page", "_N_T_/timed"] });
    assert.equal(timed.shared, true);
    const called = of(`${when} /called/page`);
    assert.equal(called.policy?.revalidate, 20);
    assert.equal(called.policy?.tags[0], "inner");
    for (const name of ["plain", "forced", "mode"]) assert.equal(of(`${when} /${name}/page`).policy?.revalidate, false, name);
    const handler = of(`${when} /api/route`);
    assert.equal(handler.age, "s-maxage=45, stale-while-revalidate=31535955");
    assert.equal(handler.policy?.revalidate, 45);
    assert.equal(handler.policy?.tags[0], "a");
  }
});

test("a build is told what depends on the request, and that is not rendered", () => {
  for (const name of ["/timed/page", "/called/page", "/plain/page", "/forced/page", "/mode/page", "/api/route"]) assert.equal(of(`build ${name}`).prerendered, "static", name);
  for (const name of ["/dynamic/page", "/reads/page", "/api-live/route"]) {
    const answer = of(`build ${name}`);
    assert.deepEqual([answer.status, answer.prerendered, answer.policy, answer.shared, answer.length], [204, "dynamic", null, false, 0], name);
  }
  // What came before the page turned out dynamic was sent, and is stored; the rest was not.
  assert.deepEqual(of("build /dynamic/page").sent, ["/left", "/kept"]);
  assert.deepEqual(of("build /api-live/route").sent, []);
  assert.equal(of("build").registered, 0);
});

test("a page that fails is kept by nobody, and a build hears of it", () => {
  assert.equal(of("build /fails/page").prerendered, "failed");
  for (const when of ["build", "start"]) {
    const { policy, shared, age } = of(`${when} /fails/page`);
    assert.deepEqual([policy, shared, age], [null, false, "private, no-cache, no-store, max-age=0, must-revalidate"]);
  }
});

test("a server renders what depends on the request, and registers once", () => {
  assert.deepEqual(of("start /dynamic/page").sent, ["/left", "/kept", "/left", "/dynamic"]);
  assert.equal(of("start /dynamic/page").age, "private, no-cache, no-store, max-age=0, must-revalidate");
  assert.equal(of("start /api-live/route").response, 200);
  assert.equal(of("start").registered, 1);
  for (const [name, { prerendered }] of Object.entries(said)) if (name.startsWith("start ")) assert.equal(prerendered, undefined, name);
});

test("what a build found to depend on the request is not tried again", () => {
  assert.deepEqual(of("known /dynamic/page").sent, ["/left", "/kept", "/dynamic"]);
  assert.equal(of("known /api/route").response, 200);
});
