//! The native server over an engine made of Rust.
#![cfg(feature = "native")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use vinext_adapters::engine::{EngineError, EngineRequest, EngineResponse, JsEngine, PagePolicy, ResponseBody};
use vinext_adapters::manifest::{Actions, ClientAssets, Manifest, ServerConfig, ServerModules};
use vinext_adapters::native::server::{
    NativeServer, PrerenderError, Prerendered, Prerenderer, ServeError, ServerOptions, StaticFiles,
};
use vinext_cache::{Cache, ManualClock, MemoryStore, SeededStore};

/// The payload of a page in the root layout.
const LAYOUTS: &[u8] = b"0:{\"tree\":{\"key\":\"\",\"node\":\"$1\",\"slots\":{\"children\":{\"key\":\"__PAGE__\",\"node\":\"$2\",\"slots\":{}}}}}\n1:\"layout\"\n2:\"page\"\n";

/// Answers by path.
#[derive(Default)]
struct Fake {
    /// The not-found page is everybody's.
    shares_not_found: bool,
    renders: AtomicUsize,
    produced: Arc<AtomicUsize>,
    gone: Arc<Notify>,
}

/// Notes that a render was left.
struct Leaving(Arc<Notify>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[async_trait]
impl JsEngine for Fake {
    async fn handle(&self, mut request: EngineRequest) -> Result<EngineResponse, EngineError> {
        let render = self.renders.fetch_add(1, Ordering::SeqCst) + 1;
        let matched: serde_json::Value = serde_json::from_str(request.matched.as_str()).unwrap();
        let path = matched["pathname"].as_str().unwrap().to_owned();
        let (sender, body) = ResponseBody::channel(2);
        let (policy, cache) = oneshot::channel();
        let mut headers = HeaderMap::new();
        let is_missing = self.shares_not_found && path == "/_not-found";
        let shared = ["/static", "/layouts", "/stalls"].contains(&path.as_str()) || is_missing;
        headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert("x-middleware-secret", HeaderValue::from_static("1"));
        match path.as_str() {
            "/stalls" if render == 2 => {
                let _gone = Leaving(Arc::clone(&self.gone));
                return std::future::pending().await;
            }
            _ if shared => {
                headers.insert("cache-control", HeaderValue::from_static("s-maxage=31536000"));
                sender.try_send(Ok(format!("<p>{render}</p>{}", "text ".repeat(200)).into())).unwrap();
                let payload = match path.as_str() {
                    "/static" | "/stalls" => None,
                    "/layouts" => Some(Bytes::from_static(LAYOUTS)),
                    _ => Some(Bytes::from(format!("payload {render}"))),
                };
                policy
                    .send(Some(PagePolicy {
                        revalidate: None,
                        expire: None,
                        tags: vec!["tag".to_owned()],
                        payload,
                        rest: None,
                    }))
                    .unwrap();
            }
            "/endless" => {
                let (produced, gone) = (Arc::clone(&self.produced), Arc::clone(&self.gone));
                tokio::spawn(async move {
                    while sender.send(Ok(Bytes::from(vec![b'x'; 64 * 1024]))).await.is_ok() {
                        produced.fetch_add(1, Ordering::SeqCst);
                    }
                    gone.notify_one();
                });
            }
            "/reads" | "/api/reads" => {
                let read = request.take_body().collect().await;
                let said = read.map_or_else(|error| error.to_string(), |_| "whole".to_owned());
                sender.try_send(Ok(said.into())).unwrap();
                policy.send(None).unwrap();
            }
            // A function that redirects, and the page that it redirects to.
            "/" if request.headers.contains_key("next-action") => {
                headers.remove("content-type");
                headers.insert("x-action-redirect", HeaderValue::from_static("/blog/there;push"));
                headers.insert("set-cookie", HeaderValue::from_static("by=function; Path=/"));
                policy.send(None).unwrap();
                let status = StatusCode::SEE_OTHER;
                return Ok(EngineResponse { status, headers, decision: None, shared, body, cache });
            }
            "/blog/there" if matched["variant"] == "rsc" => {
                headers.insert("content-type", HeaderValue::from_static("text/x-component"));
                let cookie = request.headers.get("cookie").map_or("none", |cookie| cookie.to_str().unwrap());
                sender.try_send(Ok(format!("payload for {cookie}").into())).unwrap();
                policy.send(None).unwrap();
            }
            "/crash" => return Err(EngineError::Crashed("test".to_owned())),
            "/busy" => return Err(EngineError::Overloaded),
            _ => {
                headers.insert("cache-control", HeaderValue::from_static("private, no-store"));
                sender.try_send(Ok(format!("{render} {} {}", request.url, request.matched.as_str()).into())).unwrap();
                policy.send(None).unwrap();
            }
        }
        let status = if is_missing { StatusCode::NOT_FOUND } else { StatusCode::OK };
        Ok(EngineResponse { status, headers, decision: None, shared, body, cache })
    }

    async fn shutdown(&self) {}
}

struct Site {
    _dir: tempfile::TempDir,
    address: std::net::SocketAddr,
    engine: Arc<Fake>,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<()>,
    client: Client<HttpConnector, Empty<Bytes>>,
}

fn manifest(config: ServerConfig) -> Manifest {
    let pages =
        ["", "static/", "layouts/", "dynamic/", "endless/", "crash/", "busy/", "reads/", "stalls/", "blog/[slug]/"];
    let mut files: Vec<String> = pages.iter().map(|page| format!("app/{page}page.tsx")).collect();
    files.extend(["app/layout.tsx", "app/api/reads/route.tsx"].map(str::to_owned));
    Manifest {
        version: Manifest::VERSION,
        build_id: "build".to_owned(),
        app_dir: "app".into(),
        routes: vinext_router::scan(files, &["tsx"]).unwrap().routes,
        server: ServerModules { rsc: "server/rsc/index.js".into(), ssr: "server/ssr/index.js".into() },
        client: ClientAssets::default(),
        css: BTreeMap::new(),
        metadata: BTreeMap::new(),
        actions: Actions::default(),
        proxy: None,
        dynamic: std::collections::BTreeSet::new(),
        shells: BTreeMap::new(),
        stored_handlers: std::collections::BTreeSet::new(),
        exported: None,
        config,
    }
}

impl Site {
    async fn start() -> Self {
        Self::with(ServerConfig::default()).await
    }

    async fn with(config: ServerConfig) -> Self {
        Self::with_options(config, |_| {}).await
    }

    async fn with_options(config: ServerConfig, set: impl FnOnce(&mut ServerOptions)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("out/client/_next/static/chunks/main-1.js", b"plain script");
        write("out/client/_next/static/chunks/main-1.js.br", b"brotli");
        write("out/client/_next/static/chunks/main-1.js.gz", b"gzip");
        write("public/robots.txt", b"0123456789");
        write("public/a b.txt", b"spaced");
        write("public/a.tar", b"tar");
        write("public/a.tar.gz", b"zipped");
        write("public/empty.txt", b"");
        write("public/large.bin", &vec![7; 3 * 1024 * 1024]);
        write("secret.txt", b"secret");
        let engine = Arc::new(Fake::default());
        let mut options = ServerOptions::default();
        set(&mut options);
        let manifest = manifest(config);
        let files = StaticFiles::index(&root.join("out"), Some(&root.join("public")), &manifest).unwrap();
        let server =
            NativeServer::bind(([127, 0, 0, 1], 0).into(), &manifest, files, options, Arc::clone(&engine) as _)
                .await
                .unwrap();
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { _dir: dir, address, engine, stop: Some(stop), running, client }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<hyper::body::Incoming> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.request(request.body(Empty::new()).unwrap()).await.unwrap()
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
        let (parts, body) = self.send("GET", path, headers).await.into_parts();
        (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
    }

    async fn text(&self, path: &str) -> String {
        String::from_utf8(self.get(path, &[]).await.2).unwrap()
    }
}

#[tokio::test]
async fn the_clients_files_are_immutable_and_sent_in_the_best_encoding() {
    let site = Site::start().await;
    let path = "/_next/static/chunks/main-1.js";
    let (status, headers, body) = site.get(path, &[]).await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"plain script"[..]));
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["content-type"], "application/javascript; charset=UTF-8");
    assert_eq!(headers["vary"], "Accept-Encoding");
    for (accept, encoding, content) in
        [("gzip, br", Some("br"), "brotli"), ("gzip", Some("gzip"), "gzip"), ("br;q=0", None, "plain script")]
    {
        let (_, headers, body) = site.get(path, &[("accept-encoding", accept)]).await;
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), encoding, "{accept}");
        assert_eq!(body, content.as_bytes(), "{accept}");
    }
    assert_eq!(site.get("/_next/static/chunks/main-1.js.br", &[]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/_next/static/none.js", &[]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_file_answers_conditions_ranges_and_head() {
    let site = Site::start().await;
    let (_, headers, _) = site.get("/robots.txt", &[]).await;
    let etag = headers["etag"].to_str().unwrap().to_owned();
    let (status, _, body) = site.get("/robots.txt", &[("if-none-match", &etag)]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    let (status, headers, body) = site.get("/robots.txt", &[("range", "bytes=2-4")]).await;
    assert_eq!((status, body.as_slice()), (StatusCode::PARTIAL_CONTENT, &b"234"[..]));
    assert_eq!(headers["content-range"], "bytes 2-4/10");
    let (status, headers, _) = site.get("/robots.txt", &[("range", "bytes=20-")]).await;
    assert_eq!(
        (status, &headers["content-range"]),
        (StatusCode::RANGE_NOT_SATISFIABLE, &HeaderValue::from_static("bytes */10"))
    );
    let (status, _, _) = site.get("/robots.txt", &[("range", "bytes=2-4"), ("if-range", "\"other\"")]).await;
    assert_eq!(status, StatusCode::OK);
    let head = site.send("HEAD", "/robots.txt", &[]).await;
    assert_eq!(head.headers()["content-length"], "10");
    assert_eq!(head.into_body().collect().await.unwrap().to_bytes().len(), 0);
    assert_eq!(site.send("POST", "/robots.txt", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(site.text("/a%20b.txt").await, "spaced");
    assert_eq!(site.text("/a.tar.gz").await, "zipped");
    assert_eq!(site.get("/empty.txt", &[]).await.2.len(), 0);
    assert_eq!(site.get("/large.bin", &[]).await.2.len(), 3 * 1024 * 1024);
    assert_eq!(site.get("/large.bin", &[("range", "bytes=-5")]).await.2, [7; 5]);
    let (_, headers, _) = site.get("/large.bin", &[]).await;
    let etag = headers["etag"].to_str().unwrap();
    assert!(etag.starts_with("W/\"300000-"), "{etag}");
    assert_eq!(site.get("/large.bin", &[("if-none-match", etag)]).await.0, 304);
    let unsure = site.get("/large.bin", &[("range", "bytes=-5"), ("if-range", etag)]).await;
    assert_eq!((unsure.0, unsure.2.len()), (StatusCode::OK, 3 * 1024 * 1024), "a weak tag says nothing of parts");
}

#[tokio::test]
async fn nothing_outside_the_index_is_a_file() {
    let site = Site::start().await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/_next/static/../../../../secret.txt",
        "/%5c..%5csecret.txt",
    ] {
        let (_, _, body) = site.get(path, &[]).await;
        assert_ne!(body, b"secret", "{path}");
    }
}

#[tokio::test]
async fn a_page_for_everybody_is_rendered_once() {
    let site = Site::start().await;
    let (status, headers, first) = site.get("/static", &[]).await;
    assert_eq!((status, &headers["x-nextjs-cache"]), (StatusCode::OK, &HeaderValue::from_static("MISS")));
    let (_, headers, second) = site.get("/static?anything=else", &[]).await;
    assert!(headers.get("x-middleware-secret").is_none());
    assert_eq!(headers["x-nextjs-cache"], "HIT");
    assert_eq!(headers["x-powered-by"], "Next.js");
    assert_eq!(first, second);
    let etag = headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(site.get("/static", &[("if-none-match", &etag)]).await.0, StatusCode::NOT_MODIFIED);
    let (_, headers, zipped) = site.get("/static", &[("accept-encoding", "gzip")]).await;
    assert_eq!(headers["content-encoding"], "gzip");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&zipped[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, first);
    assert_eq!(headers["etag"], etag, "a weak tag stands for every encoding");
    let head = site.send("HEAD", "/static", &[]).await;
    assert_eq!(head.headers()["content-length"], first.len().to_string());
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 1);
    site.get("/static?_rsc", &[("rsc", "1")]).await;
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_draft_is_rendered_for_its_visitor_and_never_stored() {
    let site = Site::with(ServerConfig { draft_secret: "s3cret".to_owned(), ..ServerConfig::default() }).await;
    let draft = [("cookie", "a=1; __prerender_bypass=s3cret")];
    let start = |body: Vec<u8>| String::from_utf8(body).unwrap()[..8].to_owned();
    let (_, headers, first) = site.get("/static", &draft).await;
    assert!(!headers.contains_key("x-nextjs-cache") && !headers.contains_key("set-cookie"));
    assert_eq!(start(first), "<p>1</p>");
    assert_eq!(start(site.get("/static", &[]).await.2), "<p>2</p>", "a draft is nobody else's page");
    assert_eq!(start(site.get("/static", &draft).await.2), "<p>3</p>", "a stored page is no draft");
    assert_eq!(start(site.get("/static", &[]).await.2), "<p>2</p>");
    for forged in ["__prerender_bypass=s3creT", "__prerender_bypass=x"] {
        let (_, headers, body) = site.get("/static", &[("cookie", forged)]).await;
        assert_eq!(start(body), "<p>2</p>", "{forged}");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2, "{forged} is forgotten");
    }
    assert!(!site.get("/static", &[]).await.1.contains_key("set-cookie"), "what one visitor forgets is not stored");
}

#[tokio::test]
async fn a_page_for_one_request_is_rendered_for_each() {
    let site = Site::start().await;
    let (_, headers, body) = site.get("/dynamic?a=1&_rsc=x", &[("x-middleware-subrequest", "1")]).await;
    let text = String::from_utf8(body).unwrap();
    assert!(text.starts_with(&format!("1 http://{}/dynamic?a=1 ", site.address)), "{text}");
    assert!(headers.get("x-nextjs-cache").is_none() && headers.get("x-middleware-secret").is_none());
    assert!(site.text("/dynamic").await.starts_with('2'));
    let (_, headers, zipped) = site.get("/dynamic", &[("accept-encoding", "gzip")]).await;
    assert_eq!(headers["content-encoding"], "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&zipped[..]).read_to_string(&mut text).unwrap();
    assert!(text.starts_with('3'));
}

#[tokio::test]
async fn what_nothing_matches_is_the_not_found_page() {
    let site = Site::start().await;
    let (status, _, body) = site.get("/nowhere", &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(String::from_utf8(body).unwrap().contains("/_not-found/page"));
}

#[tokio::test]
async fn slashes_are_redirected_and_malformed_paths_refused() {
    let site = Site::start().await;
    let (status, headers, _) = site.get("/dynamic/?q=1", &[]).await;
    assert_eq!(
        (status, &headers["location"]),
        (StatusCode::PERMANENT_REDIRECT, &HeaderValue::from_static("/dynamic?q=1"))
    );
    assert_eq!(site.get("/%zz", &[]).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_failing_engine_is_a_500_and_a_full_one_a_503() {
    let site = Site::start().await;
    assert_eq!(site.get("/crash", &[]).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    let (status, headers, _) = site.get("/busy", &[]).await;
    assert_eq!((status, &headers["retry-after"]), (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("1")));
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_producer_and_one_that_leaves_ends_it() {
    let site = Site::start().await;
    let mut client = tokio::net::TcpStream::connect(site.address).await.unwrap();
    client.write_all(b"GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'H');
    // Wait until nothing more is produced: the sockets' buffers are full.
    let mut last = usize::MAX;
    loop {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        let produced = site.engine.produced.load(Ordering::SeqCst);
        if produced == last {
            break;
        }
        last = produced;
    }
    assert!(last < 1000, "{last} chunks were produced while nobody read");
    drop(client);
    site.engine.gone.notified().await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let patience = Duration::from_millis(20);
    let site = Site::with_options(ServerConfig::default(), |options| options.body_patience = patience).await;
    for (path, call) in [("/api/reads", ""), ("/reads", "next-action: 0\r\n")] {
        let mut client = tokio::net::TcpStream::connect(site.address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{call}content-length: 100\r\n\r\nbegun");
        client.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("nothing came for 20 ms"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() {
    let deadline = Duration::from_millis(20);
    let site = Site::with_options(ServerConfig::default(), |options| options.body_deadline = deadline).await;
    let mut client = tokio::net::TcpStream::connect(site.address).await.unwrap();
    let head = "POST /reads HTTP/1.1\r\nhost: localhost\r\nnext-action: 0\r\ncontent-length: 100\r\n\r\nbegun";
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("the body was not whole after 20 ms"), "{answer}");
}

#[tokio::test]
async fn http2_without_tls_is_served() {
    let site = Site::start().await;
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let uri: http::Uri = format!("http://{}/static", site.address).parse().unwrap();
    let response = client.get(uri).await.unwrap();
    assert_eq!((response.version(), response.status()), (http::Version::HTTP_2, StatusCode::OK));
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_has_begun() {
    let mut site = Site::start().await;
    let response = site.send("GET", "/dynamic", &[]).await;
    site.stop.take().unwrap().send(()).unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"1 "));
    drop(site.client);
    site.running.await.unwrap();
}

#[tokio::test]
async fn a_server_that_stops_cuts_off_what_does_not_end_in_time() {
    let mut site = Site::with_options(ServerConfig::default(), |options| options.drain = Duration::ZERO).await;
    let mut endless = site.send("GET", "/endless", &[]).await.into_body();
    assert!(endless.frame().await.is_some_and(|frame| frame.is_ok()));
    site.stop.take().unwrap().send(()).unwrap();
    site.running.await.unwrap();
    site.engine.gone.notified().await;
}

#[tokio::test]
async fn an_address_in_use_is_told_apart() {
    let site = Site::start().await;
    let manifest = manifest(ServerConfig::default());
    let files = StaticFiles::index(Utf8Path::new("/nowhere"), None, &manifest).unwrap();
    let error = NativeServer::bind(site.address, &manifest, files, ServerOptions::default(), Arc::new(Fake::default()))
        .await
        .unwrap_err();
    assert!(matches!(error, ServeError::AddressInUse(address) if address == site.address));
}

#[tokio::test]
async fn everything_lives_below_the_base_path() {
    let site = Site::with(ServerConfig { base_path: "/docs".to_owned(), ..ServerConfig::default() }).await;
    assert_eq!(site.text("/docs/robots.txt").await, "0123456789");
    assert_eq!(site.get("/robots.txt", &[]).await.0, StatusCode::NOT_FOUND);
    assert!(site.text("/docs/dynamic").await.contains("/docs/dynamic "));
    assert!(site.text("/docs").await.contains("/docs "));
    assert!(site.text("/elsewhere").await.contains(&format!("{}/elsewhere ", site.address)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_mixed_requests_at_once_get_their_own_answers() {
    let site = Arc::new(Site::start().await);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..1000 {
        let site = Arc::clone(&site);
        tasks.spawn(async move {
            match number % 3 {
                0 => assert_eq!(site.text("/robots.txt").await, "0123456789"),
                1 => assert!(site.text("/static").await.starts_with("<p>")),
                _ => assert!(site.text(&format!("/blog/{number}")).await.contains(&format!("\"slug\":\"{number}\""))),
            }
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_herd_on_a_cold_page_is_one_render() {
    let site = Arc::new(Site::start().await);
    let mut herd = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let site = Arc::clone(&site);
        herd.spawn(async move { assert!(site.text("/static").await.starts_with("<p>1</p>")) });
    }
    while let Some(result) = herd.join_next().await {
        result.unwrap();
    }
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_renewal_that_never_comes_is_given_up_and_tried_again_later() {
    let clock = ManualClock::default();
    let cache = Cache::builder().memory(1 << 20).clock(clock.clone()).build();
    let config = ServerConfig { page_timeout: 50, ..ServerConfig::default() };
    let site = Site::with_options(config, |options| options.cache = cache.clone()).await;
    let first = site.text("/stalls").await;
    cache.mark_stale(&"tag".parse().unwrap(), None);
    assert_eq!(site.get("/stalls", &[]).await.1["x-nextjs-cache"], "STALE");
    site.engine.gone.notified().await;
    // It is left alone for a while, and shown.
    assert_eq!(site.text("/stalls").await, first);
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 2);
    clock.advance(Duration::from_mins(1));
    while site.text("/stalls").await == first {}
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_part_of_a_stored_page_is_sent_as_it_is_stored() {
    let site = Site::start().await;
    let whole = site.get("/static", &[]).await.2;
    let length = whole.len();
    let (status, headers, body) = site.get("/static", &[("range", "bytes=3-9"), ("accept-encoding", "gzip")]).await;
    assert_eq!((status, &body[..]), (StatusCode::PARTIAL_CONTENT, &whole[3..10]));
    assert_eq!(headers["content-range"], format!("bytes 3-9/{length}"));
    assert!(!headers.contains_key("content-encoding") && headers["content-length"] == "7");
    let (status, headers, body) = site.get("/static", &[("range", "bytes=100000-")]).await;
    assert_eq!((status, body.len()), (StatusCode::RANGE_NOT_SATISFIABLE, 0));
    assert_eq!(headers["content-range"], format!("bytes */{length}"));
    // A page's tag is weak, so that nobody may put parts together by it.
    let tag = headers["etag"].to_str().unwrap();
    let (status, _, body) = site.get("/static", &[("range", "bytes=0-0"), ("if-range", tag)]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, length));
    // What is made for one request has no parts.
    assert_eq!(site.get("/dynamic", &[("range", "bytes=0-0")]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_was_rendered_with_the_build_is_served_without_the_engine() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(Fake::default());
    let manifest = manifest(ServerConfig::default());
    let prerenderer = Prerenderer::new(&manifest, Arc::clone(&engine) as _).unwrap();
    let path = |path: &str| path.parse().unwrap();
    let page = prerenderer.render(&path("/static")).await.unwrap().unwrap();
    assert_eq!((page.status, page.is_page, page.path.as_str()), (StatusCode::OK, true, "/static"));
    let made = page.plant(&manifest.build_id, folder.path().to_owned()).await.unwrap();
    assert!(matches!(made, Prerendered::Stored { .. }), "{made:?}");
    assert!(prerenderer.render(&path("/dynamic")).await.unwrap().is_none());
    let crashed = prerenderer.render(&path("/crash")).await;
    assert!(matches!(crashed, Err(PrerenderError::Render(_))), "{crashed:?}");
    let nowhere = prerenderer.render(&path("/no/where")).await;
    assert!(matches!(nowhere, Err(PrerenderError::NoRoute(_))), "{nowhere:?}");

    let store = SeededStore::new(Arc::new(MemoryStore::new(0)), folder.path());
    let cache = Cache::builder().store(store).build();
    let site = Site::with_options(ServerConfig::default(), |options| options.cache = cache).await;
    let (status, headers, body) = site.get("/static", &[]).await;
    assert_eq!((status, &headers["x-nextjs-cache"]), (StatusCode::OK, &"HIT".parse().unwrap()));
    assert!(body.starts_with(b"<p>1</p>"));
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn one_stored_page_answers_whatever_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(Fake { shares_not_found: true, ..Fake::default() });
    let manifest = manifest(ServerConfig::default());
    let prerenderer = Prerenderer::new(&manifest, engine).unwrap();
    let page = prerenderer.render_not_found().await.unwrap().unwrap();
    assert_eq!((page.status, page.path.as_str()), (StatusCode::NOT_FOUND, "/_not-found"));
    let made = page.plant(&manifest.build_id, folder.path().to_owned()).await.unwrap();
    assert!(matches!(made, Prerendered::Stored { .. }), "{made:?}");

    let store = SeededStore::new(Arc::new(MemoryStore::new(0)), folder.path());
    let cache = Cache::builder().store(store).build();
    let site = Site::with_options(ServerConfig::default(), |options| options.cache = cache).await;
    for path in ["/nowhere", "/no/where?x=1", "/_not-found"] {
        let (status, headers, body) = site.get(path, &[]).await;
        assert_eq!((status, &headers["x-nextjs-cache"]), (StatusCode::NOT_FOUND, &"HIT".parse().unwrap()), "{path}");
        assert!(body.starts_with(b"<p>1</p>"), "{path}");
    }
    let (status, headers, body) = site.get("/nowhere", &[("rsc", "1")]).await;
    assert_eq!((status, &headers["content-type"]), (StatusCode::NOT_FOUND, &"text/x-component".parse().unwrap()));
    assert_eq!(body, b"payload 1");
    assert_eq!(site.send("POST", "/nowhere", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stored_payload_comes_without_the_layouts_that_the_client_has() {
    let site = Site::start().await;
    let (_, headers, body) = site.get("/layouts?_rsc", &[("rsc", "1")]).await;
    assert_eq!(body, LAYOUTS);
    assert!(headers.contains_key("etag"));
    let known = ("next-router-state-tree", "%5B%22%22%5D");
    let (status, headers, _) = site.get("/layouts", &[("rsc", "1"), known]).await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT, "the address says which of the answers it is");
    let address = headers["location"].to_str().unwrap();
    let (_, headers, body) = site.get(address, &[("rsc", "1"), known]).await;
    let text = String::from_utf8(body).unwrap();
    assert!(!text.contains("1:\"layout\"") && text.contains("2:\"page\""), "{text}");
    assert!(!headers.contains_key("etag"), "nobody has asked for just that before");
    assert_eq!(headers["content-length"].to_str().unwrap(), text.len().to_string());
    let (_, headers, body) = site.get(address, &[("rsc", "1"), known, ("accept-encoding", "br, gzip")]).await;
    assert_eq!(headers["content-encoding"], "gzip");
    let mut unpacked = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, text);
    assert_eq!(site.engine.renders.load(Ordering::SeqCst), 1, "one render made all of them");
}

#[tokio::test]
async fn a_function_s_redirect_brings_its_page() {
    let site = Site::start().await;
    let request = Request::post(format!("http://{}/", site.address))
        .header("next-action", "0".repeat(42))
        .header("content-type", "text/plain;charset=UTF-8")
        .header("cookie", "sent=1");
    let client: Client<HttpConnector, http_body_util::Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Bytes::from_static(b"[]").into()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["content-type"], "text/x-component");
    assert_eq!(response.headers()["x-action-redirect"], "/blog/there;push");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "payload for sent=1; by=function");
}
