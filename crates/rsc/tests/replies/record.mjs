// Writes `replies.json`: what React's `encodeReply` makes of arguments of every kind, and the forms that it renders for
// actions. `npm install && npm run record`; run again for a new React.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package looks them up when it is loaded.
globalThis.__webpack_require__ = (id) => modules[id];
globalThis.__webpack_chunk_load__ = () => Promise.resolve();
const require = createRequire(import.meta.url);
const { encodeReply, createServerReference, createTemporaryReferenceSet } = require("react-server-dom-webpack/client.node");
const modules = {};

const id = (digit) => `40${digit.repeat(40)}`;
const action = (digit) => createServerReference(id(digit), () => {});
const shared = { name: "shared", list: [1, 2] };

function cyclic() {
  const parent = { name: "parent", children: [] };
  parent.children.push({ parent }, { parent, first: parent.children });
  parent.self = parent;
  return parent;
}
function cyclicMap() {
  const map = new Map([["a", { deep: [1] }]]);
  const set = new Set([map]);
  map.set("self", map).set(set, [map.get("a"), map.get("a").deep]);
  return { map, set, again: map };
}
function cyclicPromise() {
  const object = { other: { list: [] } };
  object.self = Promise.resolve(object);
  object.inner = Promise.resolve(object.other);
  object.again = object.self;
  return object;
}
function lazy(value) {
  return { $$typeof: Symbol.for("react.lazy"), _payload: value, _init: (payload) => payload };
}
const form = () => {
  const form = new FormData();
  form.append("text", "a\u00e9\"\r\nb");
  form.append("file", new File(["bytes"], "a.txt", { type: "text/plain" }));
  form.append("text", "again");
  form.append("1:_S$@", "names are anything");
  return form;
};
const bytes = (length) => Uint8Array.from({ length }, (_, index) => index * 37).buffer;

/** Each gives the arguments of one call. */
const calls = {
  nothing: () => [],
  "not a list": () => "root",
  "an empty text": () => "",
  plain: () => [null, true, false, 0, 1.5, -1e300, "text", { a: { b: [] } }, [[]]],
  "numbers that JSON has no word for": () => [NaN, Infinity, -Infinity, -0, undefined, { gone: undefined }],
  texts: () => ["$", "$$", "$1", "$@0", "C", "\ud83d\ude00", "\ud800", "\u0000\u001f\"\\/", "\u2028", "__proto__"],
  "a long text": () => ["long ".repeat(300)],
  keys: () => [{ "": 1, a: { "b:c": [shared, shared] }, constructor: [1], prototype: {}, toString: "x", then: "later" }],
  dates: () => [new Date(0), new Date(-62198755200001), new Date(8640000000000000), new Date(NaN)],
  bigints: () => [0n, -1n, 2n ** 64n, -(10n ** 290n)],
  nested: () => [Object.assign({}, { nested: { deep: { deeper: {} } } })],
  shared: () => [shared, shared, shared.list, { shared }],
  "shared under a key named constructor": () => [{ constructor: shared }, shared, shared.list],
  cyclic: () => [cyclic()],
  "a cyclic root": () => { const root = []; root.push(root, { root }); return root; },
  map: () => [new Map(), new Map([["a", 1], [{ key: true }, [2]]])],
  "a root that is a map": () => new Map([[1, 2]]),
  set: () => [new Set(), new Set([1, "1", { a: 1 }])],
  "maps in sets in maps": () => [new Map([[new Set([new Map()]), new Set()]])],
  "a map twice": () => { const map = new Map([["a", shared]]); return [map, map, shared, { map }]; },
  "cyclic maps and sets": () => [cyclicMap()],
  iterators: () => [[1, shared][Symbol.iterator](), new Map([[1, 2]]).entries(), { *[Symbol.iterator]() { yield shared; } }],
  promises: () => [Promise.resolve(1), Promise.resolve({ a: Promise.resolve([shared]) }), Promise.resolve(undefined)],
  "a root that is a promise": () => Promise.resolve([1]),
  "a promise twice": () => { const promise = Promise.resolve(shared); return [promise, promise, shared]; },
  "cyclic promises": () => [cyclicPromise()],
  "a promise for what holds it": () => { const root = []; root.push(Promise.resolve(root)); return root; },
  lazies: () => [lazy(shared), lazy("text"), lazy(7), lazy(lazy(shared)), shared],
  "a root that is lazy": () => lazy([1, shared]),
  "a server function": () => [action("a")],
  "server functions": () => { const one = action("b"); return [one, one, { then: 1, one }, action("c").bind(null, 1, { bound: one }), shared]; },
  "server functions bound to server functions": () => [action("e").bind(null, action("f").bind(null, [shared, shared]))],
  "a server function with nothing bound": () => [action("d").bind(null)],
  "form data": () => [undefined, form(), form(), new FormData()],
  "form data alone": () => form(),
  "form data twice": () => { const data = form(); return [data, data]; },
  "form data behind many fields": () => [...Array.from({ length: 20 }, (_, index) => new Set([index])), form()],
  "an empty file": () => [new File([], "empty.bin")],
  blobs: () => { const blob = new Blob(["a"], { type: "image/png" }); return [blob, blob, new File(["b"], "\"b\u00e9.txt"), new Blob([])]; },
  buffers: () => [
    bytes(3), new Int8Array(bytes(3)), new Uint8Array(bytes(5), 1, 3), new Uint8ClampedArray(bytes(3)), new Int16Array(bytes(4)),
    new Uint16Array(bytes(4)), new Int32Array(bytes(8)), new Uint32Array(bytes(8)), new Float32Array(bytes(8)), new Float64Array(bytes(16)),
    new BigInt64Array(bytes(16)), new BigUint64Array(bytes(16)), new DataView(bytes(7)), new Uint8Array(), Buffer.from("node"),
  ],
  "a buffer twice": () => { const buffer = new Uint8Array(bytes(2)); return [buffer, buffer, buffer.buffer]; },
  streams: () => [
    new ReadableStream({ start(controller) { controller.enqueue({ a: shared }); controller.enqueue("C"); controller.enqueue(Promise.resolve(1)); controller.close(); } }),
    new ReadableStream({ start(controller) { controller.close(); } }),
    shared,
  ],
  "byte streams": () => [
    new ReadableStream({ type: "bytes", start(controller) { controller.enqueue(new Uint8Array(bytes(9))); controller.enqueue(new Uint8Array(bytes(2))); controller.close(); } }),
    new Blob(["stream"]).stream(),
  ],
  "async iterables": () => [
    { async *[Symbol.asyncIterator]() { yield 1; yield shared; return "last"; } },
    (async function* () { yield new Map([[1, 2]]); })(),
    (async function* () { return shared; })(),
    (async function* () {})(),
    shared,
  ],
  "temporary references": () => [() => {}, { render: () => {}, instance: new (class A {})() }, Symbol("s"), { $$typeof: Symbol.for("react.transitional.element"), type: "p", props: {} }],
  "a temporary root": () => new (class A {})(),
  "a temporary reference twice": () => { const instance = new (class A {})(); return [instance, { instance }]; },
  "deep": () => { let value = 0; for (let level = 0; level < 200; level++) value = level % 2 ? [value] : { value }; return [value]; },
  "deep maps": () => { let value = 0; for (let level = 0; level < 60; level++) value = new Map([["in", value]]); return [value]; },
  "many promises": () => Array.from({ length: 300 }, (_, index) => Promise.resolve({ index, shared })),
};

/** React writes these, and never finishes reading them. */
const endless = {
  "a server function bound to another argument": () => [action("a").bind(null, shared), shared],
  "a server function bound to all arguments": () => { const root = []; root.push(action("a").bind(null, root)); return root; },
  "a server function in a map, bound to the map": () => { const map = new Map(); map.set("in", action("a").bind(null, { map })); return [map]; },
};

/** What `<form action>` renders for these, with a field of the page's own; a button's action after its form's. */
const forms = {
  "an action": () => [action("1")],
  "an action with arguments": () => [action("2").bind(null, "hello", new Map([[1, new Date(0)]]), 5n)],
  "an action with a form bound": () => [action("3").bind(null, form(), new Uint8Array(bytes(2)))],
  "an action with an action bound": () => [action("4").bind(null, action("5").bind(null, 1))],
  "a button's action after its form's": () => [action("6").bind(null, 1), action("7")],
  "two with arguments": () => [action("8").bind(null, 1), action("9").bind(null, 2, shared, shared)],
};

const fieldsOf = async (data) => {
  const fields = [];
  for (const [name, value] of data) {
    const isFile = typeof value !== "string";
    const field = { name, value: isFile ? Buffer.from(await value.arrayBuffer()).toString("base64") : value };
    fields.push(isFile ? { ...field, filename: value.name } : field);
  }
  return fields;
};
/** The bytes that a browser would send, so that the reader of forms is checked by somebody else's writer. */
const bodyOf = async (data) => {
  const response = new Response(data);
  const boundary = response.headers.get("content-type").split("boundary=")[1];
  const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
  return Buffer.from(body.replaceAll(boundary, "recorded"), "latin1").toString("base64");
};

const recorded = { react: require("react").version, calls: {}, endless: {}, forms: {} };
for (const [kind, name, make] of [calls, endless].flatMap((all, kind) => Object.entries(all).map((one) => [kind, ...one]))) {
  const reply = await encodeReply(make(), { temporaryReferences: createTemporaryReferenceSet() });
  recorded[kind === 0 ? "calls" : "endless"][name] = typeof reply === "string" ? { text: reply } : { fields: await fieldsOf(reply), body: await bodyOf(reply) };
}
for (const [name, make] of Object.entries(forms)) {
  const data = new FormData();
  let prefix = 0;
  for (const action of make()) {
    let rendered;
    for (;;) {
      try {
        rendered = action.$$FORM_ACTION(String(++prefix));
        break;
      } catch (waits) {
        await waits;
      }
    }
    data.append(rendered.name, "");
    for (const [key, value] of rendered.data ?? []) data.append(key, value);
  }
  data.append("$ACTION_KEY", "k123");
  data.append("0", "a field of the page's own");
  data.append("upload", new File(["x"], "x.bin"));
  recorded.forms[name] = { fields: await fieldsOf(data), body: await bodyOf(data) };
}
writeFileSync(new URL("replies.json", import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`);
