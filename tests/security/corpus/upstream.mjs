import assert from "node:assert/strict";

export default [
  {
    ids: ["CVE-2026-44578", "S16"],
    claim: "a request line that names a host is passed on to nobody, upgrades included",
    async run(server) {
      const before = server.upstream.seen.length;
      const other = `127.0.0.1:${server.upstream.port}`;
      for (const upgrade of [{}, { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }]) {
        const targets = [`http://${other}/x`, `ws://${other}/x`, `//${other}/x`, `/upstream/..//${other}/x`, `http://${other}@127.0.0.1/x`];
        const tried = targets.map(async (target) => {
          const answer = await server.ask({ target, headers: { host: "127.0.0.1", ...upgrade } });
          assert.ok(answer.status >= 300, `${target}: ${answer.status}`);
          assert.notEqual(answer.status, 101, target);
          assert.doesNotMatch(answer.body, /UPSTREAM/, target);
        });
        // The server keeps a connection open for a while that asks for an upgrade.
        await Promise.all(tried);
      }
      const connect = await server.ask({ method: "CONNECT", target: other });
      assert.ok(connect.status === 0 || connect.status >= 400, String(connect.status));
      assert.deepEqual(server.upstream.seen.slice(before), []);
    },
  },
  {
    ids: ["CVE-2024-34350", "CVE-2026-29057"],
    claim: "one request arrives at the other server as one request, however its length is told",
    async run(server) {
      const inner = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
      const head = (lines) => `POST /upstream/outer HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n${lines.join("\r\n")}\r\n\r\n`;
      const chunked = `0\r\n\r\n${inner}`;
      const attempts = [
        head(["content-length: 6", "transfer-encoding: chunked"]) + chunked,
        head(["transfer-encoding: chunked", `content-length: ${chunked.length}`]) + chunked,
        head(["transfer-encoding: xchunked", "content-length: 5"]) + `hello${inner}`,
        head(["transfer-encoding: chunked, identity"]) + chunked,
        head(["transfer-encoding:\tchunked"]) + chunked,
        head(["transfer-encoding: identity", "transfer-encoding: chunked"]) + chunked,
        head(["content-length: 5", "content-length: 6"]) + `hello${inner}`,
        head(["content-length: +5"]) + `hello${inner}`,
        head(["content-length: 5, 5"]) + `hello${inner}`,
        head([" content-length: 5"]) + `hello${inner}`,
        head(["content-length : 5"]) + `hello${inner}`,
        head(["x: y\r\n\tcontent-length: 500"]) + inner,
        head(["connection: content-length", "content-length: 5"]) + `hello${inner}`,
        head(["transfer-encoding: chunked"]) + `5;x=${"y".repeat(10)}\r\nhello\r\n0\r\n\r\n${inner}`,
        head(["transfer-encoding: chunked"]) + `5\nhello\n0\n\n${inner}`,
        head(["transfer-encoding: chunked"]) + `FFFFFFFFFFFFFFFF5\r\nhello\r\n0\r\n\r\n${inner}`,
      ];
      for (const attempt of attempts) {
        const before = server.upstream.seen.length;
        await server.exchange(attempt);
        const seen = server.upstream.seen.slice(before);
        assert.ok(seen.length <= 1, `${attempt}: ${JSON.stringify(seen)}`);
        assert.ok(seen.every(({ url }) => url === "/outer"), `${attempt}: ${JSON.stringify(seen)}`);
      }
      await server.isWell();
    },
  },
  {
    ids: ["S17"],
    claim: "hop-by-hop and internal headers are not passed on, in either direction",
    async run(server) {
      const before = server.upstream.seen.length;
      const headers = { connection: "close, x-hop", "x-hop": "1", te: "trailers", "keep-alive": "timeout=9", "proxy-authorization": "Basic x", "proxy-connection": "close", trailer: "x", "x-middleware-subrequest": "1", "x-middleware-next": "1", "x-kept": "1" };
      const answer = await server.ask({ target: "/upstream/headers?_rsc=x&a=1", headers });
      assert.equal(answer.status, 200);
      const [seen] = server.upstream.seen.slice(before);
      assert.equal(seen.headers["x-kept"], "1");
      for (const name of ["x-hop", "te", "keep-alive", "proxy-authorization", "proxy-connection", "trailer", "x-middleware-subrequest", "x-middleware-next"]) assert.equal(name in seen.headers, false, name);
      for (const name of ["x-middleware-rewrite", "x-middleware-next", "keep-alive", "proxy-authenticate"]) assert.equal(answer.headers.has(name), false, name);
    },
  },
  {
    ids: ["GHSA-p9j2-gv94-2wf4", "S17"],
    claim: "what a path holds stays in the path of the rewrite's destination",
    async run(server) {
      const before = server.upstream.seen.length;
      const targets = ["/upstream/@evil.example/x", "/upstream/%40evil.example", "/upstream/..%2f..%2fx", "/upstream/%0d%0ahost:%20evil.example", "/upstream/x%3F%23", "/upstream/:80", "/upstream/%2e%2e/%2e%2e/x", "/upstream//evil.example/x", "/upstream/http://evil.example/x"];
      for (const target of targets) {
        const answer = await server.ask({ target });
        assert.ok(answer.status > 0, target);
      }
      for (const { headers, url } of server.upstream.seen.slice(before)) {
        assert.equal(headers.host, `127.0.0.1:${server.upstream.port}`);
        assert.ok(url.startsWith("/"), url);
        assert.doesNotMatch(url, /[\r\n ]/);
      }
    },
  },
  {
    ids: ["GHSA-p9j2-gv94-2wf4"],
    claim: "a host that a path names in a rewrite's destination is none of this machine or its network, however it is spelt",
    async run(server) {
      const before = server.upstream.seen.length;
      const hosts = ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[::]", "user@127.0.0.1", "127.0.0.1%2f", "127.0.0.1%23", "127.0.0.1%3f", "127.0.0.1%40evil.example"];
      await Promise.all(hosts.flatMap((host) => [{}, { rsc: "1" }, { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }].map(async (headers) => {
        const answer = await server.follow({ target: `/host/${host}/x`, headers });
        assert.ok(answer.status >= 400, `${host}: ${answer.status}`);
        assert.doesNotMatch(answer.body, /UPSTREAM/, host);
      })));
      assert.deepEqual(server.upstream.seen.slice(before), []);
    },
  },
];
