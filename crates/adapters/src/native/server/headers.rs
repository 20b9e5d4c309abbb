//! What of a request's headers is settled before anybody reads them.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Control information never travels in headers.
pub(super) fn strip_reserved(headers: &mut HeaderMap) {
    let reserved: Vec<_> =
        headers.keys().filter(|name| vinext_router::is_reserved_header(name.as_str())).cloned().collect();
    for name in reserved {
        headers.remove(name);
    }
}

/// HTTP/2 sends cookies in as many headers as it likes; everybody else knows one (RFC 9113, section 8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if all.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&all.join(b"; ".as_slice()))
    {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cookies_in_several_headers_are_one_list() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=1", "b=2; c=3"] {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        join_cookies(&mut headers);
        let all: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(all, ["a=1; b=2; c=3"]);
    }
}
