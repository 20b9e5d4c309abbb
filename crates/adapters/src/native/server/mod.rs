//! The HTTP server: static files and stored pages from Rust, everything else from the engine.
//!
//! ```text
//! hyper ─> ingress, headers, redirects ─> proxy ─> rewrites, static files, route ─> stored pages ─> engine
//! ```
//! All decisions about paths are [`vinext_router::Pipeline`]'s; all decisions about storing are [`vinext_cache`]'s.

mod added;
mod body;
mod calls;
mod compress;
mod cookies;
mod destination;
mod draft;
mod encoding;
mod external;
mod forwarded;
mod headers;
mod invalidate;
mod pages;
mod prerender;
mod proxy;
mod question;
mod range;
mod replay;
mod response;
mod segments;
mod shells;
mod static_files;
mod storing;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vinext_cache::Cache;
use vinext_router::{
    Admitted, Answered, CanonicalPath, ConfigRoutes, Decision, Gate, Passed, Pipeline, Refusal, RequestHead,
    RouteGraph, RouteId,
};

use self::added::is_framing;
use self::body::Body;
pub use self::calls::Call;
use self::draft::{Draft, draft};
use self::external::External;
use self::forwarded::Arrival;
use self::headers::strip_reserved;
pub use self::invalidate::invalidate;
use self::pages::Pages;
pub use self::prerender::{PrerenderError, Prerendered, Prerenderer, RenderedPage};
use self::proxy::{Proxy, Stopped};
pub use self::static_files::StaticFiles;
#[cfg(all(feature = "engine", feature = "native"))]
pub(super) use self::storing::{PAYLOAD, REST};
use crate::engine::{Content, JsEngine, RequestBody, empty_body};
use crate::manifest::{Manifest, ServerConfig};
use crate::native::outbound::OutboundOptions;

/// How a server runs.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// How long an idle connection stays open, and a client may take to send its headers.
    pub keep_alive: Duration,
    /// How long requests that run may take to end when the server stops.
    pub drain: Duration,
    /// How many bytes a request's body may have.
    pub body_limit: usize,
    /// How long a client may be silent in the middle of a body.
    pub body_patience: Duration,
    /// How long a client may keep the server waiting for a body in all. Node's servers allow a request five minutes.
    pub body_deadline: Duration,
    /// Where pages and data are stored.
    pub cache: Cache,
    /// Authorities that other servers may be certified by, and what waiting for them may take.
    pub outbound: OutboundOptions,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(5),
            drain: Duration::from_secs(10),
            body_limit: 64 * 1024 * 1024,
            body_patience: Duration::from_mins(1),
            body_deadline: Duration::from_mins(5),
            cache: Cache::in_memory(64 * 1024 * 1024),
            outbound: OutboundOptions::default(),
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
    /// A config route of the build cannot be used.
    #[error(transparent)]
    ConfigRoute(#[from] vinext_router::ConfigRouteError),
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
    /// What a draft may be of: pages that a route does not list, too. There only if that makes a difference.
    drafts: Option<Pipeline>,
    files: StaticFiles,
    pages: Pages,
    external: External,
    proxy: Proxy,
    /// The routes of each server function, with paths that stand for them.
    owners: HashMap<String, BTreeMap<RouteId, CanonicalPath>>,
    config: ServerConfig,
    body_limit: usize,
    body_patience: Duration,
    body_deadline: Duration,
}

/// What is known of a request on its way.
struct Way<'a> {
    arrival: &'a Arrival,
    /// What is in the address bar, where the proxy has led to another path.
    asked: Option<Admitted>,
    /// What the proxy wants the answer to have.
    added: HeaderMap,
    /// The `set-cookie` lines of the proxy that count for this app's answer already.
    cookies: Vec<String>,
}

impl NativeServer {
    /// Listens on `address`.
    pub async fn bind(
        address: SocketAddr,
        manifest: &Manifest,
        files: StaticFiles,
        options: ServerOptions,
        engine: Arc<dyn JsEngine>,
    ) -> Result<Self, ServeError> {
        Self::new(Self::listen(address).await?, manifest, files, options, engine)
    }

    /// Takes the address: from now on connections wait instead of being refused.
    ///
    /// # Errors
    ///
    /// [`ServeError::AddressInUse`] or [`ServeError::Listen`].
    pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
        TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::AddressInUse(address),
            _ => ServeError::Listen { address, source },
        })
    }

    /// A server for the connections of `listener`.
    ///
    /// # Errors
    ///
    /// As [`NativeServer::bind`], but for the address.
    pub fn new(
        listener: TcpListener,
        manifest: &Manifest,
        files: StaticFiles,
        options: ServerOptions,
        engine: Arc<dyn JsEngine>,
    ) -> Result<Self, ServeError> {
        let rules = manifest.config.path_rules()?;
        let routes = ConfigRoutes::new(&manifest.config.config_routes, &rules.base_path)?;
        let address = listener
            .local_addr()
            .map_err(|source| ServeError::Listen { address: SocketAddr::from(([0; 4], 0)), source })?;
        let outbound = OutboundOptions {
            idle_timeout: manifest.config.proxy_timeout.map(Duration::from_millis),
            ..options.outbound.clone()
        };
        let base_path = rules.base_path.clone();
        let matcher = manifest.proxy.as_ref().map(|proxy| proxy.matcher(&base_path)).transpose()?;
        let pipeline = |graph: &RouteGraph| {
            let pipeline = Pipeline::new(graph, rules.clone()).with_config_routes(routes.clone());
            matcher.iter().cloned().fold(pipeline, Pipeline::with_proxy)
        };
        let drafts = manifest.routes.iter().any(|route| route.listed.is_some()).then(|| {
            let mut all = manifest.graph();
            all.routes.iter_mut().for_each(|route| route.listed = None);
            pipeline(&all)
        });
        let app = App {
            external: External::new(outbound),
            owners: owners(manifest),
            proxy: Proxy {
                engine: Arc::clone(&engine),
                body_limit: manifest.config.proxy_body_limit,
                sees_all: manifest.config.proxy_sees_all,
            },
            pipeline: pipeline(&manifest.graph()),
            drafts,
            files,
            pages: Pages::new(engine, manifest, options.cache.clone())?,
            config: manifest.config.clone(),
            body_limit: options.body_limit,
            body_patience: options.body_patience,
            body_deadline: options.body_deadline,
        };
        Ok(Self { listener, address, options, app: Arc::new(app) })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` resolves; then waits for the requests that run, for as long as [`ServerOptions::drain`]
    /// allows. What still runs then is cut off.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (ending, cut) = (CancellationToken::new(), CancellationToken::new());
        let connections = TaskTracker::new();
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
            let Ok((stream, peer)) = stream else {
                // Out of file descriptors, or a connection that ended already: a little later it may work.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let app = Arc::clone(&self.app);
            let arrival = Arrival::new(peer.ip(), self.address.port());
            let service = service_fn(move |request| {
                let (app, arrival) = (Arc::clone(&app), arrival.clone());
                async move { Ok::<_, Infallible>(app.serve(request, &arrival).await) }
            });
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
            let (ending, cut) = (ending.clone(), cut.clone());
            connections.spawn(async move {
                let mut connection = std::pin::pin!(connection);
                // What a client does to its connection is the client's business.
                tokio::select! {
                    _ = connection.as_mut() => return,
                    () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
                }
                tokio::select! {
                    _ = connection => {}
                    () = cut.cancelled() => {}
                }
            });
        }
        drop(self.listener);
        ending.cancel();
        connections.close();
        if tokio::time::timeout(self.options.drain, connections.wait()).await.is_err() {
            cut.cancel();
            connections.wait().await;
        }
    }
}

/// The routes of each function, with the paths that stand for them.
fn owners(manifest: &Manifest) -> HashMap<String, BTreeMap<RouteId, CanonicalPath>> {
    let patterns: HashMap<_, _> = manifest.routes.iter().map(|route| (route.id.as_str(), route)).collect();
    let owner = |id: &String| {
        let route = patterns.get(id.as_str())?;
        let segments: Vec<String> = route.pattern.segments().map(|segment| segment.to_string()).collect();
        Some((route.id.clone(), CanonicalPath::from_segments(segments).ok()?))
    };
    let functions = manifest.actions.functions.iter();
    functions.map(|(id, function)| (id.clone(), function.routes.iter().filter_map(owner).collect())).collect()
}

impl App {
    async fn serve(&self, request: Request<Incoming>, arrival: &Arrival) -> Response<Body> {
        let (mut parts, incoming) = request.into_parts();
        strip_reserved(&mut parts.headers);
        cookies::join(&mut parts.headers);
        let body = body::watched(incoming, self.body_patience, self.body_deadline);
        let call = parts.headers.contains_key("next-action").then(|| parts.clone());
        let answer = self.decided(parts, body, arrival).await;
        match call.and_then(|call| destination::request(&call, &answer, &self.config.base_path)) {
            Some(page) => destination::with(answer, Box::pin(self.decided(page, empty_body(), arrival)).await),
            None => answer,
        }
    }

    /// Takes a request through the pipeline. What few requests come to waits in a box, here and below: each request's future
    /// would have room for it.
    async fn decided(&self, mut parts: Parts, mut body: RequestBody, arrival: &Arrival) -> Response<Body> {
        let mut admitted = with_head(&parts, |head| self.pipeline.admit(head));
        let mut way = Way { arrival, asked: None, added: HeaderMap::new(), cookies: Vec::new() };
        for _ in 0..=Pipeline::REWRITES {
            let gate = match admitted {
                Ok(admitted) => with_head(&parts, |head| self.pipeline.gate(admitted, head)),
                Err(Refusal::BadRequest(_)) => return response::bad_request(),
                Err(Refusal::Redirect(redirect)) => {
                    let mut response = response::redirect(&redirect, &redirect.location);
                    if let Some(asked) = &way.asked {
                        added::by_config(response.headers_mut(), asked);
                    }
                    added::by_proxy(response.headers_mut(), &way.added, is_framing);
                    return response;
                }
            };
            let pending = match gate {
                Gate::Open(passed) => return self.routed(parts, body, passed, &way).await,
                Gate::Ask(pending) => pending,
            };
            arrival.complete(&mut parts);
            let url = if self.proxy.sees_all && way.asked.is_none() {
                self.url_with(&parts, pending.admitted(), parts.uri.query().unwrap_or_default())
            } else {
                self.url(&parts, pending.admitted())
            };
            let configured = pending.admitted().clone();
            let verified = match Box::pin(self.proxy.ask(&self.pipeline, &mut parts, body, pending, url)).await {
                Ok(verified) => verified,
                Err(Stopped::Answered(own)) => return added::to_own(own, &configured, &way.added),
                Err(Stopped::Failed) => return response::proxy_failed(),
            };
            added::by_proxy(&mut way.added, &verified.added, |_| false);
            way.cookies.extend(verified.cookies);
            body = verified.body;
            match verified.answered {
                Answered::Passed(passed) => return self.routed(parts, body, passed, &way).await,
                Answered::External(url) => {
                    let mut ours = HeaderMap::new();
                    added::by_config(&mut ours, &configured);
                    added::by_proxy(&mut ours, &way.added, |_| false);
                    let target = external::Target { url: &url, with_key: parts.headers.contains_key("rsc") };
                    return Box::pin(self.passed_on(parts, body, target, &ours)).await;
                }
                Answered::Rewritten(led) => {
                    way.asked.get_or_insert(configured);
                    admitted = with_head(&parts, |head| self.pipeline.readmit(led, head));
                }
            }
        }
        // The proxy leads in circles.
        response::proxy_failed()
    }

    /// Answers a request that has passed.
    async fn routed(&self, parts: Parts, body: RequestBody, passed: Passed, way: &Way<'_>) -> Response<Body> {
        let drafts = self.drafts.as_ref().filter(|_| draft(&parts.headers, &self.config.draft_secret) == Draft::On);
        let pipeline = drafts.unwrap_or(&self.pipeline);
        let decision =
            with_head(&parts, |head| pipeline.route(&passed, head, &|path| self.files.find(path.as_str()).is_some()));
        let admitted = passed.admitted();
        if let Decision::External(url) = decision {
            // As in Next, what is configured for this app's answers is not for another server's.
            let cookies = way.added.get_all(SET_COOKIE).iter().map(|cookie| (SET_COOKIE, cookie.clone())).collect();
            let target = external::Target { url: &url, with_key: true };
            return Box::pin(self.passed_on(parts, body, target, &cookies)).await;
        }
        let is_missing = matches!(decision, Decision::NotFound(_) | Decision::NoAsset);
        let mut response = self.answer(parts, body, admitted, decision, way).await;
        added::by_config(response.headers_mut(), admitted);
        added::by_proxy(response.headers_mut(), &way.added, |name| {
            // What is not there today may be there tomorrow.
            is_framing(name) || (is_missing && name == CACHE_CONTROL)
        });
        response
    }

    /// Asks another server. `ours` is what its answer gets besides.
    async fn passed_on(
        &self,
        parts: Parts,
        body: RequestBody,
        target: external::Target<'_>,
        ours: &HeaderMap,
    ) -> Response<Body> {
        let mut response = self.external.respond(parts, body, target).await;
        added::to_others(response.headers_mut(), ours);
        response
    }

    async fn answer(
        &self,
        mut parts: Parts,
        body: RequestBody,
        admitted: &Admitted,
        decision: Decision,
        way: &Way<'_>,
    ) -> Response<Body> {
        let (found, status) = match decision {
            Decision::Match(found) => (found, None),
            Decision::NotFound(found) => (found, Some(http::StatusCode::NOT_FOUND)),
            Decision::Redirect(redirect) => return response::redirect(&redirect, ""),
            Decision::NoAsset => return response::plain(http::StatusCode::NOT_FOUND, "Not Found"),
            Decision::File(path) => {
                return match self.files.find(path.as_str()) {
                    Some(file) => file.respond(&parts.method, &parts.headers).await,
                    None => response::plain(http::StatusCode::NOT_FOUND, "Not Found"),
                };
            }
            _ => return response::bad_request(),
        };
        if let Some(file) = self.files.metadata(found.route_id()) {
            return file.respond(&parts.method, &parts.headers).await;
        }
        // A proxy that leads elsewhere, or sets cookies, has a say in what is shown.
        if status.is_none()
            && way.asked.is_none()
            && way.cookies.is_empty()
            && let Some(response) = self.pages.at_hand(&parts, &found)
        {
            return response;
        }
        way.arrival.complete(&mut parts);
        // A page says that it is where the address bar says; a handler answers what it is led to.
        let is_handler = found.variant() == vinext_router::Variant::Handler;
        let asked = way.asked.as_ref().filter(|_| !is_handler);
        let url = self.url(&parts, asked.unwrap_or(admitted));
        let is_call = !is_handler && calls::is_call(&parts);
        let limit = if is_call { self.config.action_body_limit.min(self.body_limit) } else { self.body_limit };
        let body = body::limited(body, limit);
        let body = if is_call {
            let Ok(call) = Box::pin(calls::checked(&parts, body, limit)).await else { return calls::refusal() };
            for function in call.functions() {
                if !Box::pin(self.may_call(&parts, &url, found.route_id(), function)).await {
                    return calls::unavailable();
                }
            }
            Content::Call(call)
        } else {
            Content::Bytes(body)
        };
        let Parts { method, mut headers, .. } = parts;
        cookies::set(&mut headers, way.cookies.iter().map(String::as_bytes));
        let cookies_set = !way.cookies.is_empty();
        let page = pages::PageRequest { method, url, headers, body, found, status, cookies_set };
        self.pages.respond(page).await
    }

    /// Whether a request to `route` may call a function: the route has it, or a route that has it is open to the request.
    /// A client may have left the function's page when it calls.
    async fn may_call(&self, parts: &Parts, url: &str, route: &RouteId, function: &str) -> bool {
        let Some(owners) = self.owners.get(function).filter(|owners| !owners.contains_key(route)) else { return true };
        let is_open = |path: &&CanonicalPath| with_head(parts, |head| !self.pipeline.is_guarded(path, head));
        if owners.values().any(|path| is_open(&path)) {
            return true;
        }
        match owners.values().next() {
            Some(path) => self.proxy.lets_pass(&parts.method, parts, path, url).await,
            // Nobody knows whose it is.
            None => !self.pipeline.has_proxy(),
        }
    }

    /// The request's URL, as the application sees it.
    fn url(&self, parts: &Parts, admitted: &Admitted) -> String {
        self.url_with(parts, admitted, admitted.query.as_str())
    }

    fn url_with(&self, parts: &Parts, admitted: &Admitted, query: &str) -> String {
        let base = if admitted.outside { "" } else { self.config.base_path.as_str() };
        let path = match admitted.path.as_str() {
            "/" if !base.is_empty() => "",
            path => path,
        };
        let slash = if admitted.trailing_slash && !path.ends_with('/') { "/" } else { "" };
        let host = host(parts).unwrap_or("localhost");
        let scheme = forwarded::scheme(&parts.headers);
        let mark = if query.is_empty() { "" } else { "?" };
        [scheme, "://", host, base, path, slash, mark, query].concat()
    }
}

/// A request's head as the pipeline reads it.
fn with_head<T>(parts: &Parts, action: impl FnOnce(&RequestHead<'_>) -> T) -> T {
    let path = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let target = match parts.uri.authority() {
        // HTTP/1.1's absolute form; HTTP/2 always has an authority, which is its `host`.
        Some(authority) if parts.version < http::Version::HTTP_2 => Cow::Owned(format!("http://{authority}{path}")),
        _ => Cow::Borrowed(path),
    };
    let header = |name: &str| match name {
        "host" => host(parts).map(str::as_bytes),
        _ => parts.headers.get(name).map(http::HeaderValue::as_bytes),
    };
    action(&RequestHead { method: parts.method.as_str(), target: &target, header: &header })
}

/// The host that the client asked for.
fn host(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) if parts.version >= http::Version::HTTP_2 => Some(authority.as_str()),
        _ => parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()),
    }
}

/// Whether a method only reads.
fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
