//! The V8 engine, with small server modules in place of an app's.
#![cfg(feature = "engine")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt as _, Full};
use vinext_adapters::engine::{Content, EngineError, EngineRequest, EngineResponse, JsEngine as _, Matched};
use vinext_adapters::native::engine::{SnapshotMaker, StartError, V8Engine, V8Options, evaluate_config};
use vinext_router::RouteId;

/// What a configuration may take.
const LIMIT: Duration = Duration::from_secs(30);

struct App {
    dir: tempfile::TempDir,
    log: Arc<Mutex<Vec<String>>>,
}

impl App {
    fn new(server: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("rsc.mjs"), server).unwrap();
        std::fs::write(dir.path().join("ssr.mjs"), "export default {};").unwrap();
        Self { dir, log: Arc::default() }
    }

    /// A server module whose `handle(request, match)` is `body`.
    fn handling(body: &str) -> Self {
        Self::new(&format!(
            "export default {{ async init(host) {{ this.host = host; }}, async handle(request, match) {{ {body} }} }};"
        ))
    }

    async fn start(&self, isolates: usize) -> Result<V8Engine, StartError> {
        let log = Arc::clone(&self.log);
        V8Engine::start(V8Options {
            isolates,
            heap_limit: 96 * 1024 * 1024,
            cpu_limit: Duration::from_millis(1500),
            queue: 20_000,
            cache_dir: cache_dir(),
            snapshot: SnapshotMaker::ThisProcess,
            code: Some(self.dir.path().join("code")),
            rsc: self.dir.path().join("rsc.mjs"),
            ssr: self.dir.path().join("ssr.mjs"),
            host: serde_json::json!({ "greeting": "hello" }),
            env: BTreeMap::from([("FROM_FILE".to_owned(), "yes".to_owned())]),
            logger: Arc::new(move |_level, line| log.lock().unwrap().push(line.to_owned())),
            invalidator: Arc::new(|_tags, _expire| {}),
            data: vinext_cache::Cache::in_memory(1 << 20),
            handlers: None,
        })
        .await
    }
}

fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned()
}

fn get(path: &str) -> EngineRequest {
    EngineRequest {
        method: Method::GET,
        url: format!("http://localhost{path}"),
        headers: HeaderMap::new(),
        body: Content::none(),
        matched: Matched::params(&RouteId::new("/a/page")),
        rest: None,
    }
}

async fn text(mut response: EngineResponse) -> String {
    let mut text = Vec::new();
    while let Some(chunk) = response.body.next().await {
        text.extend_from_slice(&chunk.unwrap());
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_response_has_the_status_headers_and_body_that_javascript_gave() {
    let app = App::handling(
        "const body = await request.toRequest().text();
         return new Response(`${match.routeId} ${body} ${this.host.greeting} ${process.env.FROM_FILE}`,
           { status: 201, headers: { 'x-seen': request.toRequest().headers.get('x-sent') } });",
    );
    let engine = app.start(1).await.unwrap();
    let mut request = get("/a");
    request.method = Method::POST;
    request.headers.insert("x-sent", "value".parse().unwrap());
    let posted = Full::new(Bytes::from_static(b"posted")).map_err(|never| match never {}).boxed_unsync();
    request.body = Content::Bytes(posted);
    let response = engine.handle(request).await.unwrap();
    assert_eq!(response.status, 201);
    assert_eq!(response.headers["x-seen"], "value");
    assert_eq!(text(response).await, "/a/page posted hello yes");
    engine.shutdown().await;
}

#[tokio::test]
async fn flight_is_embedded_between_elements_and_before_the_end_of_the_document() {
    let app = App::handling(
        r#"return { status: 200, headers: [["content-type", "text/html"]], cache: Promise.resolve({ revalidate: false, tags: ["t"] }),
             pipe(sink) {
               const bytes = (text) => new TextEncoder().encode(text);
               sink.write("<html><body><p>one</p>"); sink.flight(bytes("0:\"</script>\"\n")); sink.flush();
               sink.write("<p>two</p></body></html>"); sink.flush();
               sink.flight(bytes("1:2\n")); sink.flush(); sink.end();
             } };"#,
    );
    let engine = app.start(1).await.unwrap();
    let mut response = engine.handle(get("/")).await.unwrap();
    let policy = std::mem::replace(&mut response.cache, tokio::sync::oneshot::channel().1);
    let html = text(response).await;
    assert!(html.starts_with("<html><body><p>one</p><script>"), "{html}");
    assert!(html.ends_with("</script></body></html>"), "{html}");
    assert!(!html.contains("\"</script>"), "{html}");
    let policy = policy.await.unwrap().unwrap();
    assert_eq!((policy.revalidate, policy.tags), (None, vec!["t".to_owned()]));
}

/// What a snapshot holds was evaluated by another process, at another time.
#[tokio::test]
async fn nodes_modules_know_the_process_that_runs() {
    let app = App::handling(
        r#"const [{ createHash, randomUUID, createCipheriv }, { Readable, Transform, pipeline }, { createRequire }] =
             await Promise.all([import("node:crypto"), import("node:stream"), import("node:module")]);
           const shout = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
           let text = "";
           for await (const chunk of pipeline(Readable.from(["a", "b"]), shout, () => {})) text += chunk;
           const cipher = createCipheriv("aes-128-cbc", Buffer.alloc(16), Buffer.alloc(16));
           const require = createRequire(import.meta.url);
           return Response.json({
             process: [process.pid, process.argv[0] === process.execPath, process.release.name, typeof process.stdout.write],
             time: [performance.timeOrigin, Date.now()],
             random: [Math.random(), randomUUID(), crypto.randomUUID()],
             made: [text, createHash("md5").update("a").digest("hex"), cipher.update("a", "utf8", "hex") + cipher.final("hex")],
             required: [require("node:path").sep, require("util").inspect(new Map([[1, new Date(0)]]))],
           });"#,
    );
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0;
    let mut random = std::collections::HashSet::new();
    for _ in 0..2 {
        let engine = app.start(1).await.unwrap();
        let said = text(engine.handle(get("/")).await.unwrap()).await;
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["process"], serde_json::json!([std::process::id(), true, "node", "function"]));
        assert!(
            said["time"][0].as_f64().unwrap() > before - 1.0 && said["time"][1].as_f64() > said["time"][0].as_f64()
        );
        random.extend(said["random"].as_array().unwrap().iter().map(ToString::to_string));
        let made = ["AB", "0cc175b9c0f1b6a831c399e269772661", "8e4a3d4beb92d54c7e95f67d41daed59"];
        assert_eq!(said["made"], serde_json::json!(made));
        assert_eq!(said["required"], serde_json::json!(["/", "Map(1) { 1 => 1970-01-01T00:00:00.000Z }"]));
        engine.shutdown().await;
    }
    assert_eq!(random.len(), 6, "nothing random comes from the snapshot");
}

#[tokio::test]
async fn an_endless_loop_is_answered_with_an_error_and_the_next_request_is_served() {
    let app = App::handling("if (request.url.endsWith('/loop')) for (;;) {} return new Response('alive');");
    let engine = app.start(1).await.unwrap();
    let error = engine.handle(get("/loop")).await.unwrap_err();
    assert!(matches!(error, EngineError::TimedOut { .. }), "{error}");
    assert_eq!(text(engine.handle(get("/")).await.unwrap()).await, "alive");
    assert!(app.log.lock().unwrap().iter().any(|line| line.contains("an isolate was replaced")));
}

#[tokio::test]
async fn an_exhausted_heap_is_answered_with_an_error_and_the_next_request_is_served() {
    let app = App::handling(
        "const all = [];
         if (request.url.endsWith('/pieces')) for (;;) { all.push(new Array(10_000).fill({})); if (all.length % 50 === 0) await null; }
         if (request.url.endsWith('/at-once')) for (;;) all.push({ number: all.length });
         // Each is larger than the heap may be.
         if (request.url.endsWith('/whole')) for (;;) all.push(new Array(2 ** 25).fill(0));
         return new Response('alive');",
    );
    let engine = app.start(1).await.unwrap();
    for eater in ["/pieces", "/at-once", "/whole"] {
        let error = engine.handle(get(eater)).await.unwrap_err();
        // QuickJS throws where there is no room.
        let ended = matches!(error, EngineError::Crashed(_) | EngineError::TimedOut { .. } | EngineError::Render(_));
        assert!(ended, "{eater}: {error}");
        assert_eq!(text(engine.handle(get("/")).await.unwrap()).await, "alive", "after {eater}");
    }
}

#[tokio::test]
async fn an_exception_fails_its_request_alone() {
    let app = App::handling(
        "if (request.url.endsWith('/throw')) throw new Error('boom');
         if (request.url.endsWith('/stray')) { setTimeout(() => { throw new Error('stray'); }); Promise.reject(new Error('unseen')); await new Promise((r) => setTimeout(r, 5)); }
         return new Response('alive');",
    );
    let engine = app.start(1).await.unwrap();
    let error = engine.handle(get("/throw")).await.unwrap_err();
    assert!(matches!(&error, EngineError::Render(message) if message.contains("boom")), "{error}");
    assert_eq!(text(engine.handle(get("/stray")).await.unwrap()).await, "alive");
    assert_eq!(text(engine.handle(get("/")).await.unwrap()).await, "alive");
    let log = app.log.lock().unwrap().join("\n");
    assert!(log.contains("boom") && log.contains("stray") && log.contains("unseen"), "{log}");
    assert!(!log.contains("replaced"), "{log}");
}

#[tokio::test]
async fn a_client_that_goes_away_aborts_the_signal() {
    let app = App::handling(
        "if (request.url.endsWith('/count')) return new Response(String(globalThis.aborted ?? 0));
         request.signal.addEventListener('abort', () => { globalThis.aborted = (globalThis.aborted ?? 0) + 1; globalThis.release?.(); });
         if (request.url.endsWith('/body')) return new Response(new ReadableStream({ async pull(c) { c.enqueue(new Uint8Array(1024)); await new Promise((r) => setTimeout(r, 1)); } }));
         if (request.url.endsWith('/wait')) { await new Promise((resolve) => { globalThis.release = resolve; }); }
         return new Response('done');",
    );
    let engine = Arc::new(app.start(1).await.unwrap());
    let mut response = engine.handle(get("/body")).await.unwrap();
    response.body.next().await.unwrap().unwrap();
    drop(response);
    let waiting = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.handle(get("/wait")).await.map(|_| ()) }
    });
    // The isolate takes requests in order: when this one is answered, the one before has begun.
    text(engine.handle(get("/done")).await.unwrap()).await;
    waiting.abort();
    let _ = waiting.await;
    let mut count = String::new();
    while count != "2" {
        count = text(engine.handle(get("/count")).await.unwrap()).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn documents_whose_clients_have_gone_take_nobody_s_place() {
    // As React does: whoever is told that the client has gone writes no more, and ends nothing.
    let app = App::handling(
        "if (request.url.endsWith('/next')) return new Response('alive');
         return { status: 200, headers: [], cache: Promise.resolve(null),
           pipe(sink) { sink.on('close', () => {}); sink.write('<p>begun'); sink.flush(); } };",
    );
    let engine = app.start(1).await.unwrap();
    // More than one isolate runs at a time.
    for _ in 0..300 {
        let mut response = engine.handle(get("/")).await.unwrap();
        assert!(response.body.next().await.is_some());
    }
    assert_eq!(text(engine.handle(get("/next")).await.unwrap()).await, "alive");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_slow_client_makes_the_producer_pause() {
    let app = App::handling(
        "if (request.url.endsWith('/count')) return new Response(String(globalThis.produced));
         globalThis.produced = 0;
         return new Response(new ReadableStream({ pull(c) { if (++globalThis.produced > 2000) c.close(); else c.enqueue(new Uint8Array(64 * 1024)); } }));",
    );
    let engine = app.start(1).await.unwrap();
    let mut response = engine.handle(get("/")).await.unwrap();
    let first = response.body.next().await.unwrap().unwrap();
    assert!(!first.is_empty());
    let mut produced = 0;
    for _ in 0..20 {
        produced = text(engine.handle(get("/count")).await.unwrap()).await.parse().unwrap();
    }
    assert!(produced < 40, "{produced} chunks were made while nobody read");
    let mut bytes = first.len();
    while let Some(chunk) = response.body.next().await {
        bytes += chunk.unwrap().len();
    }
    assert_eq!(bytes, 2000 * 64 * 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_over_two_isolates_never_see_each_other() {
    let app = App::new(
        "import { AsyncLocalStorage } from 'node:async_hooks';
         const storage = new AsyncLocalStorage();
         const deep = async (n) => { if (n === 0) return storage.getStore(); await null; return deep(n - 1); };
         export default { async init() {}, handle(request) {
           return storage.run(request.url.split('/').pop(), async () => { await new Promise((r) => setTimeout(r, 0)); return new Response(await deep(5)); });
         } };",
    );
    let engine = Arc::new(app.start(2).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..10_000 {
        let engine = Arc::clone(&engine);
        tasks.spawn(async move {
            let answer = text(engine.handle(get(&format!("/{id}"))).await.unwrap()).await;
            assert_eq!(answer, id.to_string());
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
    engine.shutdown().await;
    assert!(matches!(engine.handle(get("/")).await, Err(EngineError::Closed)));
}

#[tokio::test]
async fn what_outlives_its_response_runs_after_it_and_before_the_engine_ends() {
    let app = App::handling(
        "let streamed = false;
         this.host.waitUntil(request.ended.then(async () => {
           for (let turn = 0; turn < 3; turn++) await new Promise((done) => setTimeout(done));
           this.host.log('info', `later: ${streamed}`);
         }));
         let left = 3;
         return new Response(new ReadableStream({
           pull(controller) {
             if (left-- > 0) controller.enqueue(new TextEncoder().encode('.'));
             else { streamed = true; controller.close(); }
           },
         }));",
    );
    let engine = app.start(1).await.unwrap();
    assert_eq!(text(engine.handle(get("/")).await.unwrap()).await, "...");
    engine.shutdown().await;
    assert_eq!(*app.log.lock().unwrap(), ["later: true"]);
}

#[tokio::test]
async fn a_server_module_that_throws_is_reported_at_start() {
    let app = App::new("throw new Error('cannot connect');");
    let error = app.start(2).await.unwrap_err();
    assert!(matches!(&error, StartError::Module(message) if message.contains("cannot connect")), "{error}");
}

#[tokio::test]
async fn configuration_is_evaluated_in_every_form_that_next_takes() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    write("node_modules/plugin/package.json", r#"{ "name": "plugin", "main": "index.js" }"#);
    write("node_modules/plugin/index.js", "module.exports = (config) => ({ ...config, plugin: true });");
    write("base.ts", "export const basePath: string = '/docs';");
    let cases = [
        (
            "a/next.config.ts",
            "import type { NextConfig } from 'next';\nconst c: NextConfig = { trailingSlash: true };\nexport default c;",
            r#"{"trailingSlash":true}"#,
        ),
        (
            "b/next.config.mjs",
            "export default async (phase) => ({ env: { phase, set: process.env.FROM_FILE ?? 'no' } });",
            r#"{"env":{"phase":"build","set":"yes"}}"#,
        ),
        (
            "c/next.config.js",
            "const path = require('path'); module.exports = { distDir: path.join('a', 'b'), webpack() {}, redirects: async () => [] };",
            r#"{"distDir":"a/b","webpack":"[function]","redirects":[]}"#,
        ),
        (
            "next.config.ts",
            "import plugin from 'plugin';\nimport { basePath } from './base';\nexport default plugin({ basePath });",
            r#"{"basePath":"/docs","plugin":true}"#,
        ),
        (
            "d/next.config.ts",
            "const { relative } = require('node:path');\nexport default { env: { itself: relative(__dirname, require.resolve('./next.config.ts')), name: relative(__dirname, __filename) } };",
            r#"{"env":{"itself":"next.config.ts","name":"next.config.ts"}}"#,
        ),
    ];
    for (name, source, expected) in cases {
        let path = write(name, source);
        let env = BTreeMap::from([("FROM_FILE".to_owned(), "yes".to_owned())]);
        let value = evaluate_config(&path, "build", &env, &cache_dir(), SnapshotMaker::ThisProcess, LIMIT).await;
        assert_eq!(value.unwrap().to_string(), expected, "{name}");
    }
    for (source, limit, said) in [
        ("export default { a: ;", LIMIT, "next.config.broken.ts:1:21)"),
        ("export default await new Promise(() => {});", LIMIT, "never"),
        // Long enough for the platform to begin: what it loads cannot be stopped half-way.
        ("for (;;);", Duration::from_secs(2), "kept the CPU"),
        // The lines are those of the file, not of what is made of it.
        (
            "type Options = {\n  a: string;\n};\n\nconst say = (options: Options) => {\n  throw new TypeError(options.a);\n};\nsay({ a: 'gone' });\nexport default {};",
            LIMIT,
            "TypeError: gone (",
        ),
        ("type T = {\n  a: 1;\n};\n\nthrow new Error('here') as T;", LIMIT, "next.config.broken.ts:5:"),
        ("throw 'a word';", LIMIT, "a word"),
    ] {
        let path = write("next.config.broken.ts", source);
        let error =
            evaluate_config(&path, "build", &BTreeMap::new(), &cache_dir(), SnapshotMaker::ThisProcess, limit).await;
        let Err(StartError::Config(message)) = error else { panic!("{source}: {error:?}") };
        assert!(message.contains(said), "{source}: {message}");
        assert!(!message.contains("\n    at "), "{source}: {message}");
    }
}
