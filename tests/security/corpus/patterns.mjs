import assert from "node:assert/strict";

const LONG = "a".repeat(10_000);

/** Where a pattern of the app meets what a visitor sends, and the header that shows that it took it. */
const PLACES = {
  "a path": [(text) => ({ target: `/again/${text}` }), "location"],
  "a header": [(text) => ({ target: "/again", headers: { "x-again": text } }), "location"],
  "a query": [(text) => ({ target: `/again?again=${text}` }), "location"],
  "a cookie": [(text) => ({ target: "/again", headers: { cookie: `again=${text}` } }), "location"],
  "a path of the proxy": [(text) => ({ target: `/matched/${text}` }), "x-proxy-saw"],
};

const config = (routes) => `export default { ${routes} };`;
const redirect = (source, has = "") => config(`async redirects() { return [{ source: ${JSON.stringify(source)}, ${has} destination: "/open", permanent: false }]; }`);

/** Patterns that no engine matches in linear time, by the text that the build has to show. */
const REFUSED = {
  "/again/:x((?!b)\\w+)*": { "next.config.mjs": redirect("/again/:x((?!b)\\w+)*") },
  "(?<=a)b": { "next.config.mjs": redirect("/again", `has: [{ type: "header", key: "x", value: "(?<=a)b" }],`) },
  "a{9999}{9999}": { "next.config.mjs": redirect("/again", `has: [{ type: "query", key: "x", value: "a{9999}{9999}" }],`) },
  "/:x((?!y)z\\w*)+": { "proxy.ts": `export function proxy() {}\nexport const config = { matcher: ["/:x((?!y)z\\\\w*)+"] };` },
};

export default [
  {
    ids: ["S20"],
    claim: "what makes a backtracking engine try for ever is answered, wherever a pattern of the app meets it",
    async run(server) {
      for (const [place, [request, shows]] of Object.entries(PLACES)) {
        const taken = await server.ask(request(`${"a".repeat(12)}b`));
        assert.ok(taken.headers.has(shows), `${place}: the pattern takes nothing`);
        for (const text of [`${LONG}c`, LONG, `${"ab".repeat(5000)}c`]) {
          const answer = await server.ask(request(text));
          assert.equal(answer.status, 404, place);
          assert.equal(answer.headers.has(shows), false, place);
        }
      }
      await server.isWell();
    },
  },
  {
    ids: ["S20"],
    claim: "a pattern that needs backtracking is refused at build, and shown",
    run(server) {
      for (const [pattern, files] of Object.entries(REFUSED)) {
        const { isBuilt, said } = server.built(files);
        assert.equal(isBuilt, false, pattern);
        assert.ok(said.includes(pattern), `${pattern} is not in ${said}`);
        assert.match(said, /linear time|too large/, pattern);
      }
    },
  },
];
