//! The page that a server function redirects to, in the same answer: the client shows it without asking again.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, IF_NONE_MATCH, RANGE, SET_COOKIE, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

use super::body::Body;
use super::cookies;

const REDIRECT: HeaderName = HeaderName::from_static("x-action-redirect");
const RSC: HeaderName = HeaderName::from_static("rsc");
/// What is the call's own: its body, and what of the page the client shows.
const OF_THE_CALL: [HeaderName; 12] = [
    ACCEPT,
    ACCEPT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    EXPECT,
    IF_NONE_MATCH,
    RANGE,
    TRANSFER_ENCODING,
    HeaderName::from_static("next-action"),
    HeaderName::from_static("next-router-state-tree"),
    HeaderName::from_static("next-router-prefetch"),
    HeaderName::from_static("next-url"),
];

/// The request for the payload of the page that a call's answer leads to, if that is one of this app's. `call` is the head
/// of the call.
pub(super) fn request(call: &Parts, answer: &Response<Body>, base_path: &str) -> Option<Parts> {
    let (url, _kind) = answer.headers().get(REDIRECT)?.to_str().ok()?.rsplit_once(';')?;
    if !url.starts_with('/') || url.starts_with("//") || url.starts_with("/\\") {
        return None;
    }
    let url = url.split('#').next().unwrap_or(url);
    let base = if url == base_path || url.strip_prefix(base_path).is_some_and(|rest| rest.starts_with('/')) {
        ""
    } else {
        base_path
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    let target: Uri = format!("{base}{url}{separator}_rsc").parse().ok()?;
    let mut parts = Request::new(()).into_parts().0;
    parts.method = Method::GET;
    parts.version = call.version;
    parts.uri = match call.uri.authority() {
        None => target,
        // HTTP/2 names the host with the target.
        Some(authority) => Uri::builder()
            .scheme(call.uri.scheme_str().unwrap_or("http"))
            .authority(authority.clone())
            .path_and_query(target.path_and_query()?.clone())
            .build()
            .ok()?,
    };
    parts.headers = call.headers.clone();
    for name in &OF_THE_CALL {
        parts.headers.remove(name);
    }
    parts.headers.insert(RSC, HeaderValue::from_static("1"));
    // The page sees the cookies that the function has set, as a browser would send them.
    cookies::set(&mut parts.headers, answer.headers().get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes));
    Some(parts)
}

/// The answer of the call with the payload of `page`, if it is one.
pub(super) fn with(answer: Response<Body>, page: Response<Body>) -> Response<Body> {
    let is_payload = page.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/x-component");
    if page.status() != StatusCode::OK || !is_payload {
        return answer;
    }
    let (mut head, _) = answer.into_parts();
    let (page, body) = page.into_parts();
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/x-component"));
    for cookie in page.headers.get_all(SET_COOKIE) {
        head.headers.append(SET_COOKIE, cookie.clone());
    }
    Response::from_parts(head, body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::header::{COOKIE, HOST};

    use super::super::body;
    use super::*;

    fn asked(redirect: &str, base_path: &str, cookies: &str, set: &[&str]) -> Option<Parts> {
        let call = Request::post("/page").header(HOST, "app.example").header(COOKIE, cookies);
        let call = call.header("next-action", "00").header("content-length", "3").header("x-own", "1");
        let mut answer = Response::builder().header(REDIRECT, redirect);
        for cookie in set {
            answer = answer.header(SET_COOKIE, *cookie);
        }
        request(&call.body(()).unwrap().into_parts().0, &answer.body(body::empty()).unwrap(), base_path)
    }

    #[test]
    fn only_pages_of_this_app_are_asked_for() {
        let target = |redirect, base| asked(redirect, base, "", &[]).map(|parts| parts.uri.to_string());
        assert_eq!(target("/a;push", "").unwrap(), "/a?_rsc");
        assert_eq!(target("/a?x=1;2#part;replace", "").unwrap(), "/a?x=1;2&_rsc");
        assert_eq!(target("/a;push", "/docs").unwrap(), "/docs/a?_rsc");
        for elsewhere in ["https://evil.example/;push", "//evil.example;push", "/\\evil.example;push", "a;push", "/a"] {
            assert_eq!(target(elsewhere, ""), None, "{elsewhere}");
        }
    }

    #[test]
    fn the_call_s_own_headers_stay_behind_and_cookies_are_as_they_are_now() {
        let parts = asked(
            "/a;push",
            "",
            "kept=1; changed=1; gone=1",
            &["changed=2; Path=/", "gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "new=3; HttpOnly"],
        );
        let parts = parts.unwrap();
        assert_eq!(parts.method, Method::GET);
        assert_eq!(parts.headers[COOKIE], "kept=1; changed=2; new=3");
        assert_eq!(
            (&parts.headers["x-own"], &parts.headers[RSC], &parts.headers[HOST]),
            (&"1".parse().unwrap(), &"1".parse().unwrap(), &"app.example".parse().unwrap())
        );
        assert!(!parts.headers.contains_key("next-action") && !parts.headers.contains_key(CONTENT_LENGTH));
    }
}
