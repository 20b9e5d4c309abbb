// The oracle: asks the real Next and vinext the same, and compares the answers.
//
//   node oracle.mjs record [FIXTURE...]   builds and serves the fixtures on Next, and writes what it answered
//   node oracle.mjs check [FIXTURE...]    builds and serves them on vinext, and compares with what is written
//   node oracle.mjs diff FIXTURE...       shows both sides of every answer that is not the same
//   node oracle.mjs coverage              which lines of the surface the fixtures pin, and which have none
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./ask.mjs";
import { tryCase, unsaid } from "./cases.mjs";
import { differing, reasonFor, unused } from "./compare.mjs";
import { openBrowser, play } from "./flow.mjs";
import { fixturesFolder, recordsFolder } from "./folders.mjs";
import { openGates } from "./gates.mjs";
import { BuildFailure, onNext, onVinext } from "./serve.mjs";
import { sideBySide } from "./side-by-side.mjs";
import { COVERED, lines, pinned } from "./surface.mjs";
import { openUpstream } from "./upstream.mjs";

const [command = "check", ...only] = process.argv.slice(2);

const names = readdirSync(fixturesFolder).filter((name) => existsSync(join(fixturesFolder, name, "oracle.mjs")) && (only.length === 0 || only.includes(name)));
for (const name of only) if (!names.includes(name)) throw new Error(`there is no fixture ${name}`);

async function fixture(name) {
  const { pins = [], requests = [], flows = [], broken, exported, cases } = (await import(join(fixturesFolder, name, "oracle.mjs"))).default;
  return { pins, requests, flows, broken, exported, cases };
}

const nameOf = (request) => request.name ?? `${request.method ?? "GET"} ${request.path}`;

/** A machine without a browser compares the rest. */
const withFlows = process.env.ORACLE_FLOWS !== "no";
let browser;
const gates = await openGates();
process.env.ORACLE_GATES = gates.url;
const upstream = await openUpstream();
process.env.ORACLE_UPSTREAM = upstream.url;

/** A flow that says something else than expected is played once more: a busy machine is no difference. It is reported. */
async function playAgain(origin, flow, first, disagrees) {
  if (!disagrees(first)) return first;
  const second = await play(browser, gates, origin, flow);
  if (!disagrees(second)) console.log(`⚠ ${flow.name}: as expected at the second try only`);
  return second;
}

async function answers(name, side, disagrees = () => false) {
  const { requests, flows, broken, exported, cases } = await fixture(name);
  upstream.forget();
  if (cases !== undefined) {
    const all = {};
    for (const [key, one] of Object.entries(cases)) all[`build: ${key}`] = await tryCase(side.build, name, one);
    return all;
  }
  let server;
  try {
    server = await side.serve(name, exported);
  } catch (error) {
    if (broken === undefined || !(error instanceof BuildFailure)) throw error;
    // The words are each side's own, but these have to be there.
    const missing = unsaid(broken, error.message);
    return { build: missing.length === 0 ? { fails: true } : { fails: true, missing, said: error.message } };
  }
  const { origin, stop } = server;
  upstream.deliverFor(origin);
  try {
    const all = {};
    if (broken !== undefined) all.build = { fails: false };
    if (server.files !== undefined) all.files = server.files;
    const put = (key, value) => {
      if (key in all) throw new Error(`${name}: two answers are called ${key}`);
      all[key] = value;
    };
    for (const request of requests) put(nameOf(request), await ask(origin, request));
    for (const flow of withFlows ? flows : []) {
      browser ??= await openBrowser();
      const key = `flow: ${flow.name}`;
      put(key, await playAgain(origin, flow, await play(browser, gates, origin, flow), (answer) => disagrees(key, answer)));
    }
    return all;
  } finally {
    await stop();
  }
}

/** How many things an answer says: a request one, a flow one for each state. */
function weight(answer) {
  return answer.states ? Object.keys(answer.states).length : 1;
}

async function record() {
  mkdirSync(recordsFolder, { recursive: true });
  for (const name of names) {
    const recorded = await answers(name, onNext);
    for (const [key, { failure, missing, said }] of Object.entries(recorded)) {
      if (failure) throw new Error(`${name}: ${key}: ${failure}`);
      if (missing) throw new Error(`${name}: the build said nothing like ${missing.join(", ")}:\n${said}`);
    }
    if (recorded.build?.fails === false) throw new Error(`${name}: Next builds it`);
    writeFileSync(join(recordsFolder, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
    console.log(`${name}: ${Object.values(recorded).reduce((sum, answer) => sum + weight(answer), 0)} answers recorded`);
  }
}

function recordOf(name) {
  const file = join(recordsFolder, `${name}.json`);
  if (!existsSync(file)) throw new Error(`${name} has not been recorded: node oracle.mjs record ${name}`);
  return JSON.parse(readFileSync(file, "utf8"));
}

async function check() {
  const total = { answers: 0, flows: 0, kept: 0, failed: 0 };
  for (const name of names) {
    const begun = performance.now();
    const failed = total.failed;
    let expected = {};
    let actual = {};
    try {
      expected = recordOf(name);
      const disagrees = (key, answer) => answer.failure !== undefined || differing(expected[key], answer).some(({ path, actual }) => !isKept(name, key, path, actual));
      actual = await answers(name, onVinext, disagrees);
    } catch (error) {
      total.failed++;
      console.log(`✖ ${name}: ${error.message}`);
      expected = {};
    }
    for (const key of Object.keys(actual)) if (!(key in expected)) report(name, key, { path: "", expected: "not recorded", actual: "asked" });
    for (const [key, answer] of Object.entries(expected)) {
      if (answer.states && !withFlows) continue;
      total.answers += weight(answer);
      if (answer.states) total.flows++;
      if (actual[key]?.failure) report(name, key, { path: "failure", expected: "no failure", actual: actual[key].failure });
      for (const difference of differing(answer, actual[key] ?? "not asked")) report(name, key, difference);
    }
    console.log(`${total.failed === failed ? "✔" : "✖"} ${name} (${Math.round(performance.now() - begun)} ms)`);
  }
  for (const entry of unused(names)) console.log(`the difference of ${entry.fixture}, ${entry.answer}, ${entry.path} is there no more: take it out`);
  console.log(`oracle: ${total.answers} answers (${total.flows} flows) of ${names.length} fixtures compared, ${total.failed} differences, ${total.kept} kept on purpose`);
  if (total.failed > 0) process.exitCode = 1;

  function report(name, key, { path, expected, actual }) {
    if (path !== "failure" && isKept(name, key, path, actual)) return void total.kept++;
    total.failed++;
    console.log(`✖ ${name}: ${key}\n    ${path}\n      next:   ${JSON.stringify(expected)}\n      vinext: ${JSON.stringify(actual)}`);
  }
}

/** Whether a difference is one on purpose. A warning or error that only Next has is no loss. */
function isKept(name, key, path, actual) {
  return (path.startsWith("console.") && actual === undefined) || reasonFor(name, key, path) !== undefined;
}

async function diff() {
  for (const name of names) {
    const expected = recordOf(name);
    const actual = await answers(name, onVinext);
    for (const key of Object.keys({ ...expected, ...actual })) {
      const found = differing(expected[key], actual[key]);
      if (found.length === 0) continue;
      console.log(`\n${name}: ${key}`);
      for (const reason of new Set(found.map(({ path }) => reasonFor(name, key, path) ?? "not on purpose"))) console.log(`  (${reason})`);
      console.log(sideBySide("next", expected[key], "vinext", actual[key]));
    }
  }
}

async function coverage() {
  const all = lines();
  if (all === undefined) return void console.log("the contract, ../shared/SURFACE.md, is not beside the checkout: what the fixtures pin of it is not checked");
  const covered = new Set();
  let rotten = 0;
  let asked = 0;
  for (const name of names) {
    const { pins, requests, flows, broken } = await fixture(name);
    asked += requests.length + (broken ? 1 : 0);
    for (const pin of [...pins, ...flows.flatMap((flow) => flow.pins ?? [])]) {
      const found = pinned(pin, all);
      if (found.length === 0) {
        rotten++;
        console.log(`${name}: no line of the surface is "${pin}"`);
      }
      for (const line of found) covered.add(line);
    }
    console.log(`${name}: ${requests.length} requests, ${flows.length} flows`);
  }
  console.log(`\n${asked} requests of ${names.length} fixtures. Lines of the surface that are pinned, and those that are not:`);
  for (const section of COVERED) {
    const here = all.filter((line) => line.section === section);
    const open = here.filter((line) => !covered.has(line));
    console.log(`${section}: ${here.length - open.length} of ${here.length}`);
    for (const { text } of open) console.log(`   - ${text.slice(0, 110)}`);
  }
  if (rotten > 0) process.exitCode = 1;
}

try {
  await { record, check, diff, coverage }[command]();
} finally {
  await browser?.close();
  gates.close();
  upstream.close();
}
