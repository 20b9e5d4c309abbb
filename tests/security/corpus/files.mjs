import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const PRIVATE = /SERVER-ONLY-VALUE|SECRET-PAGE|root:x:|UNSEALED|"dependencies"|createServer/;

/** Ways out of a folder. */
function ways(file) {
  const ups = ["..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "..\\..", "%252e%252e", "....//", "..;", ".%00.", "%c0%ae%c0%ae", "%uff0e%uff0e", "..%c0%af.."];
  const starts = ["/", "/_next/static/", "/_next/", "/own.txt/", "/files/", "/_next/static/chunks/"];
  return starts.flatMap((start) => [start + file, ...ups.flatMap((up) => [1, 2, 4].map((times) => `${start}${`${up}/`.repeat(times)}${file}`))]);
}

export default [
  {
    ids: ["S18", "CVE-2026-75604"],
    claim: "no path leads out of the folders that are public",
    async run(server) {
      const files = [".env.production", "next.config.mjs", "package.json", "proxy.ts", "app/secret/page.tsx", ".vinext/manifest.json", ".vinext/server/rsc/index.js", "server/rsc/index.js", "etc/passwd", "C:/Windows/win.ini", "C%3a%5cWindows%5cwin.ini", "file:/etc/passwd", "CON", "NUL.txt", "own.txt::$DATA"];
      for (const target of files.flatMap(ways)) {
        const answer = await server.ask({ target });
        assert.doesNotMatch(answer.body, PRIVATE, target);
        if (answer.status === 200) assert.match(answer.body, /^\[|PUBLIC-FILE/, `${target}: ${answer.body.slice(0, 100)}`);
      }
      await server.isWell();
    },
  },
  {
    ids: ["S18"],
    claim: "what only the server has is in no file that browsers can load",
    run(server) {
      const walk = (dir) => readdirSync(dir).flatMap((name) => (statSync(join(dir, name)).isDirectory() ? walk(join(dir, name)) : [join(dir, name)]));
      const files = walk(join(server.dir, ".vinext/client"));
      assert.ok(files.length > 0);
      for (const file of files) {
        const text = readFileSync(file, "latin1");
        assert.doesNotMatch(text, /SERVER-ONLY-VALUE|SECRET_TOKEN|SECRET-PAGE|SECRET-ACTION|SEALED-VALUE/, file);
        assert.ok(!file.endsWith(".map"), file);
      }
    },
  },
];
