//! Asks the app's proxy (`proxy.ts`, `middleware.ts`) and does what it says.
//!
//! Its word comes as data, never as headers. What fails is a 500: a request that the proxy was to be asked about goes on
//! only by its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use vinext_router::{Answered, CanonicalPath, Pending, Pipeline, Verdict, is_flight_header, is_reserved_header};

use super::added::is_framing;
use super::body::{self, Body};
use super::replay::Replay;
use super::{host, with_head};
use crate::engine::{Content, EngineRequest, EngineResponse, JsEngine, Matched, RequestBody};

/// What a proxy has decided, as the server module says it (contract 4).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
enum Decision {
    /// The request goes on.
    Next(Onward),
    /// It goes on to another URL.
    Rewrite {
        /// Absolute.
        to: String,
        #[serde(flatten)]
        onward: Onward,
    },
    /// The answer is the proxy's own.
    Respond,
}

#[derive(Debug, Deserialize)]
struct Onward {
    /// The headers that the request has from now on, if the proxy has replaced them.
    headers: Option<Vec<(String, String)>>,
    /// The `set-cookie` lines that the page sees already, though no other server and not the proxy itself.
    cookies: Vec<String>,
}

/// What the proxy leaves behind.
pub(super) struct Verified {
    pub(super) answered: Answered,
    /// The request's body, from its beginning.
    pub(super) body: RequestBody,
    /// What the answer gets, whatever it is.
    pub(super) added: HeaderMap,
    /// The `set-cookie` lines that count for this app's answer already.
    pub(super) cookies: Vec<String>,
}

/// Why a request does not go on.
pub(super) enum Stopped {
    /// The proxy has answered it.
    Answered(Response<Body>),
    /// The proxy has failed.
    Failed,
}

/// The proxy of an app.
pub(super) struct Proxy {
    pub(super) engine: Arc<dyn JsEngine>,
    /// How many bytes of a body it may read.
    pub(super) body_limit: usize,
    /// It sees how payloads are asked for.
    pub(super) sees_all: bool,
}

impl Proxy {
    /// Asks about a request, or gives the proxy's own answer. `url` is the request's as the app sees it.
    pub(super) async fn ask(
        &self,
        pipeline: &Pipeline,
        parts: &mut Parts,
        body: RequestBody,
        pending: Pending,
        url: String,
    ) -> Result<Verified, Stopped> {
        let mut pending = pending;
        if let Some(origin) = pending.origin().cloned()
            && !self.lets_pass(&Method::GET, parts, &origin, &url).await
        {
            pending = pending.without_origin();
        }
        if !pending.is_about_path() {
            let answered = with_head(parts, |head| pipeline.answered(pending, Verdict::Next, head));
            return Ok(Verified { answered, body, added: HeaderMap::new(), cookies: Vec::new() });
        }
        let replay = Replay::new(body, self.body_limit);
        let path = pending.admitted().path.clone();
        let request = EngineRequest {
            method: parts.method.clone(),
            url,
            headers: self.shown(&parts.headers),
            body: Content::Bytes(replay.first()),
            matched: Matched::proxy(&path),
            rest: None,
        };
        let answer = self.engine.handle(request).await.map_err(|_| Stopped::Failed)?;
        let (verdict, onward) = match decision(&answer) {
            Some(Decision::Next(onward)) => (Verdict::Next, onward),
            Some(Decision::Rewrite { to, onward }) => (Verdict::Rewrite(to), onward),
            Some(Decision::Respond) => return Err(Stopped::Answered(own(answer, parts))),
            None => return Err(Stopped::Failed),
        };
        if let Some(headers) = onward.headers {
            parts.headers = overridden(&parts.headers, &headers);
        }
        let added = added(answer.headers);
        tell(&mut parts.headers, &added);
        let answered = with_head(parts, |head| pipeline.answered(pending, verdict, head));
        Ok(Verified { answered, body: replay.second(), added, cookies: onward.cookies })
    }

    /// Whether the proxy lets a request for another path pass, as it is.
    pub(super) async fn lets_pass(&self, method: &Method, parts: &Parts, path: &CanonicalPath, url: &str) -> bool {
        let request = EngineRequest {
            method: method.clone(),
            url: with_path(url, path),
            headers: self.shown(&parts.headers),
            body: Content::none(),
            matched: Matched::proxy(path),
            rest: None,
        };
        let answer = self.engine.handle(request).await;
        answer.is_ok_and(|answer| matches!(decision(&answer), Some(Decision::Next(_))))
    }

    /// The headers that it sees.
    fn shown(&self, headers: &HeaderMap) -> HeaderMap {
        let mut shown = headers.clone();
        if !self.sees_all {
            for name in vinext_router::FLIGHT_HEADERS {
                shown.remove(name);
            }
        }
        shown
    }
}

fn decision(answer: &EngineResponse) -> Option<Decision> {
    serde_json::from_str(answer.decision.as_deref()?).ok()
}

/// The URL of another path on the same host.
fn with_path(url: &str, path: &CanonicalPath) -> String {
    let mut parts = url.split('/');
    let (scheme, host) = (parts.next().unwrap_or("http:"), parts.nth(1).unwrap_or("localhost"));
    format!("{scheme}//{host}{path}")
}

/// Framing, the host, and how a payload is asked for are not the proxy's.
fn is_requests_own(name: &HeaderName) -> bool {
    is_framing(name) || *name == HOST || is_flight_header(name.as_str())
}

/// The headers of the request as the proxy wants them: where they were, and new ones behind them.
fn overridden(sent: &HeaderMap, wanted: &[(String, String)]) -> HeaderMap {
    let wanted = wanted.iter().filter_map(|(name, value)| {
        let (name, value) = (HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?);
        (!is_requests_own(&name) && !is_reserved_header(name.as_str())).then_some((name, value))
    });
    let mut wanted: Vec<_> = wanted.collect();
    let mut headers = HeaderMap::new();
    for name in sent.keys() {
        if is_requests_own(name) {
            for value in sent.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        for (name, value) in wanted.extract_if(.., |(wanted, _)| wanted == name) {
            headers.append(name, value);
        }
    }
    headers.extend(wanted);
    headers
}

/// As in Next, what the answer gets can be seen by the page already, but for cookies.
fn tell(headers: &mut HeaderMap, added: &HeaderMap) {
    let is_seen = |name: &&HeaderName| {
        !is_requests_own(name) && **name != COOKIE && **name != SET_COOKIE && !is_about_content(name)
    };
    for name in added.keys().filter(is_seen) {
        headers.remove(name);
        for value in added.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
}

/// A request's content is what it is.
fn is_about_content(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-")
}

/// What the answer gets of the proxy's headers.
fn added(headers: HeaderMap) -> HeaderMap {
    let mut added = HeaderMap::new();
    let mut last = None;
    for (name, value) in headers {
        last = name.or(last);
        let Some(name) = &last else { continue };
        // Where a request goes is in the decision.
        if !is_framing(name) && !is_reserved_header(name.as_str()) && name != LOCATION {
            added.append(name.clone(), value);
        }
    }
    added
}

/// The proxy's own answer. A redirect on this host is told as a path.
fn own(answer: EngineResponse, parts: &Parts) -> Response<Body> {
    let EngineResponse { status, mut headers, body, .. } = answer;
    let reserved: Vec<HeaderName> =
        headers.keys().filter(|name| is_reserved_header(name.as_str()) || is_framing(name)).cloned().collect();
    for name in reserved {
        headers.remove(name);
    }
    if status.is_redirection()
        && let Some(location) = headers.get(LOCATION).and_then(|location| location.to_str().ok())
        && let Some(path) = on_host(location, host(parts).unwrap_or("localhost"))
        && let Ok(path) = HeaderValue::try_from(path)
    {
        headers.insert(LOCATION, path);
    }
    let mut response = Response::new(match headers.get(LOCATION).filter(|_| status.is_redirection()) {
        // As in Next: who does not follow it can read it.
        Some(location) => body::full(Bytes::copy_from_slice(location.as_bytes())),
        None => body.boxed_unsync(),
    });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The path, the query and the fragment of an absolute URL on this host.
fn on_host(url: &str, own: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !Pipeline::is_same_host(authority, own) {
        return None;
    }
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    // Two slashes would name another host.
    (!path.starts_with("//") && !path.starts_with("/\\")).then_some(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_proxy_replaces_what_is_the_apps_and_nothing_else() {
        let sent = headers(&[("host", "a"), ("rsc", "1"), ("x-old", "1"), ("content-length", "3")]);
        let wanted =
            [("host", "b"), ("rsc", "0"), ("x-new", "2"), ("x-middleware-subrequest", "1"), ("content-length", "9")];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let all = overridden(&sent, &wanted);
        assert_eq!(all, headers(&[("host", "a"), ("rsc", "1"), ("content-length", "3"), ("x-new", "2")]));
    }

    #[test]
    fn what_is_replaced_stays_in_its_place() {
        let sent = headers(&[("x-b", "1"), ("x-lost", "1"), ("x-a", "1")]);
        let wanted =
            [("x-a", "2"), ("x-b", "2"), ("x-new", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let all = overridden(&sent, &wanted);
        assert_eq!(all.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-b", "x-a", "x-new"]);
    }

    #[test]
    fn what_an_answer_gets_counts_at_once_but_for_its_content_and_cookies() {
        let mut own = headers(&[("cookie", "kept=2"), ("content-type", "text/plain"), ("x-told", "0")]);
        let added = headers(&[("set-cookie", "new=1; Path=/"), ("content-type", "x/y"), ("x-told", "1")]);
        tell(&mut own, &added);
        assert_eq!(own, headers(&[("cookie", "kept=2"), ("content-type", "text/plain"), ("x-told", "1")]));
    }

    #[test]
    fn redirects_on_this_host_are_paths_and_never_another_hosts() {
        assert_eq!(on_host("http://localhost:3000/a?b#c", "127.0.0.1:3000").as_deref(), Some("/a?b#c"));
        assert_eq!(on_host("https://a.example", "a.example").as_deref(), Some("/"));
        assert_eq!(on_host("https://b.example/x", "a.example"), None);
        assert_eq!(on_host("https://a.example//evil.example", "a.example"), None);
    }
}
