// Sends one request and reduces the answer to what users, crawlers and CDNs depend on.
import { visible } from "./visible.mjs";

const HEADERS = ["allow", "cache-control", "content-type", "link", "location", "refresh", "set-cookie", "vary", "x-powered-by"];

function normalHeader(name, value) {
  if (name === "content-type") return value.toLowerCase().replace(/;\s*/g, "; ");
  if (name === "vary") return [...new Set(value.toLowerCase().split(/\s*,\s*/))].sort().join(", ");
  // Preloads of a build's own files have its hashes.
  if (name === "link") return value.split(/,\s*(?=<)/).filter((link) => !link.includes("/_next/")).join(", ");
  return value;
}

export async function ask(origin, { method = "GET", path, headers = {}, body }) {
  const response = await fetch(origin + path, { method, headers, body, redirect: "manual" });
  const text = await response.text();
  const answer = { status: response.status, headers: {} };
  for (const name of HEADERS) {
    const value = name === "set-cookie" ? response.headers.getSetCookie().join("\n") || null : response.headers.get(name);
    const normal = value === null ? "" : normalHeader(name, value.replaceAll(origin, ""));
    if (normal !== "") answer.headers[name] = normal;
  }
  const type = answer.headers["content-type"] ?? "";
  // What else an answer depends on is the app's own business.
  if (!/^text\/(html|x-component)/.test(type) || (response.status > 300 && response.status < 400)) delete answer.headers.vary;
  if (type.startsWith("text/html")) answer.document = visible(text);
  else if (/^image\/(?!svg)|^font\/|octet-stream/.test(type)) answer.bytes = text.length;
  else if (!type.startsWith("text/x-component")) answer.body = text.replaceAll(origin, "");
  return answer;
}
