// The oracle: asks the real Next and vinext the same, and compares the answers.
//
//   node oracle.mjs record [FIXTURE]   builds and serves the fixtures on Next, and writes what it answered
//   node oracle.mjs check [FIXTURE]    builds and serves them on vinext, and compares with what is written
//   node oracle.mjs coverage           which lines of the surface the fixtures pin
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixturesFolder, recordsFolder } from "./folders.mjs";
import { ask } from "./ask.mjs";
import { serveOnNext, serveOnVinext } from "./serve.mjs";

const [command = "check", only] = process.argv.slice(2);
const differences = JSON.parse(readFileSync(new URL("./differences.json", import.meta.url), "utf8"));

const names = readdirSync(fixturesFolder).filter((name) => existsSync(join(fixturesFolder, name, "oracle.mjs")) && (!only || name === only));

async function fixture(name) {
  return (await import(join(fixturesFolder, name, "oracle.mjs"))).default;
}

async function answers(name, serve) {
  const { requests } = await fixture(name);
  const { origin, stop } = await serve(name);
  try {
    const all = {};
    for (const request of requests) all[request.name ?? `${request.method ?? "GET"} ${request.path}`] = await ask(origin, request);
    return all;
  } finally {
    await stop();
  }
}

/** Paths at which two answers differ. */
function differing(expected, actual, path = "") {
  if (Object.is(expected, actual)) return [];
  if (typeof expected !== "object" || typeof actual !== "object" || expected === null || actual === null) {
    return [{ path, expected, actual }];
  }
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) => differing(expected[key], actual[key], path ? `${path}.${key}` : key));
}

async function record() {
  mkdirSync(recordsFolder, { recursive: true });
  for (const name of names) {
    const recorded = await answers(name, serveOnNext);
    writeFileSync(join(recordsFolder, `${name}.json`), `${JSON.stringify(recorded, null, 2)}\n`);
    console.log(`${name}: ${Object.keys(recorded).length} answers recorded`);
  }
}

async function check() {
  let asked = 0;
  let kept = 0;
  let failed = 0;
  for (const name of names) {
    const expected = JSON.parse(readFileSync(join(recordsFolder, `${name}.json`), "utf8"));
    const actual = await answers(name, serveOnVinext);
    for (const [request, answer] of Object.entries(expected)) {
      asked++;
      for (const { path, expected: theirs, actual: ours } of differing(answer, actual[request] ?? {})) {
        const reason = differences.find((entry) => entry.fixture === name && new RegExp(`^${entry.request}$`).test(request) && new RegExp(`^${entry.path}$`).test(path));
        if (reason) {
          kept++;
          continue;
        }
        failed++;
        console.log(`✖ ${name}: ${request}\n    ${path}\n      next:   ${JSON.stringify(theirs)}\n      vinext: ${JSON.stringify(ours)}`);
      }
    }
  }
  console.log(`oracle: ${asked} answers of ${names.length} fixtures compared, ${failed} differences, ${kept} kept on purpose`);
  if (failed > 0) process.exitCode = 1;
}

async function coverage() {
  for (const name of names) {
    const { pins, requests } = await fixture(name);
    console.log(`${name}: ${requests.length} requests; ${pins.join("; ")}`);
  }
}

await { record, check, coverage }[command]();
