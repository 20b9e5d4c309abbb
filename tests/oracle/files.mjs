// A host of files without rules, as exported apps are put on: what is there, `/about` for `about.html`, `/about/` for
// `about/index.html`, and `404.html` for everything else.
import { createServer } from "node:http";
import { readFile, readdir, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

const TYPES = { ".css": "text/css", ".html": "text/html", ".ico": "image/x-icon", ".js": "text/javascript", ".json": "application/json", ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain", ".webmanifest": "application/manifest+json", ".xml": "application/xml" };

const isFile = (path) => stat(path).then((found) => found.isFile(), () => false);
const isFolder = (path) => stat(path).then((found) => found.isDirectory(), () => false);

/** What is sent for a path below the host's root: a file, or where to ask instead. */
async function found(root, pathname) {
  const inside = join(root, ...decodeURIComponent(pathname).split("/"));
  if (inside !== root && !inside.startsWith(root + sep)) return {};
  if (pathname.endsWith("/")) return { file: join(inside, "index.html") };
  for (const file of [inside, `${inside}.html`]) if (await isFile(file)) return { file };
  return (await isFolder(inside)) && (await isFile(join(inside, "index.html"))) ? { location: `${pathname}/` } : {};
}

/** Serves a folder below the path `at`, which is empty for all of the host. */
export async function hostFiles(root, at = "") {
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url, "http://localhost");
    const send = async (status, file) => {
      response.writeHead(status, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(request.method === "HEAD" ? undefined : await readFile(file));
    };
    const isInside = pathname.startsWith(`${at}/`);
    const { file, location } = isInside ? await found(root, pathname.slice(at.length)) : { location: pathname === at ? "/" : undefined };
    if (location !== undefined) response.writeHead(308, { location: at + location + search }).end();
    else if (file !== undefined && (await isFile(file))) await send(200, file);
    else await send(404, join(root, "404.html"));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}

/** What only the framework's own code asks for: its assets, parts of payloads, and the form that its not-found page has while it is built. */
const OWN = /^_next\/|(^|\/)__next\.|^_not-found(\/|\.)/;

/** The files that somebody may have links to. */
export async function linkable(root) {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const names = all.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return Object.fromEntries(names.filter((name) => !OWN.test(name)).sort().map((name) => [name, true]));
}
