//! How a request has come here, as the app is told: `x-forwarded-*`.
//!
//! As in Next, what the request says of it stays, and what it does not say is how it came to this server. So a client says
//! what it likes, unless a server in front of this one sets these headers.

use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::host;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How the requests of a connection come to this server.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// Who has connected.
    peer: Option<HeaderValue>,
    /// Where the server listens.
    port: HeaderValue,
}

impl Arrival {
    pub(super) fn new(peer: IpAddr, port: u16) -> Self {
        Self { peer: HeaderValue::try_from(peer.to_string()).ok(), port: port.into() }
    }

    /// Adds what the request does not say.
    pub(super) fn complete(&self, parts: &mut Parts) {
        let host = match parts.headers.get(http::header::HOST) {
            Some(sent) if parts.version < http::Version::HTTP_2 => Some(sent.clone()),
            _ => host(parts).and_then(|host| HeaderValue::from_str(host).ok()),
        };
        let headers = &mut parts.headers;
        if let Some(peer) = &self.peer {
            headers.entry(FOR).or_insert_with(|| peer.clone());
        }
        if let Some(host) = host {
            headers.entry(HOST).or_insert(host);
        }
        headers.entry(PORT).or_insert_with(|| self.port.clone());
        headers.entry(PROTO).or_insert(HeaderValue::from_static("http"));
    }
}

/// The scheme of a request's URL as the app sees it: whoever the client has connected to first has written it first.
pub(super) fn scheme(headers: &HeaderMap) -> &'static str {
    let said = headers.get(PROTO).map(HeaderValue::as_bytes).unwrap_or_default();
    let first = said.split(|byte| *byte == b',').next().unwrap_or_default();
    if first.trim_ascii().eq_ignore_ascii_case(b"https") { "https" } else { "http" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(sent: &[(&str, &str)]) -> HeaderMap {
        let mut request = http::Request::get("/").header("host", "app.example:81");
        for (name, value) in sent {
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        Arrival::new([192, 0, 2, 1].into(), 3000).complete(&mut parts);
        parts.headers
    }

    #[test]
    fn what_nobody_has_said_is_how_it_came_here() {
        let headers = told(&[]);
        assert_eq!(
            (&headers[FOR], &headers[HOST]),
            (&"192.0.2.1".parse().unwrap(), &"app.example:81".parse().unwrap())
        );
        assert_eq!((&headers[PORT], &headers[PROTO]), (&"3000".parse().unwrap(), &"http".parse().unwrap()));
        assert_eq!(scheme(&headers), "http");
    }

    #[test]
    fn what_a_request_says_stays() {
        let sent = [
            ("x-forwarded-for", "9.9.9.9, 8.8.8.8"),
            ("x-forwarded-host", "shop.example"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "HTTPS , http"),
        ];
        let headers = told(&sent);
        for (name, value) in sent {
            assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value]);
        }
        assert_eq!(scheme(&headers), "https");
        assert_eq!(scheme(&told(&[("x-forwarded-proto", "http,https")])), "http");
    }
}
