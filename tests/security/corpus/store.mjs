import assert from "node:assert/strict";
import { DISGUISES } from "../forms.mjs";

export default [
  {
    ids: ["CVE-2025-49005", "CVE-2026-44576", "CVE-2025-32421", "S7"],
    claim: "documents and payloads of one page are told apart by the store and by whoever stores them on the way",
    async run(server) {
      for (let round = 0; round < 3; round += 1) {
        for (const headers of Object.values(DISGUISES)) {
          const answer = await server.follow({ target: "/stored", headers });
          if (answer.status >= 300) continue;
          const isPayload = headers.rsc === "1";
          assert.match(answer.headers.get("content-type"), isPayload ? /^text\/x-component/ : /^text\/html/, JSON.stringify(headers));
          assert.match(answer.headers.get("vary") ?? "", /rsc/i, JSON.stringify(headers));
          assert.equal(/^<!DOCTYPE html>/i.test(answer.body), !isPayload, JSON.stringify(headers));
        }
      }
    },
  },
  {
    ids: ["CVE-2026-44582", "S8"],
    claim: "a payload is at one URL for each of its forms, and the digest in it has 64 bits at least",
    async run(server) {
      for (const target of ["/stored", "/stored?_rsc=", "/stored?_rsc=x", "/stored?_rsc=1&_rsc=2"]) {
        const answer = await server.ask({ target, headers: { rsc: "1", "next-router-state-tree": "x" } });
        assert.equal(answer.status, 307, target);
        const digest = new URL(answer.headers.get("location"), "http://x").searchParams.getAll("_rsc");
        assert.equal(digest.length, 1, target);
        // Six bits a character.
        assert.ok(digest[0].length * 6 >= 64, digest[0]);
        const other = await server.ask({ target, headers: { rsc: "1", "next-router-prefetch": "1", "next-router-state-tree": "x" } });
        assert.notEqual(other.headers.get("location"), answer.headers.get("location"));
      }
    },
  },
  {
    ids: ["S8", "CVE-2024-46982"],
    claim: "headers and queries that nobody knows make no further entries of a stored page",
    async run(server) {
      await server.ask({ target: "/stored" });
      for (let index = 0; index < 50; index += 1) {
        const headers = { "next-url": `/x${index}`, "next-router-state-tree": `x${index}`, "next-router-segment-prefetch": `/x${index}`, "x-nextjs-data": String(index), "x-forwarded-host": `h${index}.example`, cookie: `a=${index}`, authorization: `Bearer ${index}`, "x-now-route-matches": `1=${index}` };
        const answer = await server.ask({ target: `/stored?x=${index}`, headers });
        assert.equal(answer.headers.get("x-nextjs-cache"), "HIT");
        assert.match(answer.body, /STORED/);
      }
    },
  },
  {
    ids: ["S15"],
    claim: "who asks first for what is stored leaves no host, port or scheme of theirs in it",
    async run(server) {
      const headers = { host: "evil.example:81", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "81" };
      await server.ask({ target: "/address/new", headers });
      const answer = await server.ask({ target: "/address/new" });
      assert.equal(answer.headers.get("x-nextjs-cache"), "HIT");
      assert.match(answer.body, /^ADDRESS http:\/\/localhost:\d+\/address\/new localhost:\d+ null$/);
    },
  },
  {
    ids: ["S4"],
    claim: "an answer that sets a cookie is nobody else's",
    async run(server) {
      const first = await server.ask({ target: "/cookie" });
      const second = await server.ask({ target: "/cookie" });
      assert.notEqual(first.headers.get("set-cookie"), second.headers.get("set-cookie"));
      assert.doesNotMatch(`${first.headers.get("cache-control")} ${second.headers.get("cache-control")}`, /public|s-maxage/);
    },
  },
  {
    ids: ["CVE-2025-49826", "CVE-2021-43803"],
    claim: "answers without content, and errors, are not stored as the page",
    async run(server) {
      await server.ask({ method: "HEAD", target: "/fresh" });
      await server.ask({ target: "/fresh", headers: { "if-none-match": "*" } });
      await server.ask({ target: "/fresh", headers: { range: "bytes=0-0" } });
      await server.follow({ target: "/fresh", headers: { rsc: "1", "next-router-prefetch": "1" } });
      const answer = await server.ask({ target: "/fresh" });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /FRESH/);
    },
  },
];
