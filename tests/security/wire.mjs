// Requests as bytes: what no client library would send is what matters here.
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

const DEADLINE = 20_000;

/** Sends bytes on a connection of their own, and gives everything that came back until it was closed. */
export function exchange(port, bytes) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks = [];
    socket.setTimeout(DEADLINE, () => socket.destroy(new Error(`no answer to ${JSON.stringify(String(bytes).slice(0, 200))}`)));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", (error) => (chunks.length > 0 || error.code === "ECONNRESET" ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    socket.write(bytes);
  });
}

/** Sends a request and goes away before there is an answer. */
export function cut(port, request) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", resolve);
    socket.on("close", resolve);
    socket.write(message(request), () => socket.destroy());
  });
}

/** Sends the head of a request and `sent` of its body, and waits for the head of the answer. The connection stays open. */
export function hold(port, { sent, ...request }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const close = () => socket.destroy();
    let received = Buffer.alloc(0);
    const answered = () => resolve({ answer: read(received), close });
    socket.setTimeout(DEADLINE, () => socket.destroy(new Error("no answer to a body that is not whole")));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.includes("\r\n\r\n")) answered();
    });
    socket.on("error", (error) => (received.length > 0 ? answered() : reject(error)));
    socket.on("close", () => reject(new Error("closed without an answer")));
    socket.write(message({ ...request, headers: { connection: "keep-alive", ...request.headers } }));
    socket.write(sent);
  });
}

/** A request that the server closes the connection after. Header values may be lists. */
export function message({ method = "GET", target = "/", headers = {}, body = "" }) {
  const given = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const framed = body !== "" && !names.has("content-length") && !names.has("transfer-encoding") ? [`content-length: ${Buffer.byteLength(body)}`] : [];
  const lines = [`${method} ${target} HTTP/1.1`, ...(names.has("host") ? [] : ["host: 127.0.0.1"]), ...(names.has("connection") ? [] : ["connection: close"]), ...framed, ...given];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}

/** Reads the first response of what came back. */
export function read(bytes) {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, headers: new Map(), body: "", raw: text };
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map();
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}\n${value}` : value);
  }
  const rest = bytes.subarray(Buffer.byteLength(text.slice(0, end + 4), "latin1"));
  const body = headers.get("transfer-encoding") === "chunked" ? unchunk(rest) : rest;
  return { status: Number(first.split(" ")[1]), headers, body: body.toString("utf8"), raw: text };
}

function unchunk(bytes) {
  const parts = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n", at);
    const size = end < 0 ? 0 : Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** Asks over HTTP/1.1. */
export async function ask(port, request) {
  return read(await exchange(port, message(request)));
}

/** Asks over HTTP/2 without TLS, whose `:path` and `:authority` are what the client says. */
export function ask2(port, { method = "GET", target = "/", headers = {}, body = "" }) {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", reject);
    session.setTimeout(DEADLINE, () => session.destroy(new Error(`no answer to ${target}`)));
    const stream = session.request({ ":method": method, ":path": target, ...headers });
    const answer = { status: 0, headers: new Map(), body: "", raw: "" };
    stream.on("response", (received) => {
      answer.status = received[":status"];
      for (const [name, value] of Object.entries(received)) answer.headers.set(name, [value].flat().join("\n"));
    });
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => (answer.body += chunk));
    const ended = () => {
      session.close();
      resolve(answer);
    };
    stream.on("error", ended);
    stream.on("end", ended);
    stream.end(body);
  });
}
