//! What answers get besides their own headers: by `next.config`, and by the proxy.

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, SET_COOKIE, TRANSFER_ENCODING, UPGRADE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use vinext_router::{Admitted, is_reserved_header};

use super::body::Body;

/// Adds the headers that `next.config` asks for: they win over the application's, but for what adds up.
pub(super) fn by_config(headers: &mut HeaderMap, admitted: &Admitted) {
    // A file whose name is its content's is the same for ever, whatever is configured.
    let is_immutable = admitted.path.as_str().starts_with("/_next/static/");
    for (name, value) in &admitted.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) else {
            continue;
        };
        let is_fixed = is_immutable && name == CACHE_CONTROL;
        if !is_framing(&name) && !is_reserved_header(name.as_str()) && !is_fixed {
            put(headers, &name, vec![value]);
        }
    }
}

/// Adds what the proxy wants to an answer: its word counts, but for what adds up.
pub(super) fn by_proxy(headers: &mut HeaderMap, said: &HeaderMap, is_kept: impl Fn(&HeaderName) -> bool) {
    for name in said.keys().filter(|name| !is_kept(name)) {
        put(headers, name, said.get_all(name).iter().cloned().collect());
    }
}

/// The proxy's own answer, with what `next.config` adds to answers and what the proxy has said on the way.
pub(super) fn to_own(own: Response<Body>, admitted: &Admitted, said: &HeaderMap) -> Response<Body> {
    let (mut parts, body) = own.into_parts();
    let mut headers = HeaderMap::new();
    by_config(&mut headers, admitted);
    for said in [said, &parts.headers] {
        by_proxy(&mut headers, said, |_| false);
    }
    parts.headers = headers;
    Response::from_parts(parts, body)
}

/// Adds to the answer of another server, whose word counts: cookies, and what it says nothing of.
pub(super) fn to_others(headers: &mut HeaderMap, ours: &HeaderMap) {
    let is_said: Vec<HeaderName> = headers.keys().filter(|name| **name != SET_COOKIE).cloned().collect();
    by_proxy(headers, ours, |name| is_framing(name) || is_said.contains(name));
}

/// What says where a message ends is the server's own business.
pub(super) fn is_framing(name: &HeaderName) -> bool {
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE].contains(name)
}

/// The values in the place of those that there are, or before them where both count.
fn put(headers: &mut HeaderMap, name: &HeaderName, mut values: Vec<HeaderValue>) {
    if name == SET_COOKIE || name == VARY {
        values.extend(headers.get_all(name).iter().cloned());
    }
    headers.remove(name);
    for value in values {
        headers.append(name.clone(), value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_proxy_s_headers_count_and_cookies_add_up() {
        let mut own = headers(&[("set-cookie", "a=1"), ("cache-control", "no-store"), ("x-own", "1")]);
        let more = headers(&[("set-cookie", "b=2"), ("cache-control", "max-age=1"), ("vary", "x")]);
        by_proxy(&mut own, &more, |_| false);
        assert_eq!(
            own,
            headers(&[
                ("set-cookie", "b=2"),
                ("set-cookie", "a=1"),
                ("cache-control", "max-age=1"),
                ("vary", "x"),
                ("x-own", "1")
            ])
        );
    }

    #[test]
    fn another_server_s_headers_count_and_cookies_add_up() {
        let mut others = headers(&[("set-cookie", "a=1"), ("cache-control", "no-store"), ("content-length", "3")]);
        let ours = headers(&[("set-cookie", "b=2"), ("cache-control", "max-age=1"), ("x-ours", "1"), ("upgrade", "x")]);
        to_others(&mut others, &ours);
        assert_eq!(
            others,
            headers(&[
                ("set-cookie", "b=2"),
                ("set-cookie", "a=1"),
                ("cache-control", "no-store"),
                ("content-length", "3"),
                ("x-ours", "1")
            ])
        );
    }
}
