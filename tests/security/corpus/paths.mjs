import assert from "node:assert/strict";
import { DISGUISES, METHODS, spellings } from "../forms.mjs";

const LEAK = /SECRET-(?:PAGE|OF|DATA)/;

/** Asks for guarded pages in every form; none of them may be shown. */
async function nobodySees(server, disguises, methods = ["GET"]) {
  let asked = 0;
  for (const path of ["/secret", "/secret/7", "/secret/data", "/behind", "/behind/7"]) {
    for (const target of spellings(path, server.buildId)) {
      // The app's own door: letters of a rewrite's `source` are small or capital, as in Next, and those of a matcher are not.
      if (target === path.toUpperCase() && path.startsWith("/behind")) continue;
      for (const [disguise, headers] of Object.entries(disguises)) {
        for (const method of methods) {
          const answer = await server.follow({ method, target, headers });
          assert.doesNotMatch(answer.body, LEAK, `${method} ${target} as ${disguise} (${answer.status})`);
          assert.ok(answer.status > 0, `${method} ${target} as ${disguise} has no answer`);
          asked += 1;
        }
      }
    }
  }
  await server.isWell();
  return asked;
}

const only = (...names) => Object.fromEntries(names.map((name) => [name, DISGUISES[name]]));

export default [
  {
    ids: ["S11", "CVE-2024-51479"],
    claim: "no spelling of a guarded path goes past the proxy",
    run: (server) => nobodySees(server, only("none"), METHODS),
  },
  {
    ids: ["CVE-2025-29927", "S13"],
    claim: "no header of a client skips the proxy, or leads elsewhere after it",
    run: (server) => nobodySees(server, only("middleware as a subrequest", "middleware of old as a subrequest", "middleware that is over", "another path", "forwarded action", "a revalidation", "another host")),
  },
  {
    ids: ["CVE-2026-44575", "CVE-2026-45109", "CVE-2026-64642"],
    claim: "payloads, prefetches and segments of a guarded page pass the proxy as the page does",
    run: (server) => nobodySees(server, only("payload", "prefetch", "runtime prefetch", "segment of the tree", "segment of the page", "state of the router")),
  },
  {
    ids: ["CVE-2026-44573"],
    claim: "data of a guarded page cannot be had by the URL or the header of data",
    run: (server) => nobodySees(server, only("data")),
  },
  {
    ids: ["CVE-2025-59472", "CVE-2026-27979", "CVE-2026-44579"],
    claim: "a client cannot resume a render, whatever it sends along",
    async run(server) {
      await nobodySees(server, only("resumed"));
      for (const target of ["/", "/open", "/stored"]) {
        const answer = await server.ask({ method: "POST", target, headers: { ...DISGUISES.resumed, "content-type": "text/plain" }, body: "x".repeat(100_000) });
        assert.ok([200, 405].includes(answer.status), `${target}: ${answer.status}`);
      }
      await server.isWell();
    },
  },
  {
    ids: ["S11", "CVE-2024-51479"],
    claim: "who may see it sees it in all its forms, and the proxy saw the path that was shown",
    async run(server) {
      const cookie = "session=yes";
      for (const [target, marker] of [["/secret", "SECRET-PAGE"], ["/secret/7", "SECRET-OF"], ["/secret/data", "SECRET-DATA"], ["/behind/7", "SECRET-OF"]]) {
        for (const headers of [{}, target.endsWith("data") ? {} : { rsc: "1" }]) {
          const answer = await server.follow({ target, headers: { ...headers, cookie } });
          assert.equal(answer.status, 200, target);
          assert.match(answer.body, new RegExp(marker), target);
          assert.equal(answer.headers.get("x-proxy-saw"), target);
        }
      }
    },
  },
  {
    ids: ["S11", "S8"],
    claim: "over HTTP/2 the same holds for :path and :authority",
    async run(server) {
      for (const target of spellings("/secret", server.buildId).filter((target) => target.startsWith("/"))) {
        for (const headers of [{}, { rsc: "1" }, { ":authority": "elsewhere.example" }]) {
          const answer = await server.ask2({ target, headers });
          assert.doesNotMatch(answer.body, LEAK, target);
        }
      }
      await server.isWell();
    },
  },
  {
    ids: ["S16", "CVE-2020-15242", "CVE-2021-37699"],
    claim: "no redirect of the server leads to a host that the path names",
    async run(server) {
      const hosts = ["evil.example", "evil.example/", "evil.example/..", "evil.example/%2f..", "evil.example//", "user@evil.example/x/"];
      const starts = ["//", "///", "/\\", "\\\\", "\\/", "/%5c", "/%2f", "/%2f%2f", "/./", "/.//", "/x/..//", "/%09/", "/%0d%0a/", "/old//", "/old/\\", "/old/%2f", "/old/%5c%5c"];
      for (const target of starts.flatMap((start) => hosts.map((host) => start + host))) {
        for (const headers of [{}, { rsc: "1" }]) {
          const { status, headers: answered } = await server.ask({ target, headers });
          const location = answered.get("location");
          if (location === undefined) continue;
          assert.equal(new URL(location, "http://own.example/").host, "own.example", `${target}: ${status} ${location}`);
          assert.doesNotMatch(location, /^[/\\]{2}|[\r\n]/, target);
        }
      }
    },
  },
  {
    ids: ["CVE-2021-43803", "S11"],
    claim: "a path that cannot be decoded is a 400, and the server lives",
    async run(server) {
      for (const target of ["/%", "/%2", "/%zz", "/open/%E0%A4%A", "/open/%c3%28", "/open/%ff", "/open/%00", "/_next/static/%", "/_next/image?url=%", "/files/%C0%AF"]) {
        const answer = await server.ask({ target });
        assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`);
      }
      for (const target of ["*", "x", "127.0.0.1:80", "mailto:x", "/a b", "/\u0001"]) {
        const answer = await server.ask({ target });
        assert.ok(answer.status === 0 || (answer.status >= 400 && answer.status < 500), `${target}: ${answer.status}`);
      }
      await server.isWell();
    },
  },
  {
    ids: ["CVE-2026-44574", "CVE-2024-46982"],
    claim: "queries that a framework uses internally change no parameter and reach no page",
    async run(server) {
      const internal = "nxtPid=forged&nxtP1=x&nxtIid=forged&%6extPid=forged&__nextLocale=xx&__nextDataReq=1&__next_dynamic=1&_rsc=1&__nextIsNotFound=1";
      const answer = await server.ask({ target: `/open/real?${internal}&own=1` });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<i>real<\/i>/);
      assert.match(answer.body, /<b>\{&quot;own&quot;:&quot;1&quot;\}<\/b>/);
      assert.match(answer.headers.get("content-type"), /^text\/html/);
    },
  },
  {
    ids: ["S6", "S7"],
    claim: "a header that says where a visitor comes from selects no route and no other entry of the store",
    async run(server) {
      for (const origin of ["/secret", "/secret/7", "/secret/data", "//evil.example", "/%", "x".repeat(5000)]) {
        for (const target of ["/stored", "/open/1", "/handler"]) {
          const answer = await server.follow({ target, headers: { rsc: "1", "next-url": origin } });
          assert.doesNotMatch(answer.body, LEAK, `${target} from ${origin}`);
          assert.match(answer.body, target === "/handler" ? /"url"/ : /STORED|OPEN-OF/, `${target} from ${origin}`);
        }
      }
      const document = await server.ask({ target: "/stored", headers: { "next-url": "/secret" } });
      assert.match(document.headers.get("content-type"), /^text\/html/);
      assert.match(document.body, /STORED/);
    },
  },
];
