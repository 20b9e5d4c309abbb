//! What passes the proxy, and what waits for its word.
//!
//! A route is only ever looked up for a request that has [`Passed`]. One that the proxy has to be asked about is
//! [`Pending`], and becomes the other only by the proxy's own [`Verdict`].

use crate::canonical::CanonicalPath;
use crate::config_routes::ExternalUrl;
use crate::request::ingress::Admitted;

/// Where an admitted request stands.
#[derive(Debug, Clone)]
#[must_use]
pub enum Gate {
    /// No proxy has a say in it.
    Open(Passed),
    /// The proxy has to be asked.
    Ask(Pending),
}

/// A request that may be routed: the proxy has let it pass, or has no say in it.
///
/// ```compile_fail,E0451
/// # fn forge(admitted: vinext_router::Admitted) {
/// let forged = vinext_router::Passed { admitted };
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Passed {
    pub(super) admitted: Admitted,
}

/// A request that the proxy has to be asked about.
///
/// It has no way to a route but the proxy's answer:
///
/// ```compile_fail,E0308
/// # use vinext_router::{Decision, Pending, Pipeline, RequestHead};
/// fn past(pipeline: &Pipeline, pending: &Pending, head: &RequestHead<'_>) -> Decision {
///     pipeline.route(pending, head, &|_| false)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Pending {
    pub(super) admitted: Admitted,
    pub(super) about_path: bool,
    pub(super) about_origin: bool,
}

impl Passed {
    /// The request that is routed.
    #[must_use]
    pub const fn admitted(&self) -> &Admitted {
        &self.admitted
    }
}

impl Pending {
    /// The request; its path is the one that the proxy sees.
    #[must_use]
    pub const fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    /// Whether the proxy has a say in the request's path. If it has none, it is asked about [`Pending::origin`] only: a proxy
    /// does not expect paths that its matcher does not take.
    #[must_use]
    pub const fn is_about_path(&self) -> bool {
        self.about_path
    }

    /// The page that the navigation says it comes from, where that page would answer in place of the path's own: the proxy
    /// is asked about it as well, for a header of a client selects no page that the proxy has not seen.
    #[must_use]
    pub fn origin(&self) -> Option<&CanonicalPath> {
        self.admitted.origin.as_ref().filter(|_| self.about_origin)
    }

    /// The same without the page that the navigation says it comes from: the proxy does not let that one pass.
    #[must_use]
    pub fn without_origin(mut self) -> Self {
        self.admitted.origin = None;
        self.about_origin = false;
        self
    }
}

/// What a proxy says about a request that goes on.
///
/// It is a value inside of the process. What a header says is none, whoever has sent it:
///
/// ```compile_fail,E0308
/// # use vinext_router::{Answered, Pending, Pipeline, RequestHead};
/// fn by_header(pipeline: &Pipeline, pending: Pending, x_middleware_next: &str, head: &RequestHead<'_>) -> Answered {
///     pipeline.answered(pending, x_middleware_next, head)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on as it is.
    Next,
    /// Another URL answers it: absolute, as the proxy has written it.
    Rewrite(String),
}

/// Where a verdict leads.
#[derive(Debug, Clone)]
#[must_use]
pub enum Answered {
    /// To a route.
    Passed(Passed),
    /// To another path of the app, which is read as a request for it would be: the proxy is asked again.
    Rewritten(Led),
    /// To another server.
    External(ExternalUrl),
}

/// A request that a proxy has led to another path.
#[derive(Debug, Clone)]
pub struct Led {
    pub(super) first: Admitted,
    /// The path and the query.
    pub(super) target: String,
}

/// Applies a verdict. `host` is the one that the request was sent to.
pub(super) fn apply(pending: Pending, verdict: Verdict, host: &str) -> Answered {
    let Pending { admitted, .. } = pending;
    let Verdict::Rewrite(url) = verdict else { return Answered::Passed(Passed { admitted }) };
    match split(&url) {
        Some((authority, rest)) if is_same_host(authority, host) => {
            let rest = rest.split('#').next().unwrap_or_default();
            let target = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
            Answered::Rewritten(Led { first: admitted, target })
        }
        _ => Answered::External(ExternalUrl::trusted(url)),
    }
}

/// The authority of an absolute URL, and what follows it.
fn split(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_http.then(|| rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

/// Whether both name one host. How people call the machine that they sit at is one name.
pub(super) fn is_same_host(one: &str, other: &str) -> bool {
    let parts = |authority: &str| {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (authority, ""),
        };
        let is_loopback = host == "[::1]" || (host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok());
        let host = if is_loopback { "localhost".to_owned() } else { host.to_ascii_lowercase() };
        (host, if matches!(port, "80" | "443") { String::new() } else { port.to_owned() })
    };
    parts(one) == parts(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_host_are_one() {
        for (one, other) in
            [("a.example", "A.example:80"), ("127.0.0.1:3000", "localhost:3000"), ("[::1]", "localhost")]
        {
            assert!(is_same_host(one, other), "{one} {other}");
        }
        for (one, other) in
            [("a.example", "b.example"), ("a.example:1", "a.example:2"), ("127.evil.example", "localhost")]
        {
            assert!(!is_same_host(one, other), "{one} {other}");
        }
    }
}
