import assert from "node:assert/strict";
import { FORMS } from "../forms.mjs";

export default [
  {
    ids: ["S12"],
    claim: "a file for the proxy that exports none does not build",
    run(server) {
      for (const text of ["export function Proxy() {}", "export const proxy = 1;", "export const config = { matcher: [] };", "function proxy() {}", "export default { proxy() {} };", ""]) {
        const { isBuilt, said } = server.built({ "proxy.ts": text });
        assert.equal(isBuilt, false, text);
        assert.match(said, /proxy/, text);
      }
    },
  },
  {
    ids: ["S12"],
    claim: "a proxy that throws is a 500 in each form of the page, and never a pass",
    async run(server) {
      for (const headers of [{}, { rsc: "1" }, { rsc: "1", "next-router-prefetch": "1" }, { "x-nextjs-data": "1" }]) {
        const answer = await server.ask({ target: "/throws", headers });
        assert.equal(answer.status, 500);
        assert.doesNotMatch(answer.body, /the proxy fails/);
      }
    },
  },
  {
    ids: ["CVE-2026-44572", "GHSA-3g8h-86w9-wvmq"],
    claim: "a redirect of the proxy is a redirect, whatever header says that data was asked for",
    async run(server) {
      for (const headers of [{}, { "x-nextjs-data": "1" }]) {
        const answer = await server.ask({ target: "/moved", headers });
        assert.equal(answer.status, 307);
        assert.equal(new URL(answer.headers.get("location"), "http://127.0.0.1").pathname, "/open");
        assert.equal(answer.headers.has("x-nextjs-redirect"), false);
      }
    },
  },
  {
    ids: ["CVE-2025-57822"],
    claim: "headers of a request that a proxy copies into its answer route nothing",
    async run(server) {
      const before = server.upstream.seen.length;
      const headers = { location: "http://evil.example/", "x-middleware-rewrite": `http://127.0.0.1:${server.upstream.port}/stolen`, "x-middleware-redirect": "http://evil.example/", "x-middleware-next": "0", "x-middleware-override-headers": "x-from-proxy", "x-middleware-request-x-from-proxy": "forged" };
      for (const [name, form] of Object.entries(FORMS)) {
        for (const method of ["GET", "HEAD", "POST"]) {
          // A payload is asked for at its own URL; there it is that the proxy copies the headers.
          const answer = await server.follow({ method, target: "/copied", headers: { ...headers, ...form } });
          assert.ok(![301, 302, 303, 307, 308].includes(answer.status), `${method} ${name}: ${answer.status}`);
          assert.equal(answer.headers.has("location"), false, `${method} ${name}`);
          assert.equal(server.upstream.seen.length, before, `${method} ${name}`);
          assert.doesNotMatch(answer.body, /forged/, `${method} ${name}`);
        }
      }
    },
  },
  {
    ids: ["S13"],
    claim: "what the framework says of itself neither enters nor leaves by headers",
    async run(server) {
      const internal = ["x-middleware-rewrite", "x-middleware-next", "x-middleware-subrequest", "x-middleware-request-cookie", "x-middleware-set-cookie", "x-middleware-override-headers", "x-invoke-path", "x-invoke-query", "x-matched-path", "x-now-route-matches", "x-nextjs-data", "next-resume", "x-next-resume-state-length", "x-prerender-revalidate", "x-action-forwarded"];
      const answer = await server.ask({ target: "/handler", headers: { ...Object.fromEntries(internal.map((name) => [name, "1"])), "x-own": "kept" } });
      const { seen } = JSON.parse(answer.body);
      assert.equal(seen["x-own"], "kept");
      for (const name of internal) assert.equal(name in seen, false, name);
      for (const name of answer.headers.keys()) assert.doesNotMatch(name, /^x-(?:middleware|invoke)-/);
    },
  },
  {
    ids: ["S13", "CVE-2025-29927"],
    claim: "a client cannot say what the proxy says to the page",
    async run(server) {
      const answer = await server.ask({ target: "/open", headers: { "x-middleware-override-headers": "x-from-proxy", "x-middleware-request-x-from-proxy": "forged", "x-from-proxy": "forged" } });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<i>\/open<\/i>|<i>forged, \/open<\/i>/);
      assert.doesNotMatch(answer.body, /<i>forged<\/i>/);
    },
  },
  {
    ids: ["S5", "S4"],
    claim: "what the proxy adds to an answer is that request's alone, though the page comes from the store",
    async run(server) {
      const paths = ["/open/stored", "/open/stored?x=1", "/open/stored"];
      for (const [name, headers] of Object.entries(FORMS)) {
        for (const target of paths) {
          for (const method of ["GET", "HEAD"]) {
            const answer = await server.follow({ method, target, headers });
            assert.equal(answer.status, 200, `${method} ${name}`);
            assert.equal(answer.headers.get("x-proxy-saw"), "/open/stored", `${method} ${name}`);
            assert.match(answer.headers.get("set-cookie"), /^seen=%2Fopen%2Fstored;/, `${method} ${name}`);
          }
        }
        const other = await server.follow({ target: "/stored", headers });
        assert.equal(other.headers.has("x-proxy-saw"), false, name);
        assert.equal(other.headers.has("set-cookie"), false, name);
      }
    },
  },
  {
    ids: ["S12"],
    claim: "files in public/ are guarded where the matcher says so",
    async run(server) {
      for (const target of ["/own.txt", "/%6fwn.txt"]) {
        const answer = await server.ask({ target });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("x-proxy-saw"), "/own.txt");
      }
    },
  },
];
