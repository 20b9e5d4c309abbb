//! Requests that `next.config` passes on to another server, and what comes back.
//!
//! Both messages are framed anew and lose what is one hop's own business, so that two servers never disagree about where
//! a message ends. Where a request goes is the configuration's word: only if its host has places for parameters does the
//! request have a say in it, and then the host has to be a public one.

use std::sync::OnceLock;

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use vinext_router::ExternalUrl;

use super::body::{self, Body};
use crate::engine::RequestBody;
use crate::native::outbound::{self, Outbound, OutboundBody, OutboundError, OutboundOptions, Reach};

/// RFC 9110, section 7.6.1, and the two that servers still send.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// Where a request is passed on to.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) url: &'a ExternalUrl,
    /// With the `_rsc` of the request's own URL: another app of this kind checks it for its payloads.
    pub(super) with_key: bool,
}

/// Passes requests on.
pub(super) struct External {
    options: OutboundOptions,
    /// Made when it is first needed: most apps never do.
    outbound: OnceLock<Outbound>,
}

impl External {
    pub(super) fn new(options: OutboundOptions) -> Self {
        Self { options, outbound: OnceLock::new() }
    }

    /// Asks the other server. One that is not there, or is silent for too long, is an error of ours.
    pub(super) async fn respond(&self, parts: Parts, body: RequestBody, target: Target<'_>) -> Response<Body> {
        // Who failed, and how, is not the client's to know.
        self.pass_on(parts, body, target).await.unwrap_or_else(|_| failed())
    }

    async fn pass_on(
        &self,
        mut parts: Parts,
        body: OutboundBody,
        Target { url, with_key }: Target<'_>,
    ) -> Result<Response<Body>, OutboundError> {
        let reach = if url.is_trusted { Reach::Anywhere } else { Reach::Public };
        let query = parts.uri.query().filter(|_| with_key);
        let target = outbound::Target::new(&with_payload_key(&url.url, query), reach)?;
        let client = parts.extensions.remove::<OnUpgrade>().filter(|_| wants_socket(&parts));
        let mut request = Request::new(body);
        *request.headers_mut() = onward(&parts, request.body().is_end_stream(), client.is_some());
        *request.method_mut() = parts.method;
        let mut response = self.outbound()?.send(&target, request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(client.map_or_else(failed, |client| switch(client, &mut response)));
        }
        let (parts, body) = response.into_parts();
        let mut response = Response::new(body);
        *response.status_mut() = parts.status;
        *response.headers_mut() = homeward(parts.headers);
        Ok(response)
    }

    fn outbound(&self) -> Result<&Outbound, OutboundError> {
        if let Some(outbound) = self.outbound.get() {
            return Ok(outbound);
        }
        let outbound = Outbound::new(&self.options)?;
        Ok(self.outbound.get_or_init(|| outbound))
    }
}

/// The URL with the `_rsc` of a query, which our own app does not see.
fn with_payload_key(url: &str, query: Option<&str>) -> String {
    let is_key = |pair: &&str| *pair == "_rsc" || pair.starts_with("_rsc=");
    let Some(pair) = query.and_then(|query| query.split('&').find(is_key)) else { return url.to_owned() };
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{pair}")
}

/// The headers of the request that goes on.
fn onward(parts: &Parts, is_empty: bool, is_socket: bool) -> HeaderMap {
    let mut headers = own(parts.headers.clone());
    // The body is framed anew. The client has been told to go on already.
    headers.remove(CONTENT_LENGTH);
    headers.remove(EXPECT);
    if is_empty && !super::is_read(&parts.method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    // The client puts the target's in its place.
    headers.remove(HOST);
    match super::host(parts).and_then(|host| HeaderValue::from_str(host).ok()) {
        Some(host) => headers.insert(FORWARDED_HOST, host),
        None => headers.remove(FORWARDED_HOST),
    };
    // HTTP/2 may send one cookie each; HTTP/1.1 has one line of them.
    let cookies: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(COOKIE, joined);
    }
    if is_socket {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
    }
    headers
}

/// The headers of the answer that comes back.
fn homeward(headers: HeaderMap) -> HeaderMap {
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    let mut headers = own(headers);
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let is_one = lengths.next().is_some() && lengths.next().is_none();
    if is_chunked || !is_one {
        headers.remove(CONTENT_LENGTH);
    }
    super::strip_reserved(&mut headers);
    headers
}

/// A message's headers without those of one hop: the known ones, and those that `connection` names.
fn own(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers
}

/// Whether a request asks for a WebSocket. Other protocols are not switched to: `h2c` would take the connection past
/// everything that reads requests here.
fn wants_socket(parts: &Parts) -> bool {
    let has = |name: HeaderName, token: &str| {
        let values = parts.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    parts.version == Version::HTTP_11
        && parts.method == Method::GET
        && has(CONNECTION, "upgrade")
        && parts.headers.get_all(UPGRADE).iter().count() == 1
        && is_websocket(&parts.headers)
}

fn is_websocket(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()))
}

/// Joins both connections, once both sides have switched.
fn switch(client: OnUpgrade, response: &mut Response<OutboundBody>) -> Response<Body> {
    if !is_websocket(response.headers()) {
        return failed();
    }
    let server = hyper::upgrade::on(&mut *response);
    tokio::spawn(async move {
        let Ok((client, server)) = tokio::try_join!(client, server) else { return };
        // Whoever goes first ends it for both.
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(server)).await;
    });
    let mut answer = Response::new(body::empty());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *answer.headers_mut() = homeward(std::mem::take(response.headers_mut()));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.headers_mut().insert(UPGRADE, WEBSOCKET);
    answer
}

fn failed() -> Response<Body> {
    let mut response = Response::new(body::full("Internal Server Error"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
