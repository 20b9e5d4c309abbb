// What goes wrong is said once, in words, without a stack trace, and with an exit code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { build, root, takenPort, vinext } from "./harness.mjs";

const LAYOUT = "export default ({ children }: { children: React.ReactNode }) => <html><body>{children}</body></html>;";

function project(context, files, { modules = true } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "vinext-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ "package.json": "{}", ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  if (modules) symlinkSync(join(root, "tests/browser/node_modules"), join(dir, "node_modules"));
  return dir;
}

function refused(arguments_, ...expected) {
  const { status, stdout, stderr } = vinext(arguments_);
  const said = stdout + stderr;
  assert.notEqual(status, 0, said);
  for (const pattern of expected) assert.match(said, pattern);
  assert.doesNotMatch(said, /panicked|stack backtrace|\n\s+at .*\.rs:\d+/, said);
  assert.doesNotMatch(said, /\n[\s│|]*at .*(:\d+:\d+|<anonymous>)/, said);
}

test("a folder that is not there", () => refused(["build", "/no/such/folder"], /there is no folder/));

test("a folder that is no project", (context) => {
  const dir = mkdtempSync(join(tmpdir(), "vinext-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  refused(["build", dir], /is not a Next.js project/);
});

test("a project without app/", (context) => refused(["build", project(context, {})], /has no app\/ folder/));

test("packages that are not installed", (context) => {
  const dir = project(context, { "app/page.tsx": "export default () => null" }, { modules: false });
  refused(["build", dir], /`react` is not installed/, /npm install/);
});

/** A project whose packages are links to some of the suite's. */
function withPackages(context, names) {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "export default () => <p>hello</p>;" }, { modules: false });
  mkdirSync(join(dir, "node_modules"));
  for (const name of names) symlinkSync(join(root, "tests/browser/node_modules", name), join(dir, "node_modules", name));
  return dir;
}

test("React's Flight package missing is one clear line", (context) => {
  // Packages that are linked find what stands beside their real place, so they are copied.
  const dir = withPackages(context, []);
  for (const name of ["react", "react-dom", "scheduler"]) {
    cpSync(join(root, "tests/browser/node_modules", name), join(dir, "node_modules", name), { recursive: true });
  }
  refused(["build", dir], /`react-server-dom-webpack` is not installed/, /npm install react-server-dom-webpack@19\.3\.1/);
});

test("React's Flight package is found beside the executable", (context) => {
  const dir = withPackages(context, ["react", "react-dom", "scheduler"]);
  const home = mkdtempSync(join(tmpdir(), "vinext-home-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  cpSync(process.env.VINEXT, join(home, "vinext"));
  mkdirSync(join(home, "node_modules"));
  symlinkSync(join(root, "tests/browser/node_modules/react-server-dom-webpack"), join(home, "node_modules/react-server-dom-webpack"));
  const { status, stdout, stderr } = spawnSync(join(home, "vinext"), ["build", dir], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

test("a missing root layout", (context) => {
  refused(["build", project(context, { "app/page.tsx": "export default () => null;" })], /layout/);
});

test("two pages at one address are both named", (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/(a)/x/page.tsx": "export default () => null;", "app/(b)/x/page.tsx": "export default () => null;" });
  refused(["build", dir], /app\/\(a\)\/x\/page\.tsx/, /app\/\(b\)\/x\/page\.tsx/);
});

test("a path that app/ and pages/ both answer is refused with both files", (context) => {
  const page = "export default () => null;";
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/a/page.tsx": page, "pages/a.tsx": page });
  refused(["build", dir], /conflicting app and page file/, /app\/a\/page\.tsx/, /pages\/a\.tsx/);
});

test("what pages/ has beside app/ is said to be left out, and the app is built", (context) => {
  const page = "export default () => <p>hello</p>;";
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": page, "pages/_app.tsx": page, "pages/old.tsx": page, "pages/api/health.ts": page });
  const { status, stdout, stderr } = vinext(["build", dir]);
  assert.equal(status, 0, stdout + stderr);
  // Long lines are wrapped, also after a slash.
  const said = stderr.replace(/[\s│|]+/g, "");
  assert.match(said, /PagesRouteryet:`pages\/api\/health\.ts`,`pages\/old\.tsx`willnotbefound/);
  assert.equal(said.split("PagesRouter").length, 2, stderr);
});

test("a syntax error has its file and line", (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "export default function Page() {\n  return <p>;\n}\n" });
  refused(["build", dir], /app\/page\.tsx/, /return <p>/);
});

test("an import that nothing satisfies is named with what to do", (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "import x from 'no-such-package';\nexport default () => x;" });
  refused(["build", dir], /no-such-package/, /npm install no-such-package/, /app\/page\.tsx/);
});

test("a client API in a server component is shown where it is imported", (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "import { useState } from 'react';\nexport default () => useState(0);" });
  refused(["build", dir], /useState/, /use client/, /app\/page\.tsx/);
});

test("a pattern of next.config that is not linear is shown", (context) => {
  const route = "{ source: '/:slug(a(?!b).*)', destination: '/x', permanent: true }";
  const dir = project(context, { "app/layout.tsx": LAYOUT, "next.config.js": `module.exports = { redirects: async () => [${route}] };` });
  refused(["build", dir], /next\.config\.js/, /redirects/, /\/:slug\(a\(\?!b\)\.\*\)/, /linear time/);
});

test("a value that next.config cannot have is named", (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "next.config.js": "module.exports = { basePath: 'docs' };" });
  refused(["build", dir], /`basePath`/, /next\.config\.js/);
});

test("a configuration that throws is named with what it said and the line, without a stack", (context) => {
  for (const [name, source, ...expected] of [
    ["next.config.js", "module.exports = {};\nthrow new Error('cannot decide');", /Error: cannot decide/, /next\.config\.js:2:7/],
    ["next.config.mjs", "function decide() {\n  throw new TypeError('cannot decide');\n}\nexport default () => decide();", /TypeError: cannot decide/, /next\.config\.mjs:2:9/],
    ["next.config.ts", "type Options = {\n  basePath: string;\n};\n\nthrow new Error('cannot decide');", /Error: cannot decide/, /next\.config\.ts:5:7/],
    ["next.config.js", "module.exports = async () => { throw 'no decision'; };", /no decision/],
    ["next.config.ts", "export default { a: ;", /Expression expected/, /next\.config\.ts:1:21/],
  ]) {
    const dir = project(context, { "app/layout.tsx": LAYOUT, [name]: source });
    refused(["build", dir], /cannot load/, ...expected);
  }
});

test("keys of next.config that have no effect are named, and the app is built", (context) => {
  const config = "module.exports = { images: { unoptimized: true }, experimental: { taint: true }, poweredBy: false, trailingSlash: true };";
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "export default () => <p>hello</p>;", "next.config.js": config });
  const { status, stdout, stderr } = vinext(["build", dir]);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stderr, /next\.config\.js: vinext does not honour these keys yet: images, experimental\.taint\n/);
  assert.match(stderr, /next\.config\.js: unknown keys: poweredBy\n/);
});

test("serving what was not built", (context) => refused(["start", project(context, { "app/layout.tsx": LAYOUT })], /vinext build/));

test("a port that is taken", async (context) => {
  const dir = project(context, { "app/layout.tsx": LAYOUT, "app/page.tsx": "export default () => <p>hello</p>;" });
  build(dir);
  const port = await takenPort(context);
  refused(["start", dir, "-H", "127.0.0.1", "-p", String(port)], new RegExp(`port ${port} is in use`));
});

test("help teaches", () => {
  const { status, stdout } = vinext(["--help"]);
  assert.equal(status, 0);
  assert.match(stdout, /vinext build/);
});
