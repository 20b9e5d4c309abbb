import assert from "node:assert/strict";
import { DISGUISES, FORMS, NOTHING } from "../forms.mjs";

/** What a client may ask for first, or at the same time: of none of it is a page made that is not the page. */
const FIRST = {
  ...Object.fromEntries(Object.entries(DISGUISES).filter(([name]) => name !== "another host").map(([name, headers]) => [name, { headers }])),
  head: { method: "HEAD" },
  "head of a payload": { method: "HEAD", headers: { rsc: "1" } },
  "what it has already": { headers: { "if-none-match": "*" } },
  "a part": { headers: { range: "bytes=0-0" } },
  "a part of a payload": { headers: { rsc: "1", range: "bytes=0-0" } },
  post: { method: "POST", headers: { "content-type": "text/plain" }, body: "x" },
  options: { method: "OPTIONS" },
  "another method": { method: "DELETE" },
  "another kind of content": { headers: { accept: "application/json" } },
  "no longer": { isCut: true },
  "a payload no longer": { headers: { rsc: "1" }, query: "?_rsc=", isCut: true },
};

/** That a page is whole in its document and in its payload. */
async function isWhole(server, id, what) {
  for (const headers of [{}, { rsc: "1" }]) {
    const isPayload = headers.rsc === "1";
    const answer = await server.follow({ target: `/kept/${id}`, headers });
    assert.equal(answer.status, 200, what);
    assert.match(answer.headers.get("content-type"), isPayload ? /^text\/x-component/ : /^text\/html/, what);
    assert.equal(/^<!DOCTYPE html>/i.test(answer.body), !isPayload, what);
    assert.match(answer.body, /KEPT/, what);
    assert.match(answer.body, /WHOLE/, what);
    assert.match(answer.body, new RegExp(`[>"]${id}[<"]`), what);
    if (!isPayload) assert.match(answer.body, /<\/html>$/, what);
  }
}

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
    claim: "an answer that sets a cookie is nobody else's, in whatever form it is asked for",
    async run(server) {
      const cookies = new Set();
      let asked = 0;
      for (const headers of Object.values(FORMS)) {
        for (const method of ["GET", "HEAD", "GET"]) {
          const answer = await server.follow({ method, target: "/cookie", headers });
          assert.equal(answer.status, 200);
          cookies.add(answer.headers.get("set-cookie"));
          asked += 1;
          assert.doesNotMatch(answer.headers.get("cache-control") ?? "", /public|s-maxage/);
        }
      }
      assert.equal(cookies.size, asked);
      assert.ok(!cookies.has(undefined));
    },
  },
  {
    ids: ["CVE-2025-49826", "CVE-2025-32421", "CVE-2025-49005", "CVE-2026-44576"],
    claim: "a page that is made when it is asked for is whole for everybody, whatever was asked for first",
    async run(server) {
      for (const [index, [name, request]] of Object.entries(FIRST).entries()) {
        const id = `first-${index}`;
        const { query = "", ...rest } = request;
        await server.send({ ...rest, target: `/kept/${id}${query}` });
        await isWhole(server, id, name);
        // It is the store that is asked: what was filled wrongly would be seen.
        assert.equal((await server.ask({ target: `/kept/${id}` })).headers.get("x-nextjs-cache"), "HIT", name);
      }
    },
  },
  {
    ids: ["CVE-2025-32421", "CVE-2025-49826"],
    claim: "and for everybody who asks in another form at the same time",
    async run(server) {
      for (let round = 0; round < 20; round += 1) {
        const id = `together-${round}`;
        const order = Object.entries(FIRST);
        // Another one is the first each time.
        const turned = [...order.slice(round % order.length), ...order.slice(0, round % order.length)];
        await Promise.all([
          ...turned.map(async ([name, { isCut, query = "", ...request }]) => {
            const answer = await server.send({ ...request, isCut, target: `/kept/${id}${query}` });
            if (isCut || answer.status !== 200 || answer.body === "") return;
            const isPayload = request.headers?.rsc === "1";
            assert.match(answer.headers.get("content-type"), isPayload ? /^text\/x-component/ : /^text\/html/, `${name} in round ${round}`);
            assert.equal(/^<!DOCTYPE html>/i.test(answer.body), !isPayload, `${name} in round ${round}`);
            assert.match(answer.body, new RegExp(id), `${name} in round ${round}`);
          }),
          isWhole(server, id, `round ${round}`),
        ]);
        await isWhole(server, id, `after round ${round}`);
      }
    },
  },
  {
    ids: ["S3", "S23", "S7"],
    claim: "paths that differ in one letter, and only far behind, are other entries",
    async run(server) {
      const start = "k".repeat(200);
      const ids = ["a", "b", "aa", "ab", "ba", "a-b", "a_b", "A"].map((end) => `${start}${end}`);
      for (let round = 0; round < 2; round += 1) await Promise.all(ids.map((id) => isWhole(server, id, id)));
    },
  },
  {
    ids: ["CVE-2023-46298", "CVE-2021-43803"],
    claim: "nobody on the way keeps a prefetch in which there is nothing, nor one of a page that is made for each visitor",
    async run(server) {
      const seen = new Set();
      const prefetches = [FORMS.prefetch, FORMS["runtime prefetch"], FORMS["segment of the tree"], FORMS["segment of the page"], { "x-middleware-prefetch": "1", purpose: "prefetch" }, { "x-middleware-prefetch": "1", "x-nextjs-data": "1" }, { rsc: "1", "next-router-prefetch": "1", "next-router-state-tree": "x" }];
      for (const [target, isEverybodys] of [["/stored", true], ["/kept/prefetched", true], ["/open", false], ["/open/1", false], ["/slow/1", false], ["/scripted", false], ["/kept/fails", false], ["/nowhere", false], ["/throws", false]]) {
        for (const headers of prefetches) {
          for (const method of ["GET", "HEAD"]) {
            const answer = await server.follow({ method, target, headers });
            const what = `${method} ${target} by ${JSON.stringify(headers)} (${answer.status})`;
            if (isEverybodys) {
              assert.equal(answer.status, 200, what);
              if (method === "GET") assert.match(answer.body, /STORED|KEPT/, what);
            } else {
              assert.match(answer.headers.get("cache-control") ?? "", /no-store/, what);
              seen.add(answer.body);
            }
          }
        }
      }
      // There are such prefetches.
      assert.ok(seen.has(NOTHING));
    },
  },
  {
    ids: ["CVE-2025-49826"],
    claim: "a page that fails is not stored, and nobody on the way keeps its document, or that of one that says that there is nothing",
    async run(server) {
      for (let round = 0; round < 2; round += 1) {
        for (const headers of Object.values(FORMS)) {
          const fails = await server.follow({ target: "/kept/fails-1", headers });
          assert.equal(fails.headers.has("x-nextjs-cache"), false);
          assert.match(fails.headers.get("cache-control"), /no-store/);
          if (headers.rsc === "1") continue;
          const gone = await server.follow({ target: "/kept/gone-1", headers });
          assert.deepEqual([fails.status, gone.status], [500, 404]);
          assert.match(gone.headers.get("cache-control"), /no-store/);
        }
      }
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
