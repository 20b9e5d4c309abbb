// Sends one request and reduces the answer to what users, crawlers and CDNs depend on.
import { visible } from "./visible.mjs";

const HEADERS = ["allow", "cache-control", "content-type", "location", "set-cookie", "x-powered-by"];

function normalHeader(name, value) {
  if (name === "content-type") return value.toLowerCase().replace(/;\s*/g, "; ");
  return value;
}

export async function ask(origin, { method = "GET", path, headers = {}, body }) {
  const response = await fetch(origin + path, { method, headers, body, redirect: "manual" });
  const text = await response.text();
  const answer = { status: response.status, headers: {} };
  for (const name of HEADERS) {
    const value = name === "set-cookie" ? response.headers.getSetCookie().join("\n") || null : response.headers.get(name);
    if (value !== null) answer.headers[name] = normalHeader(name, value.replaceAll(origin, ""));
  }
  const type = answer.headers["content-type"] ?? "";
  if (type.startsWith("text/html")) answer.document = visible(text);
  else if (!type.startsWith("text/x-component")) answer.body = text.replaceAll(origin, "");
  return answer;
}
