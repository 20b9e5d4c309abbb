//! What the server asks of a JavaScript engine, whichever it is.

use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use serde_json::json;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use vinext_router::{CanonicalPath, Cleared, RouteId, RouteMatch, Variant};

/// Runs the server module of a build.
#[async_trait]
pub trait JsEngine: Send + Sync {
    /// Answers one request. The answer is the response's head; its body follows as it is rendered.
    async fn handle(&self, request: EngineRequest) -> Result<EngineResponse, EngineError>;
    /// Stops taking requests and waits for those that run.
    async fn shutdown(&self);
}

/// A request whose route is decided.
#[derive(Debug)]
pub struct EngineRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL, as the app should see it.
    pub url: String,
    /// Headers, without the reserved ones.
    pub headers: HeaderMap,
    /// The body.
    pub body: Content,
    /// Who answers.
    pub matched: Matched,
    /// What is left to do of a document whose shell the client has: [`PagePolicy::rest`] of what was stored.
    pub rest: Option<Bytes>,
}

/// Who answers a request, as JSON (contract 1): route id, path, parameters and variant.
///
/// A route's answer is only asked for with a match that the pipeline has cleared. No text becomes one:
///
/// ```compile_fail,E0423
/// use vinext_adapters::engine::Matched;
///
/// let forged = Matched(r#"{ "routeId": "/admin/page" }"#.to_owned());
/// ```
///
/// And no match that was not cleared:
///
/// ```compile_fail,E0308
/// use vinext_adapters::engine::Matched;
/// use vinext_router::RouteMatch;
///
/// fn uncleared(found: &RouteMatch) -> Matched {
///     Matched::route(found)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    json: String,
    /// A page: what is sent to it is read by React, or by nobody.
    is_page: bool,
}

impl Matched {
    /// A page or a route handler.
    #[must_use]
    pub fn route(found: &Cleared<RouteMatch>) -> Self {
        Self { json: serde_json::to_string(found).unwrap_or_default(), is_page: is_page(found) }
    }

    /// A page whose last parameters are nobody's: in the match they are their own names. `refined`: there are pages of which
    /// more is known, so that this need not be anything.
    #[must_use]
    pub fn shell(found: &Cleared<RouteMatch>, refined: bool) -> Self {
        Self::noting(found, "shell", json!({ "refined": refined }))
    }

    /// A page, for a request on which the proxy has set cookies: a call shows the page as it is with them.
    #[must_use]
    pub fn with_cookies_set(found: &Cleared<RouteMatch>) -> Self {
        Self::noting(found, "cookiesSet", true.into())
    }

    fn noting(found: &Cleared<RouteMatch>, what: &str, value: serde_json::Value) -> Self {
        let mut matched = json!(found);
        matched[what] = value;
        Self { json: matched.to_string(), is_page: is_page(found) }
    }

    fn own(matched: &serde_json::Value) -> Self {
        Self { json: matched.to_string(), is_page: false }
    }

    /// The proxy, about a path.
    #[must_use]
    pub fn proxy(path: &CanonicalPath) -> Self {
        Self::own(&json!({ "routeId": "/proxy", "pathname": path.as_str(), "params": {}, "variant": "proxy" }))
    }

    /// What `generateStaticParams` of a route lists, for a build.
    #[must_use]
    pub fn params(route: &RouteId) -> Self {
        Self::own(&json!({ "routeId": route.as_str(), "pathname": "/", "params": {}, "variant": "params" }))
    }

    /// The app's `cacheHandler`, about an entry or a tag.
    #[must_use]
    pub fn cache(question: &serde_json::Value) -> Self {
        Self::own(&json!({ "routeId": "/cache", "pathname": "/", "params": {}, "variant": "cache", "cache": question }))
    }

    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.json
    }
}

fn is_page(found: &Cleared<RouteMatch>) -> bool {
    found.variant() != Variant::Handler
}

impl EngineRequest {
    /// A question of the framework's own, which no client has sent.
    #[must_use]
    pub fn internal(matched: Matched) -> Self {
        Self {
            method: Method::GET,
            url: "http://localhost/".to_owned(),
            headers: HeaderMap::new(),
            body: Content::none(),
            matched,
            rest: None,
        }
    }

    /// The body for the server module, once. A page has none but that of a call which was checked.
    #[must_use]
    pub fn take_body(&mut self) -> RequestBody {
        match std::mem::replace(&mut self.body, Content::none()) {
            #[cfg(feature = "native")]
            Content::Call(call) => call.into_body(),
            Content::Bytes(_) if self.matched.is_page => empty_body(),
            Content::Bytes(body) => body,
        }
    }
}

/// What a request has in its body, by who reads it.
///
/// A call of a server function is read by React, which trusts what it reads. So no body is one that nobody has checked:
///
/// ```compile_fail,E0308
/// use vinext_adapters::engine::{Content, RequestBody};
///
/// fn unchecked(body: RequestBody) -> Content {
///     Content::Call(body)
/// }
/// ```
#[derive(Debug)]
pub enum Content {
    /// As it was sent: for route handlers and the proxy, which take bytes for what they are. A page does not get it.
    Bytes(RequestBody),
    /// A call of a server function.
    #[cfg(feature = "native")]
    Call(crate::native::server::Call),
}

impl Content {
    /// No body.
    #[must_use]
    pub fn none() -> Self {
        Self::Bytes(empty_body())
    }
}

/// The body of a request.
pub type RequestBody = UnsyncBoxBody<Bytes, BodyError>;

/// A body without content.
#[must_use]
pub fn empty_body() -> RequestBody {
    http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Why a body ended early.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The connection failed.
    #[error("the connection was lost: {0}")]
    Connection(String),
    /// The body is longer than allowed.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Rendering failed after the response had begun.
    #[error("rendering stopped: {0}")]
    Render(String),
}

/// A response that is being rendered.
#[derive(Debug)]
pub struct EngineResponse {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// What a proxy has decided, as JSON (contract 4).
    pub decision: Option<String>,
    /// Whether it is the same for everybody, so that a server may keep it when it is whole.
    pub shared: bool,
    /// The body. Dropping it tells the engine that nobody listens any more.
    pub body: ResponseBody,
    /// Sent when the body has ended: whether the whole of it may be stored. An error means that it may not.
    pub cache: oneshot::Receiver<Option<PagePolicy>>,
}

impl EngineResponse {
    /// The whole body.
    ///
    /// # Errors
    ///
    /// What ended the body early.
    pub async fn bytes(self) -> Result<Bytes, BodyError> {
        Ok(self.body.collect().await?.to_bytes())
    }

    /// A whole response of plain text, which is not stored.
    #[must_use]
    pub fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        let (sender, body) = ResponseBody::channel(1);
        // The channel is new and has room for one chunk.
        let _ = sender.try_send(Ok(text.into()));
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
        Self { status, headers, decision: None, shared: false, body, cache: oneshot::channel().1 }
    }
}

/// How a rendered page may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePolicy {
    /// Seconds after which it is rendered again; `None` is never.
    pub revalidate: Option<u64>,
    /// Seconds after which it is not served any more; `None` is what the configuration says.
    pub expire: Option<u64>,
    /// What invalidates it.
    pub tags: Vec<String>,
    /// The Flight payload that a document was rendered from, as far as that goes.
    pub payload: Option<Bytes>,
    /// What is left to do of a document that differs by request; `None` if it is whole.
    pub rest: Option<Bytes>,
}

/// A body that arrives in chunks.
#[derive(Debug)]
pub struct ResponseBody {
    chunks: mpsc::Receiver<Result<Bytes, BodyError>>,
    /// Closed with the body, for an engine that watches it.
    presence: Option<watch::Sender<()>>,
}

impl ResponseBody {
    /// A body and the end to feed it from: a full channel is back-pressure, a closed one a client that has gone.
    #[must_use]
    pub fn channel(capacity: usize) -> (mpsc::Sender<Result<Bytes, BodyError>>, Self) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        (sender, Self { chunks: receiver, presence: None })
    }

    /// Drops `presence` when the body is dropped.
    pub fn attach(&mut self, presence: watch::Sender<()>) {
        self.presence = Some(presence);
    }

    /// The next chunk.
    pub async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        self.chunks.recv().await
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.chunks.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

/// Why a request has no response.
#[derive(Debug, Error)]
pub enum EngineError {
    /// More requests wait than the queue holds.
    #[error("the server is overloaded")]
    Overloaded,
    /// The isolate that ran the request died.
    #[error("the JavaScript isolate ran out of memory or crashed: {0}")]
    Crashed(String),
    /// The isolate was stopped because it never paused.
    #[error("a request kept the CPU for longer than {seconds} s and was stopped")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The engine shuts down.
    #[error("the server is shutting down")]
    Closed,
    /// The server module threw.
    #[error("{0}")]
    Render(String),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body_util::Full;
    use vinext_router::{Decision, PathRules, Pipeline, RequestHead, Verdict, scan};

    use super::*;

    #[test]
    fn a_page_gets_no_body_that_nobody_has_checked() {
        let graph = scan(["app/layout.tsx", "app/page.tsx", "app/api/route.ts"], &["tsx", "ts"]).unwrap();
        let pipeline = Pipeline::new(&graph, PathRules::default());
        for (target, has_body) in [("/", false), ("/api", true)] {
            let head = RequestHead { method: "POST", target, header: &|_| None };
            let Decision::Match(found) = pipeline.decide(&head, |_| Verdict::Next) else { panic!("{target}") };
            let sent = Full::new(Bytes::from_static(b"[]")).map_err(|never| match never {}).boxed_unsync();
            let mut request = EngineRequest::internal(Matched::route(&found));
            request.body = Content::Bytes(sent);
            assert_eq!(!request.take_body().is_end_stream(), has_body, "{target}");
        }
    }
}
