import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestCookies, ResponseCookies } from "../next/web/cookies.ts";
import { parseCookies, parseSetCookie, serializeCookie } from "../shared/cookies.ts";
import { random } from "./random.ts";
import type { Random } from "./random.ts";

const CASES = 20_000;

/** What headers are made of, and what readers of them stumble over. */
const PIECES = ["a", "b", "session", "__proto__", "constructor", "=", "==", ";", "; ", ";;", " ", "\t", ",", '"', '"x y"', "%", "%2", "%zz", "%3B", "%3D", "%20", "%00", "%C3%A9", "%C3", "%C0%80", "%ED%A0%80", "%F0%9F%8D%9E", "%EF%BB%BF", "+", "é", "\u00a0", "\ufeff", "{}", "\\", "Path=/", "HttpOnly"] as const;

function headerOf({ below, pick }: Random): string {
  return Array.from({ length: below(12) }, () => pick(PIECES)).join("");
}

/** The bytes that a text stands for, escapes read; `null` if one of them is none. */
function bytesOf(text: string): Uint8Array | null {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== "%") {
      const letter = String.fromCodePoint(text.codePointAt(at) ?? 0);
      bytes.push(...new TextEncoder().encode(letter));
      at += letter.length - 1;
      continue;
    }
    const digits = text.slice(at + 1, at + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) return null;
    bytes.push(Number.parseInt(digits, 16));
    at += 2;
  }
  return Uint8Array.from(bytes);
}

function decoded(text: string): string | null {
  const bytes = bytesOf(text);
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The cookies of a header, letter by letter: pairs end at semicolons, names at the first equals sign, and what HTTP calls
 * white space is part of neither. */
function model(header: string): [string, string][] {
  const pairs = new Map<string, string>();
  let name: string | null = null;
  let text = "";
  const bare = (from: string): string => from.replace(/^[ \t]*/, "").replace(/[ \t]*$/, "");
  for (const letter of `${header};`) {
    if (letter === "=" && name === null) {
      name = bare(text);
      text = "";
    } else if (letter !== ";") {
      text += letter;
    } else {
      const value = name === null ? "true" : decoded(bare(text));
      const key = name ?? bare(text);
      if (value !== null && (name !== null || key !== "")) pairs.set(key, value);
      name = null;
      text = "";
    }
  }
  return [...pairs];
}

test("a cookie header is read as its pairs are, and nothing that a client sends makes a reader throw", () => {
  for (let seed = 0; seed < CASES; seed += 1) {
    const header = headerOf(random(seed));
    assert.deepEqual([...parseCookies(header)], model(header), `seed ${seed}: ${JSON.stringify(header)}`);
    parseSetCookie(header);
  }
});

const NAME = ["a", "B", "0", "!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~"] as const;
const VALUE = ["a", " ", ";", ",", "=", '"', "\\", "%", "%41", "\n", "\r", "\0", "é", "\u00a0", "\u2028", "🍞", "+", "<", "\ufeff"] as const;

function cookieFrom({ below, pick }: Random): { name: string; value: string } {
  const some = (pieces: readonly [string, ...string[]], length: number): string => Array.from({ length }, () => pick(pieces)).join("");
  return { name: some(NAME, 1 + below(6)), value: some(VALUE, below(8)) };
}

test("what a response sets is what its reader finds, and what a browser sends back", () => {
  for (let seed = 0; seed < CASES; seed += 1) {
    const choices = random(seed);
    const attributes = { path: choices.pick(["/", "/a"]), secure: choices.below(2) === 0, httpOnly: choices.below(2) === 0, maxAge: choices.pick([0, 60]) };
    const cookie = cookieFrom(choices);
    const line = serializeCookie({ ...cookie, ...attributes });
    const read = parseSetCookie(line);
    assert.deepEqual({ name: read?.name, value: read?.value, path: read?.path, maxAge: read?.maxAge, secure: read?.secure ?? false, httpOnly: read?.httpOnly ?? false }, { ...cookie, ...attributes }, `seed ${seed}: ${line}`);
    // A browser sends back what stands before the first semicolon.
    assert.deepEqual([...parseCookies(line.split(";")[0] ?? "")], [[cookie.name, cookie.value]], `seed ${seed}: ${line}`);
  }
});

test("several cookies are read back from one request, and from one response, each with its own value", () => {
  for (let seed = 0; seed < CASES / 10; seed += 1) {
    const choices = random(seed);
    const wanted = new Map(Array.from({ length: choices.below(6) }, () => cookieFrom(choices)).map(({ name, value }) => [name, value]));
    const [asked, answered] = [new Headers(), new Headers()];
    const [request, response] = [new RequestCookies(asked), new ResponseCookies(answered)];
    for (const [name, value] of wanted) {
      request.set(name, value);
      response.set(name, value);
    }
    const pairs = (cookies: { name: string; value: string }[]): [string, string][] => cookies.map(({ name, value }) => [name, value]);
    assert.deepEqual(pairs(new RequestCookies(asked).getAll()), [...wanted], `seed ${seed}`);
    assert.deepEqual(pairs(new ResponseCookies(answered).getAll()), [...wanted], `seed ${seed}`);
  }
});
