import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const TEXT = "text/plain;charset=UTF-8";
const call = (server, id, body, more = {}) => server.ask({ method: "POST", target: more.target ?? "/open", headers: { accept: "text/x-component", "next-action": id, "content-type": TEXT, ...more.headers }, body });

const part = (name, value) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const multipart = (...parts) => `${parts.map(([name, value]) => part(name, value)).join("")}--b--\r\n`;
const FORM = "multipart/form-data; boundary=b";

/** Replies that made React's own reader, or one like it, go astray. */
const HOSTILE = {
  "walks to a constructor": [["0", '["$1:constructor:constructor"]'], ["1", "{}"]],
  "walks up a prototype": [["0", '["$1:__proto__:polluted"]'], ["1", "{}"]],
  "owns a prototype": [["0", '[{"__proto__":{"polluted":1}}]']],
  "a thenable chunk": [["0", '{"then":"$1:then","status":"resolved_model","value":"{}","_response":{"_prefix":"throw 1;"}}'], ["1", '"$@0"']],
  "a thenable argument": [["0", '[{"then":"$F1"}]'], ["1", '{"id":"x","bound":null}']],
  "a cycle of chunks": [["0", '["$1"]'], ["1", '["$2"]'], ["2", '["$1"]']],
  "a promise of itself": [["0", '["$@0"]']],
  "a server function that is none": [["0", '["$F1"]'], ["1", '{"id":"fs#readFileSync","bound":["$2"]}'], ["2", '"/etc/passwd"']],
  "a server function of the prototype": [["0", '["$F1"]'], ["1", '{"id":"__proto__","bound":null}']],
  "a map that is none": [["0", '["$Q1"]'], ["1", '{"length":1e9}']],
  "a set of everything": [["0", '["$W1"]'], ["1", `[${'"x",'.repeat(20_000)}"x"]`]],
  "a huge integer": [["0", `["$n${"9".repeat(50_000)}"]`]],
  "a stream without an end": [["0", '["$R1"]']],
  "an iterable without an end": [["0", '["$X1"]'], ["1", '"$1"']],
  "depth": [["0", `${"[".repeat(20_000)}${"]".repeat(20_000)}`]],
  "many references to one": [["0", `[${'"$1",'.repeat(10_000)}"$1"]`], ["1", `[${'"$2",'.repeat(1000)}"$2"]`], ["2", '"x"']],
  "a part without a name": [["", "x"]],
  "no root": [["1", "[]"]],
};

export default [
  {
    ids: ["CVE-2025-55182", "CVE-2025-66478", "CVE-2025-55184", "CVE-2025-67779", "CVE-2026-23864", "CVE-2026-23869", "CVE-2026-23870", "CVE-2026-64641", "S22"],
    claim: "arguments that React never writes are refused before anything reads them, and the server lives",
    async run(server) {
      for (const [name, parts] of Object.entries(HOSTILE)) {
        const bodies = [[multipart(...parts), { headers: { "content-type": FORM } }], ...(parts.length === 1 && parts[0][0] === "0" ? [[parts[0][1], {}]] : [])];
        for (const [body, more] of bodies) {
          for (const id of [server.actions.echo, "00".repeat(21)]) {
            const answer = await call(server, id, body, more);
            assert.ok([400, 409, 413, 500].includes(answer.status), `${name}: ${answer.status} ${answer.body.slice(0, 200)}`);
            assert.doesNotMatch(answer.body, /ECHO|root:|polluted/, name);
          }
        }
        // The same by a form, which has no id in a header.
        const form = multipart(...parts.map(([key, value]) => [`$ACTION_1:${key}`, value]), ["$ACTION_REF_1", ""]);
        const answer = await server.ask({ method: "POST", target: "/open", headers: { "content-type": FORM }, body: form });
        assert.ok([400, 409, 413, 500].includes(answer.status), `${name} by a form: ${answer.status}`);
      }
      await server.isWell();
      const proper = await call(server, server.actions.echo, '[{"a":[1]},"$D2026-01-01T00:00:00.000Z"]');
      assert.match(proper.body, /ECHO \[\{\\"a\\":\[1\]\}/);
    },
  },
  {
    ids: ["S22"],
    claim: "ids that are none, and names that every object has, lead nowhere",
    async run(server) {
      const wrong = ["__proto__", "constructor", "toString", "hasOwnProperty", "x", "00".repeat(20), "../".repeat(14), "%00".repeat(14), "vinext:runtime/server/entry.ts#default"];
      for (const id of wrong) {
        const answer = await call(server, id, "[]");
        assert.ok([400, 409].includes(answer.status), `${id}: ${answer.status}`);
        const form = multipart([`$ACTION_ID_${id}`, ""]);
        const byForm = await server.ask({ method: "POST", target: "/open", headers: { "content-type": FORM }, body: form });
        assert.ok([400, 409].includes(byForm.status), `${id} by a form: ${byForm.status}`);
      }
    },
  },
  {
    ids: ["S22"],
    claim: "a function that nothing of the app calls is not in the build's set, and is called by no id that the build has",
    async run(server) {
      // record; echo, stringify, keep and away; bound and unseal.
      assert.equal(server.functions.length, 7);
      const folder = join(server.dir, ".vinext/server");
      const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
      const ids = new Set(scripts.flatMap((name) => readFileSync(join(folder, name), "utf8").match(/\b[0-9a-f]{42}\b/g) ?? []));
      for (const id of server.functions) assert.ok(ids.has(id), id);
      for (const id of ids) {
        if (server.functions.includes(id)) continue;
        const answer = await call(server, id, "[]");
        assert.equal(answer.status, 409, id);
      }
    },
  },
  {
    ids: ["S22", "S6"],
    claim: "a function of a guarded page is not called through a page that is open",
    async run(server) {
      const { record } = server.actions;
      for (const target of ["/", "/open", "/open/1", "/stored", "/handler", "/nowhere", "/secret", "/secret/7"]) {
        for (const headers of [{}, { "x-action-forwarded": "1" }, { "next-router-state-tree": encodeURIComponent('["",{"children":["secret",{"children":["__PAGE__",{}]}]}]') }]) {
          const answer = await call(server, record, '["x"]', { target, headers });
          assert.doesNotMatch(answer.body, /SECRET-ACTION/, target);
        }
        const form = multipart(["$ACTION_REF_1", ""], ["$ACTION_1:0", JSON.stringify({ id: record, bound: null })]);
        const byForm = await server.ask({ method: "POST", target, headers: { "content-type": FORM }, body: form });
        assert.doesNotMatch(byForm.body, /SECRET-ACTION/, `${target} by a form`);
      }
      const allowed = await call(server, record, '["x"]', { target: "/secret", headers: { cookie: "session=yes" } });
      assert.match(allowed.body, /SECRET-ACTION x/);
      const elsewhere = await call(server, record, '["x"]', { target: "/", headers: { cookie: "session=yes" } });
      assert.match(elsewhere.body, /SECRET-ACTION x/);
    },
  },
  {
    ids: ["S14", "CVE-2026-27978"],
    claim: "another site cannot call a function, and no site is another site",
    async run(server) {
      const { echo } = server.actions;
      const foreign = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://trusted.example.evil.example", "https://sub.trusted.example", "http://127.0.0.1:9", "file://", "x"];
      for (const origin of foreign) {
        const answer = await call(server, echo, '["x"]', { headers: { origin } });
        assert.equal(answer.status, 500, origin);
        assert.doesNotMatch(answer.body, /ECHO/, origin);
        const form = multipart([`$ACTION_ID_${server.actions.keep}`, ""], ["word", "x"]);
        const byForm = await server.ask({ method: "POST", target: "/open", headers: { "content-type": FORM, origin }, body: form });
        assert.equal(byForm.status, 500, `${origin} by a form`);
        assert.doesNotMatch(byForm.headers.get("set-cookie") ?? "", /kept=/, origin);
      }
      for (const origin of ["http://127.0.0.1", "https://trusted.example"]) {
        assert.match((await call(server, echo, '["x"]', { headers: { origin } })).body, /ECHO/, origin);
      }
    },
  },
  {
    ids: ["S14"],
    claim: "as in Next, the host that an origin is compared with is the first of `x-forwarded-host`, else `Host`, and no other header",
    async run(server) {
      const { echo } = server.actions;
      const origin = "https://app.example";
      const asked = async (headers) => (await call(server, echo, '["x"]', { headers: { origin, ...headers } })).status;
      // Whoever stands in front of the server says it, and says it anew.
      assert.equal(await asked({ "x-forwarded-host": "app.example" }), 200);
      assert.equal(await asked({ "x-forwarded-host": "app.example, inner.example" }), 200);
      assert.equal(await asked({ host: "app.example" }), 200);
      for (const headers of [{}, { "x-forwarded-host": "inner.example, app.example" }, { host: "app.example", "x-forwarded-host": "inner.example" }, { forwarded: "host=app.example" }, { "x-host": "app.example" }, { "x-original-host": "app.example" }, { "x-forwarded-server": "app.example" }, { referer: "https://app.example/" }]) {
        assert.equal(await asked(headers), 500, JSON.stringify(headers));
      }
    },
  },
  {
    ids: ["S15", "S14"],
    claim: "a page of another site cannot get a browser to send the headers that a trusted proxy sends",
    async run(server) {
      for (const target of ["/open", "/", "/handler"]) {
        const preflight = await server.ask({ method: "OPTIONS", target, headers: { origin: "https://evil.example", "access-control-request-method": "POST", "access-control-request-headers": "x-forwarded-host,next-action" } });
        assert.equal(preflight.headers.has("access-control-allow-origin"), false, target);
        assert.equal(preflight.headers.has("access-control-allow-headers"), false, target);
      }
    },
  },
  {
    ids: ["S22"],
    claim: "a body that is longer than allowed is refused, whatever its headers say of it",
    async run(server) {
      const long = JSON.stringify(["x".repeat(70_000)]);
      const plain = await call(server, server.actions.echo, long);
      assert.ok([413, 500].includes(plain.status), String(plain.status));
      assert.doesNotMatch(plain.body, /ECHO/);
      const chunks = `${(70_000).toString(16)}\r\n${"x".repeat(70_000)}\r\n0\r\n\r\n`;
      const chunked = await call(server, server.actions.echo, chunks, { headers: { "transfer-encoding": "chunked" } });
      assert.ok([413, 500].includes(chunked.status), String(chunked.status));
      assert.doesNotMatch(chunked.body, /ECHO/);
    },
  },
  {
    ids: ["CVE-2025-55183"],
    claim: "a function that is made a string does not show its source",
    async run(server) {
      const { echo, stringify } = server.actions;
      const reference = multipart(["0", '["$h1"]'], ["1", JSON.stringify({ id: echo, bound: null })]);
      const answer = await call(server, stringify, reference, { headers: { "content-type": FORM } });
      assert.doesNotMatch(answer.body, /token|process\.env|ECHO|JSON\.stringify/);
      assert.match(answer.body, /STRING/);
      const bound = multipart(["0", '["$h1"]'], ["1", JSON.stringify({ id: echo, bound: "$@2" })], ["2", '["x"]']);
      const answered = await call(server, stringify, bound, { headers: { "content-type": FORM } });
      assert.doesNotMatch(answered.body, /token|process\.env|ECHO|JSON\.stringify/);
    },
  },
  {
    ids: ["CVE-2024-34351", "CVE-2026-64649"],
    claim: "a redirect in a function asks no host that a client names",
    async run(server) {
      const before = server.upstream.seen.length;
      const host = `127.0.0.1:${server.upstream.port}`;
      for (const headers of [{ host }, { "x-forwarded-host": host }, { host, origin: `http://${host}`, "x-forwarded-proto": "http" }, { host: "169.254.169.254" }]) {
        const answer = await call(server, server.actions.away, "[]", { headers });
        assert.ok([200, 500].includes(answer.status), String(answer.status));
        assert.doesNotMatch(answer.body, /SECRET-PAGE|UPSTREAM/);
      }
      assert.deepEqual(server.upstream.seen.slice(before), []);
    },
  },
  {
    ids: ["S25"],
    claim: "what a function captured is opened only as it was sealed, and for that function",
    async run(server) {
      const { body } = await server.ask({ target: "/sealed" });
      assert.doesNotMatch(body, /SEALED-VALUE/);
      const field = /name="(\$ACTION_\d+:\d+)" value="([^"]*)"/g;
      const fields = [...body.matchAll(field)].map(([, name, value]) => [name, value.replaceAll("&quot;", '"')]);
      const boxes = fields.filter(([, value]) => /^"[A-Za-z0-9+/=]{30,}"$/.test(value));
      assert.ok(boxes.length > 0, body);
      const sentFor = (name, own) => fields.filter(([other]) => other.startsWith(`${name.split(":")[0]}:`)).map(([other, its]) => [other, other === name ? own : its]);
      const send = (name, own) => server.ask({ method: "POST", target: "/sealed", headers: { "content-type": FORM }, body: multipart([name.split(":")[0].replace("$ACTION_", "$ACTION_REF_"), ""], ...sentFor(name, own)) });
      for (const [name, value] of boxes) {
        // As it is, it is opened: the function says how long what it has captured is.
        const opened = await send(name, value);
        assert.equal(opened.status, 200, `${name}: ${opened.body}`);
        assert.match(opened.headers.get("set-cookie") ?? "", /^bound=18;/, name);
        for (const forged of [value.replace(/[A-Za-z]/, (letter) => (letter === "A" ? "B" : "A")), '"AAAA"', '""', "[]", '"INNER-SEALED-VALUE"', '["INNER-SEALED-VALUE"]']) {
          const answer = await send(name, forged);
          assert.ok(answer.status >= 400, `${name}=${forged}: ${answer.status}`);
          assert.equal(answer.headers.has("set-cookie"), false, `${name}=${forged}`);
        }
      }
    },
  },
];
