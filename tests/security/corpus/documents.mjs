import assert from "node:assert/strict";

const BREAKS = ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028alert(1)\u2029", "'\"><img src=x onerror=alert(1)>", "--><script>alert(1)</script>", "${alert(1)}", "\\u003c/script>", "</title><script>alert(1)</script>", "</style><script>alert(1)</script>"];

export default [
  {
    ids: ["S19", "CVE-2026-44580"],
    claim: "what a visitor sends stays text in the document, in its attributes and in its scripts",
    async run(server) {
      for (const text of BREAKS) {
        const coded = encodeURIComponent(text);
        const answer = await server.ask({ target: `/open/${coded}?q=${coded}&${coded}=1`, headers: { cookie: `visitor=${coded}` } });
        assert.equal(answer.status, 200, text);
        assert.doesNotMatch(answer.body, /<script>alert|<img src=x|<\/script><script>alert|<!--<script>/, text);
        // Of every script that begins, one ends: none was ended early.
        const begun = answer.body.match(/<script[\s>]/g) ?? [];
        const ended = answer.body.match(/<\/script>/g) ?? [];
        assert.equal(begun.length, ended.length, text);
        assert.doesNotMatch(answer.body, /[\u2028\u2029](?=[^<]*<\/script>)/, text);
      }
    },
  },
  {
    ids: ["CVE-2026-44580", "S19"],
    claim: "what a visitor sends breaks out of no attribute of a page, of no property of `next/script` and of no code that is given to it",
    async run(server) {
      const count = (body, pattern) => (body.match(pattern) ?? []).length;
      const plain = await server.ask({ target: "/scripted?text=plain" });
      assert.equal(plain.status, 200);
      for (const shown of [/title="plain"/, /data-text="plain"[^>]*id="early-plain"|id="early-plain"[^>]*data-text="plain"/, /self\.said = "plain";<\/script>/]) assert.match(plain.body, shown);
      for (const text of BREAKS) {
        const answer = await server.ask({ target: `/scripted?text=${encodeURIComponent(text)}` });
        assert.equal(answer.status, 200, text);
        assert.doesNotMatch(answer.body, /<script>alert|<!--<script>/, text);
        assert.equal(count(answer.body, /<script[\s>]/g), count(answer.body, /<\/script>/g), text);
        // Elements and attributes are those of the page whatever is in them; what stands in a script is no markup.
        const markup = answer.body.replace(/(<script[^>]*>).*?<\/script>/gs, "$1");
        assert.doesNotMatch(markup, /<img/, text);
        for (const part of [/<main /g, /<input /g, /<script [^>]*data-nscript=/g]) assert.equal(count(markup, part), count(plain.body, part), `${part} with ${text}`);
        for (const [, attributes] of markup.matchAll(/<(?:main|input|a|script) ([^>]*)>/g)) {
          assert.match(attributes, /^(?:[a-zA-Z-]+(?:="[^"<>]*")?(?: |\/|$))*$/, `${attributes} with ${text}`);
        }
      }
    },
  },
  {
    ids: ["CVE-2026-44581", "S19"],
    claim: "no header of a request is echoed into the document",
    async run(server) {
      const evil = "\"><script>alert(1)</script>";
      const headers = { "content-security-policy": `script-src 'nonce-${evil}' 'strict-dynamic'`, "x-request-id": evil, "x-nextjs-request-id": evil, "x-nextjs-html-request-id": evil, "x-forwarded-host": evil, "x-deployment-id": evil, "next-router-state-tree": evil, "user-agent": evil, referer: evil };
      for (const target of ["/", "/open", "/stored", "/nowhere", "/throws"]) {
        const answer = await server.ask({ target, headers });
        assert.doesNotMatch(answer.body, /<script>alert/, target);
        assert.doesNotMatch(answer.body, /nonce="[^"A-Za-z0-9+/_=-]/, target);
      }
    },
  },
  {
    ids: ["S1"],
    claim: "requests that run side by side see their own headers and parameters only",
    async run(server) {
      const visit = async (number) => {
        const answer = await server.ask({ target: `/slow/${number}`, headers: { "x-visitor": `visitor-${number}` } });
        assert.match(answer.body, new RegExp(`<b>${number}</b>`));
        const seen = new Set(answer.body.match(/visitor-\d+/g));
        assert.deepEqual([...seen], [`visitor-${number}`]);
      };
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(Array.from({ length: 50 }, (_, index) => visit(round * 50 + index)));
      }
    },
  },
  {
    ids: ["S25"],
    claim: "a cookie of one's own making does not turn draft mode on",
    async run(server) {
      for (const value of ["", "x", "1", "true", server.buildId, "0".repeat(32), "__proto__", "x".repeat(4000)]) {
        const answer = await server.ask({ target: "/draft", headers: { cookie: `__prerender_bypass=${value}; __next_preview_data=x` } });
        assert.match(answer.body, /DRAFT (?:<!-- -->)?false/, value);
      }
    },
  },
];
