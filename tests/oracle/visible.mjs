// The part of a document that users and crawlers see: title, metadata, and the body's elements with their attributes.
// What frameworks put in for themselves (scripts, preloads, hidden templates, comments) is left out.
import { parse } from "parse5";

const NOISE = new Set(["script", "template", "style", "noscript", "next-route-announcer"]);

function attributes(node) {
  return Object.fromEntries(node.attrs.map(({ name, value }) => [name, name === "style" ? value.replace(/\s*([:;])\s*/g, "$1").replace(/;$/, "") : value]).sort());
}

function metadata(head) {
  const lines = [];
  for (const node of head) {
    const { nodeName } = node;
    const a = attributes(node);
    if (nodeName === "title") lines.push(`title: ${text(node)}`);
    else if (nodeName === "meta" && a.name !== "next-size-adjust") lines.push(`meta: ${Object.entries(a).map(([key, value]) => `${key}=${value}`).join(" ")}`);
    else if (nodeName === "link" && !["preload", "modulepreload", "stylesheet", "expect"].includes(a.rel)) lines.push(`link: ${Object.entries(a).map(([key, value]) => `${key}=${value}`).join(" ")}`);
  }
  return lines.sort();
}

function text(node) {
  return (node.childNodes ?? []).map((child) => (child.nodeName === "#text" ? child.value : text(child))).join("");
}

function element(node, found) {
  if (node.nodeName === "#text") return node.value;
  if (node.nodeName === "#comment" || NOISE.has(node.nodeName)) return null;
  if (["title", "meta", "link"].includes(node.nodeName)) {
    found.push(node);
    return null;
  }
  const a = attributes(node);
  // What streaming has not yet put in place.
  if ("hidden" in a && (a.id ?? "").startsWith("S:")) return null;
  if ("hidden" in a && Object.keys(a).length === 1 && (node.childNodes ?? []).every((child) => child.nodeName === "#comment")) return null;
  const children = [];
  for (const child of node.childNodes ?? []) {
    const value = element(child, found);
    if (value === null) continue;
    if (typeof value === "string" && typeof children.at(-1) === "string") children[children.length - 1] += value;
    else children.push(value);
  }
  const opening = [node.nodeName, ...Object.entries(a).map(([key, value]) => (value === "" ? key : `${key}=${JSON.stringify(value)}`))].join(" ");
  return { [opening]: children };
}

export function visible(html) {
  const document = parse(html);
  const root = document.childNodes.find((node) => node.nodeName === "html");
  const head = root.childNodes.find((node) => node.nodeName === "head");
  const body = root.childNodes.find((node) => node.nodeName === "body");
  const found = [...head.childNodes];
  const shown = element(body, found);
  return { html: attributes(root), head: metadata(found), body: shown };
}
