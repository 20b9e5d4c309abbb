// The isolate's side of the host: takes requests from the queue, hands them to the server module, and lets responses
// write straight into the exchange. Part of the startup snapshot.
import { internals } from "ext:core/mod.js";
import {
  op_vinext_accept,
  op_vinext_ask_handlers,
  op_vinext_begin,
  op_vinext_decide,
  op_vinext_closed,
  op_vinext_data_fail,
  op_vinext_data_fill,
  op_vinext_data_look,
  op_vinext_drain,
  op_vinext_end,
  op_vinext_fail,
  op_vinext_flight,
  op_vinext_nonce,
  op_vinext_flush,
  op_vinext_invalidate,
  op_vinext_log,
  op_vinext_policy,
  op_vinext_read,
  op_vinext_ready,
  op_vinext_task,
  op_vinext_unfinished,
  op_vinext_write,
} from "ext:core/ops";

const LEVELS = { debug: 0, info: 1, warn: 2, error: 3 };
const encoder = new TextEncoder();

const describe = (error) => (error instanceof Error ? (error.stack ?? String(error)) : String(error));
const log = (level, message) => op_vinext_log(LEVELS[level] ?? 1, String(message));

/** Where React's renderers write: a Node-like destination over the exchange of one request. */
class Sink {
  #id;
  #drain = [];
  #close = [];
  #waiting = false;
  #over = false;

  constructor(id) {
    this.#id = id;
  }

  write(chunk) {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    return op_vinext_write(this.#id, bytes) || this.#wait();
  }

  nonce(nonce) {
    op_vinext_nonce(this.#id, nonce);
  }

  flight(chunk) {
    return op_vinext_flight(this.#id, chunk) || this.#wait();
  }

  flush() {
    op_vinext_flush(this.#id);
  }

  end() {
    this.#finish();
  }

  #finish() {
    if (this.#over) return;
    this.#over = true;
    op_vinext_end(this.#id);
  }

  abort(reason) {
    if (this.#over) return;
    this.#over = true;
    op_vinext_fail(this.#id, describe(reason));
  }

  on(event, listener) {
    if (event === "drain") this.#drain.push(listener);
    else if (event === "close") {
      if (this.#close.length === 0) void this.#watch();
      this.#close.push(listener);
    }
    return this;
  }

  once(event, listener) {
    return this.on(event, listener);
  }

  destroy(error) {
    if (error === undefined || error === null) this.end();
    else this.abort(error);
    return this;
  }

  #wait() {
    if (!this.#waiting) {
      this.#waiting = true;
      void op_vinext_drain(this.#id).then(() => {
        this.#waiting = false;
        for (const listener of this.#drain) listener();
      });
    }
    return false;
  }

  async #watch() {
    if (!(await op_vinext_closed(this.#id))) return;
    for (const listener of this.#close) listener();
    // A renderer that is told so ends nothing: there is nobody to end it for.
    this.#finish();
  }
}

/** The request as the server module gets it: what few handlers need is made on demand. */
class IncomingRequest {
  #accepted;
  #signal;
  #request;

  constructor(accepted) {
    this.#accepted = accepted;
    this.method = accepted.method;
    this.url = accepted.url;
    this.rawHeaders = accepted.headers;
    if (accepted.rest !== null) this.rest = new Uint8Array(accepted.rest);
  }

  get signal() {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      void op_vinext_closed(this.#accepted.id).then((gone) => {
        if (gone) controller.abort(new DOMException("The client has gone.", "AbortError"));
      });
    }
    return this.#signal;
  }

  get ended() {
    return op_vinext_closed(this.#accepted.id).then(() => {});
  }

  toRequest() {
    if (this.#request === undefined) {
      const { id, method, url, headers: flat, body } = this.#accepted;
      const headers = new Headers();
      for (let index = 0; index < flat.length; index += 2) headers.append(flat[index], flat[index + 1]);
      const init = { method, headers, signal: this.signal };
      if (body && method !== "GET" && method !== "HEAD") {
        init.body = new ReadableStream({
          type: "bytes",
          async pull(controller) {
            const chunk = await op_vinext_read(id);
            if (chunk === null) {
              controller.close();
              controller.byobRequest?.respond(0);
            } else controller.enqueue(new Uint8Array(chunk));
          },
        });
        init.duplex = "half";
      }
      this.#request = new Request(url, init);
    }
    return this.#request;
  }
}

/** A time as the host takes it: what is no number is for ever. */
const seconds = (time) => (typeof time === "number" ? time : -1);

/** Says whether the body that has just ended may be stored. */
function store(id, policy) {
  if (!policy) return op_vinext_policy(id, false, 0, 0, []);
  return op_vinext_policy(id, true, seconds(policy.revalidate), seconds(policy.expire), policy.tags);
}

/** Data that is kept for every request. */
const data = {
  async look(key, kind, tags, softTags, revalidate) {
    const { state, value, ticket } = await op_vinext_data_look(key, kind === "use cache", [...tags, ...softTags], seconds(revalidate));
    return { state, ...(value !== null && { value: new Uint8Array(value) }), ...(ticket !== null && { ticket }) };
  },
  async fill(ticket, value, { revalidate, expire, tags, onlyForBuild }) {
    op_vinext_data_fill(ticket, value, { revalidate: seconds(revalidate), expire: seconds(expire), tags, onlyForBuild: onlyForBuild === true });
  },
  fail: (ticket) => op_vinext_data_fail(ticket),
};

async function sendResponse(id, response) {
  const headers = [];
  for (const pair of response.headers) headers.push(pair);
  if (!op_vinext_begin(id, response.status, headers, false)) {
    await response.body?.cancel();
    op_vinext_end(id);
    return;
  }
  if (response.body !== null) {
    const reader = response.body.getReader();
    void op_vinext_closed(id).then((gone) => gone && reader.cancel(new DOMException("The client has gone.", "AbortError")).catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = typeof value === "string" ? encoder.encode(value) : ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
      const room = op_vinext_write(id, bytes);
      op_vinext_flush(id);
      if (!room && !(await op_vinext_drain(id))) break;
    }
  }
  store(id, null);
  op_vinext_end(id);
}

function sendDocument(id, document) {
  if (document.prerendered === "failed") {
    document.abandon();
    return op_vinext_fail(id, "it failed, and the error is above");
  }
  if (!op_vinext_begin(id, document.status, document.headers, document.shared === true)) {
    op_vinext_end(id);
    document.abandon?.();
    return;
  }
  const sink = new Sink(id);
  const end = sink.end.bind(sink);
  // The verdict on storing is part of the end: it has to be known before the body is over.
  sink.end = () => {
    document.cache.then(
      (policy) => {
        store(id, policy);
        end();
      },
      () => {
        store(id, null);
        end();
      },
    );
  };
  if (document.unfinished) op_vinext_unfinished(id, document.unfinished.payload, document.unfinished.rest);
  document.pipe(sink);
}

async function handle(server, accepted) {
  try {
    const answer = await server.handle(new IncomingRequest(accepted), JSON.parse(accepted.matched));
    if ("decision" in answer) {
      op_vinext_decide(accepted.id, JSON.stringify(answer.decision));
      await sendResponse(accepted.id, answer.response);
    } else if (answer instanceof Response) await sendResponse(accepted.id, answer);
    else sendDocument(accepted.id, answer);
  } catch (error) {
    log("error", describe(error));
    op_vinext_fail(accepted.id, describe(error));
  }
}

/** Asks what answers for the app's `cacheHandlers`. */
async function askHandlers(question, body) {
  const answer = await op_vinext_ask_handlers(JSON.stringify(question), body);
  return answer === null ? null : new Uint8Array(answer);
}

/** Keeps the isolate until the promise has settled. */
function waitUntil(promise) {
  op_vinext_task(true);
  void Promise.resolve(promise)
    .catch((error) => log("error", describe(error)))
    .finally(() => op_vinext_task(false));
}

/** What `node:process` does by itself where it is evaluated by a process that runs, and cannot do in a snapshot. */
function startNode() {
  const start = internals.__nodeBootstrapArgs;
  internals.__bootstrapNodeProcess?.(start.argv0, start.denoArgs, start.denoVersion, start.nodeDebug ?? "", false, start.runningOnMainThread);
}

async function serve(rscUrl, ssrUrl, hostJson, env) {
  try {
    startNode();
    Object.assign(process.env, env);
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      log("error", `unhandled rejection: ${describe(event.reason)}`);
    });
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      log("error", `uncaught error: ${describe(event.error)}`);
    });
    const { default: server } = await import(rscUrl);
    let ssr;
    await server.init({
      ...hostJson,
      loadSsr: () => (ssr ??= import(ssrUrl)),
      importServer: (file) => import(new URL(file, rscUrl).href),
      data,
      askHandlers,
      invalidate: (tags, expire) => op_vinext_invalidate(tags, expire ?? -1),
      log,
      waitUntil,
    });
    op_vinext_ready("");
    for (;;) {
      const accepted = await op_vinext_accept();
      if (accepted === null) break;
      void handle(server, accepted);
    }
  } catch (error) {
    op_vinext_ready(describe(error) || "the server module failed");
  }
}

/** Evaluates a configuration file and gives its value as JSON; what JSON cannot hold is named by its type. */
async function evaluateConfig(url, phase, env) {
  startNode();
  Object.assign(process.env, env);
  // Next makes a CommonJS module of it.
  if (/\.[cm]?ts$/.test(url)) {
    const [{ createRequire }, { fileURLToPath }, { dirname }] = await Promise.all([import("node:module"), import("node:url"), import("node:path")]);
    const file = fileURLToPath(url);
    Object.assign(globalThis, { require: createRequire(url), __filename: file, __dirname: dirname(file) });
  }
  const { default: loaded, ...named } = await import(url);
  let value = loaded ?? named;
  if (typeof value === "function") value = await value(phase, { defaultConfig: {} });
  value = await value;
  for (const key of ["headers", "redirects", "rewrites"]) {
    if (typeof value?.[key] === "function") value = { ...value, [key]: await value[key]() };
  }
  return JSON.stringify(value, (_key, entry) => {
    if (typeof entry === "function") return "[function]";
    if (typeof entry === "bigint" || typeof entry === "symbol") return String(entry);
    if (entry instanceof RegExp) return entry.source;
    // "For ever", where a number of seconds is meant.
    if (entry === Infinity) return Number.MAX_SAFE_INTEGER;
    return entry;
  }) ?? "null";
}

globalThis.__vinext_host = { serve, evaluateConfig };
