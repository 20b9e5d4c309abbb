// The part of a document that users and crawlers see: title, metadata, and the body's elements with their attributes.
// What frameworks put in for themselves (scripts, preloads, hidden templates, comments) is left out.
import { parse } from "parse5";

const NOISE = new Set(["script", "template", "style", "noscript", "next-route-announcer"]);

/** Browsers write styles in their own way. */
function style(value) {
  return value.replace(/\s*([:;,])\s*/g, "$1").replace(/;$/, "").replace(/\b0px\b/g, "0");
}

function attributes(node) {
  return Object.fromEntries(node.attrs.map(({ name, value }) => [name, name === "style" ? style(value) : value]).sort());
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
  // A set, so that one line more is one difference more; React may hoist the same line twice.
  return Object.fromEntries(lines.sort().map((line) => [line, true]));
}

function text(node) {
  return (node.childNodes ?? []).map((child) => (child.nodeName === "#text" ? child.value : text(child))).join("");
}

/**
 * What React puts into a form for its action. Ids, keys and sealed values are each build's own, and the parts come in any
 * order; that there is an action, and which arguments it uses, is the same.
 */
function actionField(a) {
  // A form that the browser has made has no use without scripts, and React says so.
  if ((a.action ?? "").startsWith("javascript:throw new Error('A React form")) return { ...a, action: "", enctype: "multipart/form-data", method: "POST" };
  const name = a.name ?? "";
  if (!name.startsWith("$ACTION_")) return a;
  if (name.startsWith("$ACTION_ID_")) return { ...a, name: name.slice(0, "$ACTION_ID_".length + 2) };
  if (name.startsWith("$ACTION_REF_")) return { ...a, name: "$ACTION_REF" };
  return null;
}

/** What `Activity` keeps out of sight. */
const isKept = (a) => (a.style ?? "").includes("display:none!important") || (a.style ?? "").includes("display:none !important");

function element(node, found, live, streamed) {
  if (node.nodeName === "#text") return node.value;
  if (node.nodeName === "#comment" || NOISE.has(node.nodeName)) return null;
  if (["title", "meta", "link"].includes(node.nodeName)) {
    found.push(node);
    return null;
  }
  const a = actionField(attributes(node));
  if (a === null || (live && isKept(a))) return null;
  const inside = () => content(node, found, live, streamed);
  // What streaming has not yet put in place.
  if ("hidden" in a && (a.id ?? "").startsWith("S:")) {
    const children = inside();
    if (children.length > 0) streamed.push(children);
    return null;
  }
  const children = inside();
  // Metadata on its way: in the end React has taken it to the head.
  const isEmpty = live ? children.length === 0 : (node.childNodes ?? []).every((child) => child.nodeName === "#comment");
  if ("hidden" in a && Object.keys(a).length === 1 && isEmpty) return null;
  const opening = [node.nodeName, ...Object.entries(a).map(([key, value]) => (value === "" ? key : `${key}=${JSON.stringify(value)}`))].join(" ");
  return { [opening]: children };
}

function content(node, found, live, streamed) {
  const children = [];
  for (const child of node.childNodes ?? []) {
    const value = element(child, found, live, streamed);
    if (value === null) continue;
    if (typeof value === "string" && typeof children.at(-1) === "string") children[children.length - 1] += value;
    else children.push(value);
  }
  return children;
}

/** `live`: the document is taken from a browser, after its scripts have run. */
export function visible(html, { live = false } = {}) {
  const document = parse(html);
  const root = document.childNodes.find((node) => node.nodeName === "html");
  const head = root.childNodes.find((node) => node.nodeName === "head");
  const body = root.childNodes.find((node) => node.nodeName === "body");
  const found = [...head.childNodes];
  const streamed = [];
  const shown = element(body, found, live, streamed);
  const all = { html: attributes(root), head: metadata(found), body: shown };
  // Which of them comes first is a matter of time.
  return streamed.length === 0 ? all : { ...all, streamed: streamed.map((part) => JSON.stringify(part)).sort().map((part) => JSON.parse(part)) };
}
