// The guarded app, built and served, with another server behind its rewrites.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyOf, start, vinext } from "../browser/harness.mjs";
import { ask, ask2, cut, exchange, hold } from "./wire.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** What is behind the rewrites, and what the app's code asks: it remembers what it was asked. */
async function upstream(context) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const number = seen.push({ method: request.method, url: request.url, headers: request.headers });
    if (request.url === "/asked/whole") return response.end("WHOLE".repeat(50_000));
    if (request.url.startsWith("/asked/")) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, headers } = request;
      const { authorization, cookie } = headers;
      response.setHeader("set-cookie", `visitor=${number}`);
      // The number says whether two answers are one: nothing is asked twice that is stored.
      const told = { number, method, authorization, cookie, key: headers["x-api-key"], type: headers["content-type"], body: Buffer.concat(chunks).toString("latin1") };
      return response.end(JSON.stringify(told));
    }
    request.resume();
    response.setHeader("x-middleware-next", "1");
    response.setHeader("x-middleware-rewrite", "/secret");
    response.setHeader("proxy-authenticate", "Basic");
    response.end("UPSTREAM");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: server.address().port, seen };
}

/** The functions of the build by what they do when they are called: their names are nobody's business. */
async function discover(port, dir) {
  const manifest = JSON.parse(readFileSync(join(dir, ".vinext", manifestOf(dir)), "utf8"));
  const actions = {};
  for (const id of Object.keys(manifest.actions.functions)) {
    const target = manifest.actions.functions[id].routes.some((route) => route.startsWith("/secret")) ? "/secret" : "/open";
    const answer = await ask(port, { method: "POST", target, headers: { cookie: "session=yes", "next-action": id, "content-type": "text/plain;charset=UTF-8", accept: "text/x-component" }, body: '["probe"]' });
    if (answer.body.includes("SECRET-ACTION probe")) actions.record = id;
    else if (answer.body.includes("ECHO")) actions.echo = id;
    else if (answer.body.includes("STRING probe")) actions.stringify = id;
    else if (answer.headers.has("x-action-redirect")) actions.away = id;
    else if (answer.status === 500) actions.keep = id;
  }
  return actions;
}

function manifestOf(dir) {
  return readdirSync(join(dir, ".vinext")).find((name) => name.endsWith("manifest.json"));
}

/** Builds and serves it. */
export async function serve(context) {
  const other = await upstream(context);
  const dir = copyOf(join(here, "app"), context);
  process.env.UPSTREAM = `http://127.0.0.1:${other.port}`;
  const { status, stdout, stderr } = vinext(["build", dir]);
  if (status !== 0) throw new Error(`vinext build failed:\n${stdout}${stderr}`);
  const { origin } = await start(dir, context);
  const port = Number(new URL(origin).port);
  const manifest = JSON.parse(readFileSync(join(dir, ".vinext", manifestOf(dir)), "utf8"));
  return {
    dir,
    port,
    upstream: other,
    buildId: manifest.buildId,
    actions: await discover(port, dir),
    /** The ids of all functions that the build says can be called. */
    functions: Object.keys(manifest.actions.functions),
    /** Builds the app with these files in place of its own; says whether it built, and what the build said. */
    built(files) {
      const changed = copyOf(join(here, "app"), context);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(changed, file), text);
      const { status, stdout, stderr } = vinext(["build", changed]);
      return { isBuilt: status === 0, said: stdout + stderr };
    },
    ask: (request) => ask(port, request),
    /** Asks, or goes away before there is an answer. */
    send({ isCut, ...request }) {
      return isCut ? cut(port, request) : this.follow(request);
    },
    hold: (request) => hold(port, request),
    ask2: (request) => ask2(port, request),
    exchange: (bytes) => exchange(port, bytes),
    /** Asks again where a payload is redirected to its URL. */
    async follow(request) {
      const answer = await ask(port, request);
      const location = answer.headers.get("location");
      return answer.status === 307 && location?.includes("_rsc") ? ask(port, { ...request, target: location }) : answer;
    },
    async isWell() {
      const answer = await ask(port, { target: "/" });
      if (answer.status !== 200 || !answer.body.includes("HOME")) throw new Error(`the server is not well: ${answer.status} ${answer.body}`);
    },
  };
}
