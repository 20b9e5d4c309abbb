//! What of a request's headers is settled before anybody reads them.

use http::HeaderMap;

/// Control information never travels in headers.
pub(super) fn strip_reserved(headers: &mut HeaderMap) {
    let reserved: Vec<_> =
        headers.keys().filter(|name| vinext_router::is_reserved_header(name.as_str())).cloned().collect();
    for name in reserved {
        headers.remove(name);
    }
}
