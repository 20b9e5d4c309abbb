import assert from "node:assert/strict";
import { DISGUISES, FORMS, METHODS, NOTHING, spellings } from "../forms.mjs";

const LEAK = /SECRET-(?:PAGE|OF|DATA|INNER|LAYOUT|MODAL|FROM)/;

/** Asks for guarded pages in every form; none of them may be shown. */
async function nobodySees(server, disguises, methods = ["GET"]) {
  let asked = 0;
  for (const path of ["/secret", "/secret/7", "/secret/data", "/inner", "/behind", "/behind/7"]) {
    for (const target of spellings(path, server.buildId)) {
      // The exception has a claim of its own.
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
    claim: "no spelling of a guarded path goes past the proxy, but for capital letters in the `source` of a rewrite",
    run: (server) => nobodySees(server, only("none"), METHODS),
  },
  {
    ids: ["S11"],
    claim: "as in Next, a rewrite takes its `source` in capitals too, and a matcher does not: what is behind a rewrite is guarded in each of them only by a matcher that says so",
    async run(server) {
      for (const headers of [{}, { rsc: "1" }]) {
        for (const target of ["/BEHIND/7", "/Behind/7"]) {
          const answer = await server.follow({ target, headers });
          assert.equal(answer.status, 200, target);
          assert.match(answer.body, /SECRET-OF/, target);
          assert.equal(answer.headers.has("x-proxy-saw"), false, target);
        }
        // Letters of the app's own paths are what they are: there is no such page.
        for (const target of ["/SECRET/7", "/Secret", "/INNER"]) {
          const answer = await server.follow({ target, headers });
          assert.equal(answer.status, 404, target);
          assert.doesNotMatch(answer.body, LEAK, target);
        }
      }
    },
  },
  {
    ids: ["CVE-2025-29927", "S13"],
    claim: "no header of a client skips the proxy, or leads elsewhere after it",
    run: (server) => nobodySees(server, only("middleware as a subrequest", "middleware of old as a subrequest", "middleware that is over", "another path", "forwarded action", "a revalidation", "another host")),
  },
  {
    ids: ["CVE-2026-44575", "CVE-2026-45109", "CVE-2026-64642"],
    claim: "payloads, prefetches and segments of a guarded page pass the proxy as the page does",
    run: (server) => nobodySees(server, only("payload", "prefetch", "runtime prefetch", "segment of the tree", "segment of the page", "interception", "interception from what is guarded", "interception of what is guarded", "state of the router")),
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
    ids: ["CVE-2026-27979", "CVE-2026-44579", "S22"],
    claim: "bodies of many clients at once are held to their limits, and those that nobody reads are not waited for",
    async run(server) {
      const many = (request) => Promise.all(Array.from({ length: 100 }, () => server.hold(request)));
      const resumed = { ...DISGUISES.resumed, "content-type": "text/plain" };
      // Begun, promised to be a gigabyte, and never sent: the page is answered without it.
      const begun = await many({ method: "POST", target: "/open", headers: { ...resumed, "content-length": String(1 << 30) }, sent: "x".repeat(1000) });
      await server.isWell();
      // Longer than the app allows the calls of its functions, in one piece that says so and in one that does not.
      const long = await many({ method: "POST", target: "/open", headers: { ...resumed, "next-action": server.actions.echo, "content-length": "100000" }, sent: "x".repeat(100_000) });
      const chunk = `${(100_000).toString(16)}\r\n${"x".repeat(100_000)}\r\n`;
      const endless = await many({ method: "POST", target: "/open", headers: { ...resumed, "next-action": server.actions.echo, "transfer-encoding": "chunked" }, sent: chunk });
      await server.isWell();
      for (const [held, wanted] of [[begun, [200, 405]], [long, [413, 500]], [endless, [413, 500]]]) {
        for (const { answer, close } of held) {
          assert.ok(wanted.includes(answer.status), `${answer.status}, not one of ${wanted}`);
          close();
        }
      }
      await server.isWell();
    },
  },
  {
    ids: ["S11", "CVE-2024-51479", "CVE-2026-44575", "CVE-2026-45109", "CVE-2026-64642", "CVE-2026-44573"],
    claim: "who may see it sees it in all its forms, and the proxy saw the path that was shown",
    async run(server) {
      const cookie = "session=yes";
      for (const [target, marker] of [["/secret", "SECRET-PAGE"], ["/inner", "SECRET-INNER"], ["/behind", "SECRET-PAGE"], ["/secret/7", "SECRET-OF"], ["/secret/data", "SECRET-DATA"], ["/behind/7", "SECRET-OF"]]) {
        for (const [form, headers] of Object.entries(FORMS)) {
          const answer = await server.follow({ target, headers: { ...headers, cookie } });
          assert.equal(answer.status, 200, `${target} as ${form}`);
          if (target.endsWith("/7") && answer.body === NOTHING) assert.ok("next-router-prefetch" in headers, `${target} as ${form}`);
          else assert.match(answer.body, new RegExp(marker), `${target} as ${form}`);
          assert.equal(answer.headers.get("x-proxy-saw"), target, `${target} as ${form}`);
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
      for (const [name, headers] of Object.entries(FORMS)) {
        const answer = await server.follow({ target: `/open/real?${internal}&own=1`, headers });
        assert.equal(answer.status, 200, name);
        assert.doesNotMatch(answer.body, /forged/, name);
        if ("next-router-prefetch" in headers && answer.body === NOTHING) continue;
        const text = answer.body.replaceAll("&quot;", '"').replace(/\\+"/g, '"');
        assert.match(text, /<i>real<\/i>|"i",null,\{"children":"real"\}/, name);
        // All that the page knows of the query.
        assert.match(text, /<b>\{"own":"1"\}<\/b>|"b",null,\{"children":"\{"own":"1"\}"\}/, name);
        assert.match(answer.headers.get("content-type"), headers.rsc === "1" ? /^text\/x-component/ : /^text\/html/, name);
      }
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
  {
    ids: ["S6", "S7"],
    claim: "a page that intercepts is shown to who may see both the page that it stands in for and the one that it stands on, and by no header to anybody else",
    async run(server) {
      const cookie = "session=yes";
      const tree = (...names) => encodeURIComponent(JSON.stringify(names.reduceRight((below, name) => [name, { children: below }], ["__PAGE__", {}])));
      for (const [target, origin, own, intercepted] of [["/secret/7", "/feed", /SECRET-OF/, /SECRET-FROM-FEED/], ["/photo/7", "/inner", /PHOTO/, /SECRET-MODAL/]]) {
        const allowed = await server.follow({ target, headers: { rsc: "1", "next-url": origin, cookie } });
        assert.equal(allowed.status, 200, target);
        assert.match(allowed.body, intercepted, `${target} is not intercepted`);
        assert.doesNotMatch(allowed.body, own, target);
        const spelt = [origin, `${origin}/`, `${origin}/x`, `${origin}/..${origin}`, `/x/..${origin}`, `/%${origin.charCodeAt(1).toString(16)}${origin.slice(2)}`, origin.toUpperCase(), `/${origin}`, `${origin}?x`, `${origin}#x`, `http://127.0.0.1${origin}`, `${origin}%2f`, `${origin}%00`, `\\${origin.slice(1)}`];
        const states = [{}, { "next-router-state-tree": tree("", origin.slice(1)) }, { "next-router-state-tree": tree("", origin.slice(1), "@modal", "(..)photo") }];
        const forms = [{}, { rsc: "1" }, { rsc: "1", "next-router-prefetch": "1" }, { rsc: "1", "next-router-prefetch": "2" }, ...["/_tree", "/_full", "/photo/$d$id/__PAGE__", `${origin}/@modal/(..)photo/$d$id/__PAGE__`].map((segment) => ({ rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": segment }))];
        for (const from of spelt) {
          for (const headers of forms.flatMap((form) => states.map((state) => ({ ...form, ...state, "next-url": from })))) {
            const answer = await server.follow({ target, headers });
            assert.doesNotMatch(answer.body, LEAK, `${target} from ${from} by ${JSON.stringify(headers)} (${answer.status})`);
            if (target === "/secret/7") assert.equal(answer.status, 401, from);
          }
        }
        // A document is the page itself, whoever asks.
        const document = await server.ask({ target, headers: { "next-url": origin, cookie } });
        assert.match(document.body, own, target);
        assert.doesNotMatch(document.body, intercepted, target);
      }
      // Who may not see the page that stands on it sees the page itself.
      const plain = await server.follow({ target: "/photo/7", headers: { rsc: "1", "next-url": "/inner" } });
      assert.equal(plain.status, 200);
      assert.match(plain.body, /PHOTO/);
      // Nor does the one who asks first decide what the others get.
      for (const cookies of [{ cookie }, {}, { cookie }, {}]) {
        const { body } = await server.follow({ target: "/photo/7", headers: { rsc: "1", "next-url": "/inner", ...cookies } });
        assert.equal(/SECRET-MODAL/.test(body), "cookie" in cookies);
      }
    },
  },
];
