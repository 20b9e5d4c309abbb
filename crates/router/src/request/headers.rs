//! Header names that mean something to the framework itself.

/// Reserved names that are whole. Lower case, sorted.
const RESERVED: [&str; 8] = [
    "next-resume",
    "x-action-forwarded",
    "x-matched-path",
    "x-next-resume-state-length",
    "x-nextjs-data",
    "x-now-route-matches",
    "x-prerender-revalidate",
    "x-prerender-revalidate-if-generated",
];

/// Beginnings of reserved names.
const RESERVED_PREFIXES: [&str; 3] = ["x-middleware-", "x-invoke-", "x-vinext-"];

/// The request headers with which a client router asks for a Flight payload. The application does not see them.
pub const FLIGHT_HEADERS: [&str; 5] =
    ["rsc", "next-router-state-tree", "next-router-prefetch", "next-hmr-refresh", "next-router-segment-prefetch"];

/// True for names that frameworks of this kind have used for control information between their own parts.
///
/// A server removes them from every request before anything else reads it, and from every response before it is sent:
/// a client that sends `x-middleware-subrequest` must not skip anything, and a response must not tell of the inside.
///
/// ```
/// use vinext_router::is_reserved_header;
///
/// assert!(is_reserved_header("X-Middleware-Subrequest"));
/// assert!(!is_reserved_header("x-forwarded-for"));
/// ```
#[must_use]
pub fn is_reserved_header(name: &str) -> bool {
    RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}

/// True for [`FLIGHT_HEADERS`].
#[must_use]
pub fn is_flight_header(name: &str) -> bool {
    FLIGHT_HEADERS.iter().any(|flight| name.eq_ignore_ascii_case(flight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case() {
        for name in
            ["x-middleware-rewrite", "X-MIDDLEWARE-SUBREQUEST-ID", "Next-Resume", "x-invoke-path", "x-nextjs-data"]
        {
            assert!(is_reserved_header(name), "{name}");
        }
        assert!(is_flight_header("RSC") && is_flight_header("Next-Router-State-Tree"));
    }

    #[test]
    fn names_of_others_are_left_alone() {
        for name in
            ["", "x", "x-middleware", "host", "next-url", "next-action", "rsc", "x-deployment-id", "é-middleware-"]
        {
            assert!(!is_reserved_header(name), "{name}");
        }
    }
}
