// Another server, for what an app passes on: it says what it was asked. Fixtures know it as `$ORACLE_UPSTREAM`.
//
//   /echo/...            what has arrived, as JSON
//   /status/404          that status
//   /moved               a redirect to itself, /away to another site
//   /headers             headers that only one hop is to see, and others
//   /gzip                a body that is compressed already
//   /page                a document
//   /count/name          how often this was asked, and the body that came with it: what is stored somewhere is not asked.
//                        `?status=404`, `?bytes=3000000` more of them, `?ok=2` (500 from the third time on)
//   /counted/name        how often that was
//   /broken              a body that ends too early
//   /cdn/...             the app's own file, as a content delivery network has it
//   /socket              a WebSocket that says everything again (unmasked text frames of up to 125 bytes)
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

/** Whose port it is differs from run to run. */
function hosts(text, own) {
  return text.replaceAll(own, "UPSTREAM").replace(/127\.0\.0\.1:\d+/g, "SERVER").replace(/^\d{4,5}$/, "PORT");
}

/** What HTTP clients add for themselves, and one hop at a time. */
const OF_CLIENTS = ["connection", "accept-language", "sec-fetch-mode", "user-agent"];

/** The app's answer, for pages of any site. */
async function deliver(request, response, origin) {
  const { status, headers, body } = await fetch(origin + request.url.slice("/cdn".length));
  response.writeHead(status, { "content-type": headers.get("content-type") ?? "text/plain", "access-control-allow-origin": "*" });
  for await (const chunk of body ?? []) response.write(chunk);
  response.end();
}

async function echo(request, response, own) {
  let body = "";
  for await (const chunk of request) body += chunk;
  const headers = Object.entries(request.headers).filter(([name]) => !OF_CLIENTS.includes(name));
  const seen = Object.fromEntries(headers.map(([name, value]) => [name, hosts(String(value), own)]).sort());
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: seen, body }));
}

/** Says how often it was asked. */
async function count(request, response, counts, name, options) {
  let body = "";
  for await (const chunk of request) body += chunk;
  const times = (counts.get(name) ?? 0) + 1;
  counts.set(name, times);
  const fails = options.has("ok") && times > Number(options.get("ok"));
  const filling = "x".repeat(Number(options.get("bytes") ?? 0));
  response.writeHead(fails ? 500 : Number(options.get("status") ?? 200), { "content-type": "text/plain", "x-count": String(times), "set-cookie": ["a=1", "b=2"] });
  response.end(body === "" ? `${times}${filling}` : `${times} for ${body}`);
}

function answer(request, response, own, origin, counts) {
  const { pathname } = new URL(request.url, "http://upstream");
  const [, what, detail] = pathname.split("/");
  if (what === "count") return void count(request, response, counts, pathname.slice("/count/".length), new URL(request.url, "http://upstream").searchParams);
  if (what === "echo") return void echo(request, response, own);
  request.resume();
  if (what === "counted") return void response.end(String(counts.get(pathname.slice("/counted/".length)) ?? 0));
  if (what === "cdn") return void deliver(request, response, origin).catch(() => response.destroy());
  if (what === "status") return void response.writeHead(Number(detail), { "content-type": "text/plain" }).end(detail === "204" ? undefined : `status ${detail}`);
  if (what === "moved") return void response.writeHead(302, { location: `http://${own}/echo/moved` }).end();
  if (what === "away") return void response.writeHead(307, { location: "https://elsewhere.example/x" }).end("away");
  if (what === "headers") {
    const headers = { "content-type": "text/plain", "cache-control": "max-age=7", "x-app-plain": "1", "x-app-hop": "1", "x-powered-by": "upstream", "set-cookie": ["a=1; Path=/", "b=2"], "x-middleware-next": "1", link: "<https://elsewhere.example/a.css>; rel=preload", vary: "x-thing" };
    return void response.writeHead(200, { ...headers, connection: "x-app-hop" }).end("headers");
  }
  if (what === "gzip") return void response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" }).end(gzipSync("compressed ".repeat(200)));
  if (what === "page") return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html><html><head><title>upstream</title></head><body><h1>page of another server</h1></body></html>");
  if (what === "broken") {
    response.writeHead(200, { "content-type": "text/plain", "content-length": "100" });
    return void response.write("too short", () => response.destroy());
  }
  response.writeHead(404, { "content-type": "text/plain" }).end(`upstream has no ${pathname}`);
}

function openSocket(request, socket) {
  const key = request.headers["sec-websocket-key"];
  if (key === undefined || !request.url.startsWith("/socket")) return void socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
  const say = (text) => socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]));
  say(`connected to ${request.url}`);
  socket.on("error", () => socket.destroy());
  socket.on("data", (frame) => {
    const opcode = frame[0] & 0x0f;
    if (opcode === 8) return void socket.end(Buffer.from([0x88, 0]));
    const length = frame[1] & 0x7f;
    const mask = frame.subarray(2, 6);
    if (opcode === 1) say(`again: ${Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]))}`);
  });
}

export async function openUpstream() {
  let own = "";
  let origin = "";
  const counts = new Map();
  const server = createServer((request, response) => answer(request, response, own, origin, counts));
  server.on("upgrade", openSocket);
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  own = `127.0.0.1:${server.address().port}`;
  return {
    url: `http://${own}`,
    /** Begins to count anew. */
    forget: () => counts.clear(),
    /** Whose files `/cdn` has from now on. */
    deliverFor: (server) => void (origin = server),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
