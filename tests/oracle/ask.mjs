// Sends one request and reduces the answer to what users, crawlers and CDNs depend on.
import { visible } from "./visible.mjs";

const HEADERS = ["allow", "cache-control", "content-type", "link", "location", "refresh", "set-cookie", "vary", "x-powered-by"];

function normalHeader(name, value) {
  // A date that follows from the age.
  if (name === "set-cookie") return value.replace(/Expires=[^;]+; Max-Age=(?=[1-9])/g, "Expires=DATE; Max-Age=");
  if (name === "content-type") return value.toLowerCase().replace(/;\s*/g, "; ");
  if (name === "vary") return [...new Set(value.toLowerCase().split(/\s*,\s*/))].sort().join(", ");
  // Next says it twice of what its build has rendered.
  if (name === "x-nextjs-prerender") return [...new Set(value.split(/,\s*/))].join(", ");
  // Preloads of a build's own files have its hashes.
  if (name === "link") return value.split(/,\s*(?=<)/).filter((link) => !link.includes("/_next/")).join(", ");
  return value;
}

/**
 * What differs from build to build: where an app says that it is when it is not told (each server has another port, and
 * a build none), the hashes in the addresses of metadata files and of images, and the secret of draft mode.
 */
const CHANGING = [
  [/(__prerender_bypass=)[\w%.-]{32,}/g, "$1SECRET"],
  [/http:\/\/localhost:\d+/g, "http://localhost"],
  [/(\/(?:[\w-]+\.(?:ico|png|jpe?g|gif|svg))\?[\w-]+\.)[\w-]{13}\./g, "$1HASH."],
  [/(\/_next\/static\/media\/[\w-]+\.)[\w-]+\./g, "$1HASH."],
  [/((?:icon|image)\d?(?:\/[\w-]+)?\?)[0-9a-f]{16}\b/g, "$1HASH"],
];

export function anyBuild(text) {
  const named = text.replaceAll(process.env.ORACLE_UPSTREAM ?? "http://upstream", "http://upstream");
  return CHANGING.reduce((rest, [pattern, name]) => rest.replace(pattern, name), named);
}

/** Every preload of a `link` header, sorted. A build's own files are called by their kinds: each has them in its own pieces. */
function preloads(value) {
  const links = value.split(/,\s*(?=<)/).map((link) => link.replace(/<[^>]*\/_next\/[^>]*\.(\w+)(\?[^>]*)?>/, "<the build's $1>"));
  return [...new Set(links)].filter((link) => link !== "").sort();
}

const LIMIT = 15_000;
const BREAK = 50;

/** Sends a request, again and again until the answer is like `until`, if that is given. */
async function send(url, options, until) {
  const end = Date.now() + LIMIT;
  for (;;) {
    const response = await fetch(url, options);
    const text = anyBuild(await response.text());
    if (until === undefined || until.test(text)) return { response, text };
    if (Date.now() > end) return { response, text, failure: `nothing like ${until} was answered` };
    await new Promise((resolve) => setTimeout(resolve, BREAK));
  }
}

/**
 * `links`: what the `link` header names of the build's own is part of the answer. `stored`: so is whether it was stored.
 * `also`: further headers that are part of it. `until`: it is asked until the answer is like that, for what changes behind
 * the scenes.
 */
export async function ask(origin, { method = "GET", path, headers = {}, body, links = false, stored = false, also = [], until }) {
  const { response, text, failure } = await send(origin + path, { method, headers, body, redirect: "manual" }, until);
  const answer = { status: response.status, headers: {}, ...(failure && { failure }) };
  for (const name of [...HEADERS, ...also]) {
    const value = name === "set-cookie" ? response.headers.getSetCookie().join("\n") || null : response.headers.get(name);
    const normal = value === null ? "" : normalHeader(name, anyBuild(value.replaceAll(origin, "")));
    if (normal !== "") answer.headers[name] = normal;
  }
  if (stored) answer.stored = response.headers.get("x-nextjs-cache");
  if (links) answer.links = preloads(anyBuild((response.headers.get("link") ?? "").replaceAll(origin, "")));
  // What a fixture's own configuration adds.
  for (const [name, value] of response.headers) if (name.startsWith("x-app-")) answer.headers[name] = value.replaceAll(origin, "");
  const type = answer.headers["content-type"] ?? "";
  // What else an answer depends on is the app's own business.
  if (!/^text\/(html|x-component)/.test(type) || (response.status > 300 && response.status < 400)) delete answer.headers.vary;
  if (type.startsWith("text/html")) answer.document = visible(text);
  else if (/^image\/(?!svg)|^font\/|octet-stream/.test(type)) answer.bytes = text.length;
  else if (!type.startsWith("text/x-component")) answer.body = text.replaceAll(origin, "");
  return answer;
}
