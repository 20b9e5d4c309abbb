//! Requests that the configuration passes on to another server, which is a few lines of Rust on a local port.
#![cfg(feature = "native")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use camino::Utf8Path;
use http_body_util::{BodyExt as _, Full};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use vinext_adapters::engine::{EngineError, EngineRequest, EngineResponse, JsEngine};
use vinext_adapters::manifest::{ClientAssets, Manifest, ServerConfig, ServerModules};
use vinext_adapters::native::outbound::{Outbound, OutboundError, OutboundOptions, Reach, Target};
use vinext_adapters::native::server::{NativeServer, ServerOptions, StaticFiles};

/// No request of these tests is a page's.
struct NoEngine;

#[async_trait]
impl JsEngine for NoEngine {
    async fn handle(&self, _: EngineRequest) -> Result<EngineResponse, EngineError> {
        Err(EngineError::Closed)
    }

    async fn shutdown(&self) {}
}

/// Another server: what it is told stands in the test.
struct Upstream {
    listener: TcpListener,
    address: SocketAddr,
}

impl Upstream {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    async fn accept(&self) -> Wire {
        Wire(self.listener.accept().await.unwrap().0)
    }
}

/// One side of a connection, byte by byte.
struct Wire(TcpStream);

impl Wire {
    async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads up to the end of these bytes.
    async fn hear(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(end.as_bytes()) {
            heard.push(self.0.read_u8().await.unwrap_or_else(|_| {
                panic!("the connection ended after {:?}", String::from_utf8_lossy(&heard));
            }));
        }
        String::from_utf8(heard).unwrap()
    }

    /// A message's head, in lower case.
    async fn head(&mut self) -> String {
        self.hear("\r\n\r\n").await.to_ascii_lowercase()
    }

    async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        String::from_utf8_lossy(&rest).into_owned()
    }
}

struct Site {
    _dir: tempfile::TempDir,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Site {
    /// A server whose only rewrites lead from `/up/…` to the upstream, and from `/to/:host/…` to a host of the client's choice.
    async fn before(upstream: SocketAddr, proxy_timeout: Option<u64>) -> Self {
        let rewrites = serde_json::json!({ "rewrites": { "beforeFiles": [
            { "source": "/up/:path*", "destination": format!("http://{upstream}/:path*") },
            { "source": "/to/:host/:path*", "destination": format!("http://:host:{}/:path*", upstream.port()) },
        ] } });
        let config = ServerConfig {
            proxy_timeout,
            config_routes: serde_json::from_value(rewrites).unwrap(),
            ..ServerConfig::default()
        };
        let manifest = Manifest {
            version: Manifest::VERSION,
            build_id: "build".to_owned(),
            app_dir: "app".into(),
            routes: vinext_router::scan(["app/layout.tsx", "app/page.tsx"], &["tsx"]).unwrap().routes,
            server: ServerModules { rsc: "server/rsc/index.js".into(), ssr: "server/ssr/index.js".into() },
            client: ClientAssets::default(),
            css: BTreeMap::new(),
            metadata: BTreeMap::new(),
            actions: vinext_adapters::manifest::Actions::default(),
            proxy: None,
            dynamic: std::collections::BTreeSet::new(),
            shells: std::collections::BTreeMap::new(),
            stored_handlers: std::collections::BTreeSet::new(),
            exported: None,
            config,
        };
        let dir = tempfile::tempdir().unwrap();
        let files = StaticFiles::index(Utf8Path::from_path(dir.path()).unwrap(), None, &manifest).unwrap();
        let (anywhere, options) = (([127, 0, 0, 1], 0).into(), ServerOptions::default());
        let server = NativeServer::bind(anywhere, &manifest, files, options, Arc::new(NoEngine)).await.unwrap();
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { _dir: dir, address, _stop: stop }
    }

    async fn ask(&self, request: &str) -> Wire {
        let mut client = Wire::open(self.address).await;
        client.say(request).await;
        client
    }
}

async fn both() -> (Upstream, Site) {
    let upstream = Upstream::open().await;
    let site = Site::before(upstream.address, Some(30_000)).await;
    (upstream, site)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_request_reaches_the_other_server_with_its_own_headers_only() {
    let (upstream, site) = both().await;
    let mut client = site
        .ask(
            "GET /up/a%20b?x=1&_rsc=k HTTP/1.1\r\nhost: shop.example\r\nconnection: keep-alive, x-mine\r\nx-mine: 1\r\n\
             keep-alive: timeout=5\r\nproxy-authorization: Basic x\r\nproxy-connection: close\r\nte: trailers\r\n\
             trailer: x\r\nupgrade: h2c\r\nhttp2-settings: x\r\nx-middleware-subrequest: 1\r\nx-matched-path: /x\r\n\
             cookie: a=1\r\ncookie: b=2\r\nauthorization: Bearer t\r\naccept-encoding: br\r\nx-forwarded-for: 9.9.9.9\r\n\r\n",
        )
        .await;
    let mut server = upstream.accept().await;
    let head = server.head().await;
    server.say(OK).await;
    assert!(head.starts_with("get /a%20b?x=1&_rsc=k http/1.1\r\n"), "{head}");
    for kept in [
        &format!("host: {}\r\n", upstream.address),
        "x-forwarded-host: shop.example\r\n",
        "cookie: a=1; b=2\r\n",
        "authorization: bearer t\r\n",
        "accept-encoding: br\r\n",
        "x-forwarded-for: 9.9.9.9\r\n",
    ] {
        assert!(head.contains(kept), "{kept} is not in {head}");
    }
    for gone in [
        "x-mine:",
        "keep-alive",
        "proxy-",
        "te:",
        "trailer",
        "\r\nupgrade",
        "h2c",
        "x-middleware",
        "x-matched",
        "transfer-encoding",
        "content-length",
    ] {
        assert!(!head.contains(gone), "{gone} is in {head}");
    }
    assert!(client.hear("ok").await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn an_answer_comes_back_with_its_own_headers_only() {
    let (upstream, site) = both().await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server
        .say(
            "HTTP/1.1 203 Whatever\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=9\r\nproxy-authenticate: Basic\r\n\
             trailer: x-late\r\ntransfer-encoding: chunked\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-encoding: gzip\r\n\
             location: http://elsewhere.example/\r\nx-middleware-rewrite: /admin\r\nx-nextjs-data: 1\r\nserver: other\r\n\r\n\
             4\r\n\x1f\x08zz\r\n0\r\nx-late: 1\r\n\r\n",
        )
        .await;
    let head = client.head().await;
    assert!(head.starts_with("http/1.1 203 "), "{head}");
    for kept in
        ["set-cookie: a=1\r\nset-cookie: b=2", "content-encoding: gzip", "server: other", "location: http://elsewhere"]
    {
        assert!(head.contains(kept), "{kept} is not in {head}");
    }
    for gone in ["x-hop", "keep-alive", "proxy-", "trailer", "x-middleware", "x-nextjs-data"] {
        assert!(!head.contains(gone), "{gone} is in {head}");
    }
    assert_eq!(client.hear("0\r\n\r\n").await, "4\r\n\x1f\x08zz\r\n0\r\n\r\n", "nothing follows the body");
}

#[tokio::test]
async fn redirects_and_statuses_are_passed_back_not_followed() {
    let (upstream, site) = both().await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server.say("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n").await;
    assert!(client.head().await.contains("location: http://169.254.169.254/latest\r\n"));
}

#[tokio::test]
async fn head_keeps_the_length_of_what_it_does_not_send() {
    let (upstream, site) = both().await;
    let mut client = site.ask("HEAD /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    assert!(server.head().await.starts_with("head /x "));
    server.say("HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n").await;
    assert!(client.head().await.contains("content-length: 1234\r\n"));
}

#[tokio::test]
async fn bodies_stream_both_ways_at_once() {
    let (upstream, site) = both().await;
    let mut client = site.ask("POST /up/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
    let mut server = upstream.accept().await;
    let head = server.head().await;
    assert!(head.contains("transfer-encoding: chunked\r\n") && !head.contains("content-length"), "{head}");
    server.hear("3\r\none\r\n").await;
    // The answer begins before the request has ended,
    server.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n").await;
    client.head().await;
    client.hear("1\r\na\r\n").await;
    // and each goes on as the other does.
    client.say("3\r\ntwo\r\n").await;
    server.hear("3\r\ntwo\r\n").await;
    server.say("1\r\nb\r\n").await;
    client.hear("1\r\nb\r\n").await;
    client.say("0\r\n\r\n").await;
    server.hear("0\r\n\r\n").await;
    server.say("0\r\n\r\n").await;
    client.hear("0\r\n\r\n").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_other_server() {
    let (upstream, site) = both().await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server.say("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
    client.head().await;
    // Until the buffers of all sockets are full: a body of a gigabyte would not be held back by them.
    let chunk = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    while sent < 500_000_000 {
        let mut turns = 0;
        let written = loop {
            match server.0.try_write(&chunk) {
                Ok(written) => break written,
                Err(_) if turns == 500 => break 0,
                Err(_) => turns += 1,
            }
            tokio::task::yield_now().await;
        };
        if written == 0 {
            break;
        }
        sent += written;
    }
    assert!(sent < 100_000_000, "{sent} bytes were taken while nobody read");
    // A client that leaves ends the exchange.
    drop(client);
    while server.0.write_all(&chunk).await.is_ok() {}
}

#[tokio::test]
async fn a_server_that_does_not_read_stops_the_client() {
    let (upstream, site) = both().await;
    let client = site.ask("POST /up/x HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    let chunk = vec![b'x'; 64 * 1024];
    let (mut sent, mut turns) = (0, 0);
    while turns < 500 && sent < 500_000_000 {
        match client.0.try_write(&chunk) {
            Ok(written) => {
                sent += written;
                turns = 0;
            }
            Err(_) => turns += 1,
        }
        tokio::task::yield_now().await;
    }
    assert!(sent < 100_000_000, "{sent} bytes were taken while nobody read");
    drop(client);
    // What was on its way arrives, then the connection ends: no part of a body is taken for the whole.
    let heard = server.rest().await;
    assert!(heard.len() < 1_000_000_000);
}

#[tokio::test]
async fn a_websocket_goes_through() {
    let (upstream, site) = both().await;
    let mut client = site
        .ask(
            "GET /up/socket?room=1 HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: chat\r\n\r\n",
        )
        .await;
    let mut server = upstream.accept().await;
    let head = server.head().await;
    for line in
        ["get /socket?room=1 ", "\r\nconnection: upgrade\r\n", "\r\nupgrade: websocket\r\n", "sec-websocket-key: dghl"]
    {
        assert!(head.contains(line), "{line} is not in {head}");
    }
    server
        .say("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: s3p\r\nx-middleware-next: 1\r\n\r\nfirst")
        .await;
    let head = client.head().await;
    assert!(head.starts_with("http/1.1 101 ") && head.contains("sec-websocket-accept: s3p\r\n"), "{head}");
    assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
    assert!(!head.contains("x-middleware"), "{head}");
    client.hear("first").await;
    client.say("from the client").await;
    server.hear("from the client").await;
    server.say("from the server").await;
    client.hear("from the server").await;
    drop(client);
    assert_eq!(server.rest().await, "");
}

#[tokio::test]
async fn a_websocket_that_is_refused_is_an_answer() {
    let (upstream, site) = both().await;
    let mut client =
        site.ask("GET /up/s HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server.say("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await;
    assert!(client.hear("no").await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn nobody_switches_protocols_who_was_not_asked_to() {
    for (asked, answered) in [
        ("", "connection: upgrade\r\nupgrade: websocket\r\n"),
        ("connection: upgrade\r\nupgrade: h2c\r\n", "connection: upgrade\r\nupgrade: h2c\r\n"),
        ("connection: upgrade\r\nupgrade: websocket\r\n", "connection: upgrade\r\nupgrade: other\r\n"),
    ] {
        let (upstream, site) = both().await;
        let mut client = site.ask(&format!("GET /up/x HTTP/1.1\r\nhost: a\r\n{asked}\r\n")).await;
        let mut server = upstream.accept().await;
        server.head().await;
        server.say(&format!("HTTP/1.1 101 Switching Protocols\r\n{answered}\r\n")).await;
        assert!(client.head().await.starts_with("http/1.1 500 "), "{asked}");
    }
}

#[tokio::test]
async fn only_what_is_passed_on_is_upgraded() {
    let (upstream, site) = both().await;
    for target in ["/", "/x", &format!("http://{}/up/socket", upstream.address)] {
        let mut client = site
            .ask(&format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"))
            .await;
        let head = client.head().await;
        assert!(!head.starts_with("http/1.1 101"), "{target}: {head}");
    }
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(upstream.listener.poll_accept(cx).is_pending())).await);
}

#[tokio::test]
async fn who_is_not_there_is_an_error_of_ours() {
    let upstream = Upstream::open().await;
    let site = Site::before(upstream.address, Some(30_000)).await;
    drop(upstream);
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let answer = client.hear("Internal Server Error").await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
}

#[tokio::test]
async fn who_is_silent_for_too_long_is_an_error_of_ours() {
    let upstream = Upstream::open().await;
    let site = Site::before(upstream.address, Some(1)).await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    assert!(client.head().await.starts_with("http/1.1 500 "));
    server.rest().await;
}

#[tokio::test]
async fn a_body_that_stops_is_cut_and_not_ended() {
    let upstream = Upstream::open().await;
    let site = Site::before(upstream.address, Some(300)).await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegun\r\n").await;
    // On a machine that is very busy even its head may be too late; never is it a whole answer.
    let heard = client.rest().await;
    assert!(!heard.ends_with("0\r\n\r\n"), "{heard}");
}

#[tokio::test]
async fn a_length_and_chunks_are_chunks_and_the_connection_ends() {
    // The two readings of such a request are what smuggling is made of: here there is one, and nothing is read behind it.
    for lengths in
        ["content-length: 4\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 4"]
    {
        let (upstream, site) = both().await;
        let mut client = site
            .ask(&format!(
                "POST /up/x HTTP/1.1\r\nhost: a\r\n{lengths}\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /up/smuggled HTTP/1.1\r\nhost: a\r\n\r\n"
            ))
            .await;
        let mut server = upstream.accept().await;
        let head = server.head().await;
        assert!(head.contains("transfer-encoding: chunked\r\n") && !head.contains("content-length"), "{head}");
        server.hear("2\r\nhi\r\n0\r\n\r\n").await;
        server.say(OK).await;
        let answer = client.rest().await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        drop(site);
        assert!(!server.rest().await.contains("smuggled"));
    }
}

#[tokio::test]
async fn requests_with_two_ends_are_refused() {
    let (upstream, site) = both().await;
    for head in [
        "content-length: 1\r\ncontent-length: 2",
        "content-length: 1, 2",
        "content-length: +1",
        "content-length: -1",
        "content-length : 1",
        "transfer-encoding: identity",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
        "transfer-encoding : chunked",
        " transfer-encoding: chunked",
        "x: a\0b",
        "x: a\rb",
    ] {
        let mut client = site.ask(&format!("POST /up/x HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n0\r\n\r\n")).await;
        let answer = client.head().await;
        assert!(answer.starts_with("http/1.1 400 "), "{head:?}: {answer}");
    }
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(upstream.listener.poll_accept(cx).is_pending())).await);
}

#[tokio::test]
async fn answers_with_two_ends_or_broken_headers_are_errors_of_ours() {
    for head in [
        "content-length: 1\r\ncontent-length: 2",
        "content-length: x",
        "x: a\0b",
        "x: a\rset-cookie: evil=1",
        "x y: z",
        "no colon",
    ] {
        let (upstream, site) = both().await;
        let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let mut server = upstream.accept().await;
        server.head().await;
        server.say(&format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nx")).await;
        let answer = client.head().await;
        assert!(answer.starts_with("http/1.1 500 ") && !answer.contains("evil"), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_length_beside_chunks_is_not_passed_back() {
    let (upstream, site) = both().await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
        .await;
    let head = client.head().await;
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "{head}");
    client.hear("2\r\nhi\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn a_head_without_end_is_an_error_of_ours() {
    let (upstream, site) = both().await;
    let mut client = site.ask("GET /up/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    server.head().await;
    let line = format!("x-long: {}\r\n", "x".repeat(1000));
    server.say("HTTP/1.1 200 OK\r\n").await;
    for _ in 0..200 {
        if server.0.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(client.head().await.starts_with("http/1.1 500 "));
}

#[tokio::test]
async fn line_breaks_and_dots_of_a_path_lead_nowhere_else() {
    let (upstream, site) = both().await;
    for path in ["/up/a%0d%0ax-evil:%201", "/up/a%00b"] {
        let mut client = site.ask(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        assert!(client.head().await.starts_with("http/1.1 400 "), "{path}");
    }
    // Dots are resolved before a rewrite is asked; what is encoded stays encoded.
    let mut client = site.ask("GET /up/a/..%2f..%2fb HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut server = upstream.accept().await;
    assert!(server.head().await.starts_with("get /a/..%2f..%2fb "));
    server.say(OK).await;
    client.hear("ok").await;
}

#[tokio::test]
async fn a_host_that_the_client_has_a_say_in_has_to_be_a_public_one() {
    let (upstream, site) = both().await;
    for host in ["127.0.0.1", "localhost", "0.0.0.0", "169.254.169.254", "0x7f.1", "127.1"] {
        let mut client = site.ask(&format!("GET /to/{host}/x HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        assert!(client.head().await.starts_with("http/1.1 500 "), "{host}");
    }
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(upstream.listener.poll_accept(cx).is_pending())).await);
}

fn get() -> http::Request<vinext_adapters::native::outbound::OutboundBody> {
    http::Request::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync())
}

#[tokio::test]
async fn tls_is_spoken_and_checked() {
    let upstream = Upstream::open().await;
    let outbound = Outbound::new(&OutboundOptions::default()).unwrap();
    let target = Target::new(&format!("https://{}/", upstream.address), Reach::Anywhere).unwrap();
    let (answer, hello) = tokio::join!(outbound.send(&target, get()), async {
        let mut server = upstream.accept().await;
        server.0.read_u8().await.unwrap()
    });
    assert_eq!(hello, 22, "a TLS record of a handshake");
    assert!(matches!(answer, Err(OutboundError::Failed(_))));
}
