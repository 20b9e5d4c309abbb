//! The HTTP server: static files and stored pages from Rust, everything else from the engine.
//!
//! ```text
//! hyper ─> ingress ─> static files ─> route ─> stored pages ─> engine
//! ```
//! All decisions about paths are [`vinext_router::Pipeline`]'s; all decisions about storing are [`vinext_cache`]'s.

mod body;
mod compress;
mod encoding;
mod pages;
mod range;
mod response;
mod static_files;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use thiserror::Error;
use tokio::net::TcpListener;
use vinext_router::{Admitted, Decision, Pipeline, Refusal, RequestHead};

use self::body::Body;
use self::pages::Pages;
use self::static_files::StaticFiles;
use crate::engine::JsEngine;
use crate::manifest::{Manifest, ServerConfig};

/// How a server runs.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The output directory of the build.
    pub build_dir: Utf8PathBuf,
    /// The project's `public/` directory.
    pub public_dir: Option<Utf8PathBuf>,
    /// How long an idle connection stays open, and a client may take to send its headers.
    pub keep_alive: Duration,
    /// How long requests that run may take to end when the server stops.
    pub drain: Duration,
    /// How many bytes a request's body may have.
    pub body_limit: usize,
    /// How many bytes stored pages may take.
    pub cache_bytes: u64,
}

impl ServerOptions {
    /// A server for the build in `build_dir`.
    #[must_use]
    pub fn new(build_dir: impl Into<Utf8PathBuf>) -> Self {
        Self {
            build_dir: build_dir.into(),
            public_dir: None,
            keep_alive: Duration::from_secs(5),
            drain: Duration::from_secs(10),
            body_limit: 64 * 1024 * 1024,
            cache_bytes: 64 * 1024 * 1024,
        }
    }
}

/// The server did not start, or stopped.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("{0} is in use")]
    AddressInUse(SocketAddr),
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The build cannot be read.
    #[error("cannot read `{path}`")]
    Files {
        /// What.
        path: Utf8PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The base path of the build is none.
    #[error("the base path of the build is invalid: {0}")]
    BasePath(#[from] vinext_router::PathError),
}

/// A server that listens.
pub struct NativeServer {
    listener: TcpListener,
    address: SocketAddr,
    options: ServerOptions,
    app: Arc<App>,
}

impl std::fmt::Debug for NativeServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What every connection shares.
struct App {
    pipeline: Pipeline,
    files: StaticFiles,
    pages: Pages,
    config: ServerConfig,
    body_limit: usize,
}

impl NativeServer {
    /// Reads the build's files and listens on `address`.
    pub async fn bind(
        address: SocketAddr,
        manifest: &Manifest,
        options: ServerOptions,
        engine: Arc<dyn JsEngine>,
    ) -> Result<Self, ServeError> {
        let rules = manifest.config.path_rules()?;
        let files = StaticFiles::index(&options.build_dir.join("client"), options.public_dir.as_deref())
            .map_err(|(path, source)| ServeError::Files { path, source })?;
        let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::AddressInUse(address),
            _ => ServeError::Listen { address, source },
        })?;
        let address = listener.local_addr().map_err(|source| ServeError::Listen { address, source })?;
        let app = App {
            pipeline: Pipeline::new(&manifest.graph(), rules),
            files,
            pages: Pages::new(engine, &manifest.config, &manifest.build_id, options.cache_bytes),
            config: manifest.config.clone(),
            body_limit: options.body_limit,
        };
        Ok(Self { listener, address, options, app: Arc::new(app) })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` resolves; then waits for the requests that run.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            // It runs from the end of one request to the end of the next one's head.
            .header_read_timeout(self.options.keep_alive)
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(Duration::from_secs(20)));
        let builder = Arc::new(builder);
        tokio::pin!(shutdown);
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut shutdown => break,
            };
            let Ok((stream, _)) = stream else {
                // Out of file descriptors, or a connection that ended already: a little later it may work.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let app = Arc::clone(&self.app);
            let service = service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(app.serve(request).await) }
            });
            let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                // What a client does to its connection is the client's business.
                let _ = connection.await;
            });
        }
        drop(self.listener);
        let _ = tokio::time::timeout(self.options.drain, graceful.shutdown()).await;
    }
}

impl App {
    async fn serve(&self, request: Request<Incoming>) -> Response<Body> {
        let (mut parts, incoming) = request.into_parts();
        strip_reserved(&mut parts.headers);
        let admitted = match self.admit(&parts) {
            Ok(admitted) => admitted,
            Err(response) => return *response,
        };
        if !admitted.outside
            && let Some(file) = self.files.find(admitted.path.as_str())
        {
            return file.respond(&parts.method, &parts.headers).await;
        }
        if admitted.path.as_str().starts_with("/_next/static/") {
            return response::plain(http::StatusCode::NOT_FOUND, "Not Found");
        }
        let (found, status) = match self.pipeline.route(&admitted) {
            Decision::Match(found) => (found, None),
            Decision::NotFound(found) => (found, Some(http::StatusCode::NOT_FOUND)),
            Decision::Redirect(redirect) => return response::redirect(&redirect),
            _ => return response::bad_request(),
        };
        let url = self.url(&parts, &admitted);
        let body = body::limited(incoming, self.body_limit);
        let page = pages::PageRequest { method: parts.method, url, headers: parts.headers, body, found, status };
        self.pages.respond(page).await
    }

    /// Reads a request's head, or answers it.
    fn admit(&self, parts: &Parts) -> Result<Admitted, Box<Response<Body>>> {
        let path = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let target = match parts.uri.authority() {
            // HTTP/1.1's absolute form; HTTP/2 always has an authority, which is its `host`.
            Some(authority) if parts.version < http::Version::HTTP_2 => format!("http://{authority}{path}"),
            _ => path.to_owned(),
        };
        let header = |name: &str| match name {
            "host" => host(parts).map(str::as_bytes),
            _ => parts.headers.get(name).map(http::HeaderValue::as_bytes),
        };
        let head = RequestHead { method: parts.method.as_str(), target: &target, header: &header };
        self.pipeline.admit(&head).map_err(|refusal| {
            Box::new(match refusal {
                Refusal::BadRequest(_) => response::bad_request(),
                Refusal::Redirect(redirect) => response::redirect(&redirect),
            })
        })
    }

    /// The request's URL, as the application sees it.
    fn url(&self, parts: &Parts, admitted: &Admitted) -> String {
        let query = if admitted.query.is_empty() { String::new() } else { format!("?{}", admitted.query.as_str()) };
        let base = if admitted.outside { "" } else { self.config.base_path.as_str() };
        let path = match admitted.path.as_str() {
            "/" if !base.is_empty() => "",
            path => path,
        };
        let slash = if admitted.trailing_slash && !path.ends_with('/') { "/" } else { "" };
        let host = host(parts).unwrap_or("localhost");
        format!("http://{host}{base}{path}{slash}{query}")
    }
}

/// The host that the client asked for.
fn host(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) if parts.version >= http::Version::HTTP_2 => Some(authority.as_str()),
        _ => parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()),
    }
}

/// Control information never travels in headers.
fn strip_reserved(headers: &mut HeaderMap) {
    let reserved: Vec<_> =
        headers.keys().filter(|name| vinext_router::is_reserved_header(name.as_str())).cloned().collect();
    for name in reserved {
        headers.remove(name);
    }
}

/// Whether a method only reads.
fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
