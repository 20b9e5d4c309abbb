//! Where a request is read: once, and by nobody after.

use crate::canonical::{CanonicalPath, PathError, ReadPath};
use crate::config_routes::{ConfigRoutes, Facts};
use crate::request::payload_url;
use crate::request::query::Query;

/// What a server knows of a request before its body.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method as it was sent.
    pub method: &'a str,
    /// The request target: `/path?query`, or `http://host/path?query`. For HTTP/2 and later: `:path`.
    pub target: &'a str,
    /// Looks up a header by its lower-case name; for HTTP/2 and later, `host` is `:authority`.
    pub header: &'a dyn Fn(&str) -> Option<&'a [u8]>,
}

/// How paths are written in this app: the keys of `next.config` that decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathRules {
    /// `basePath`: the app lives below it.
    pub base_path: CanonicalPath,
    /// `trailingSlash` and `skipTrailingSlashRedirect`.
    pub trailing_slash: TrailingSlash,
    /// The path of `assetPrefix`: the framework's own files are below it as well.
    pub asset_prefix: Option<CanonicalPath>,
}

impl Default for PathRules {
    fn default() -> Self {
        Self { base_path: CanonicalPath::root(), trailing_slash: TrailingSlash::Never, asset_prefix: None }
    }
}

impl PathRules {
    /// Paths below `base_path`, the empty string or `/` for none.
    pub fn new(base_path: &str, trailing_slash: TrailingSlash) -> Result<Self, PathError> {
        let base_path = if base_path.is_empty() { CanonicalPath::root() } else { base_path.parse()? };
        Ok(Self { base_path, trailing_slash, asset_prefix: None })
    }

    /// The same with an `assetPrefix`: a path, or a URL whose path counts; empty for none.
    pub fn with_asset_prefix(self, prefix: &str) -> Result<Self, PathError> {
        let after_scheme =
            prefix.split_once("//").map(|(_, rest)| rest.split_at(rest.find('/').unwrap_or(rest.len())).1);
        let path = after_scheme.unwrap_or(prefix).trim_end_matches('/');
        let asset_prefix = if path.is_empty() { None } else { Some(path.parse()?) };
        Ok(Self { asset_prefix, ..self })
    }

    /// The path inside the app, if it is inside.
    fn inside(&self, path: &CanonicalPath) -> Option<CanonicalPath> {
        let own = self.asset_prefix.as_ref().and_then(|prefix| path.strip_prefix(prefix));
        let own = own.filter(|inside| inside.segments().next() == Some("_next"));
        own.or_else(|| path.strip_prefix(&self.base_path))
    }
}

/// Whether a page's URL ends with a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TrailingSlash {
    /// `/about/` is redirected to `/about`.
    #[default]
    Never,
    /// `/about` is redirected to `/about/`, but for files and `/.well-known/`.
    Always,
    /// Both are served.
    AsSent,
}

/// Reads requests by an app's [`PathRules`] and [`ConfigRoutes`].
///
/// In this order: the method and the target are checked; the path is decoded into its canonical form; repeated slashes
/// and backslashes are redirected; the trailing slash is redirected; internal query keys are taken out; the configured
/// headers are collected; the configured redirects are asked; the base path is taken off.
#[derive(Debug, Clone, Default)]
pub struct Ingress {
    rules: PathRules,
    routes: ConfigRoutes,
}

/// A request that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admitted {
    /// The path below the base path.
    pub path: CanonicalPath,
    /// The query that the application sees.
    pub query: Query,
    /// The path was outside the base path, so that no route can match.
    pub outside: bool,
    /// The URL ended with a slash.
    pub trailing_slash: bool,
    /// The client router asks for a Flight payload.
    pub wants_rsc: bool,
    /// What the client router says that it shows, if it asks for a payload: the path of `next-url`, read as any path is.
    pub origin: Option<CanonicalPath>,
    /// Headers that `next.config` adds to the answer, whatever it is.
    pub headers: Vec<(String, String)>,
    /// Where a proxy has led the request from: the path that was asked for, which is the one in the address bar.
    pub(crate) asked: Option<CanonicalPath>,
    /// The whole path: with the base path and the slash at its end.
    pub(crate) whole: String,
    /// Where it should have asked: the `_rsc` of the query is not the digest of the headers that payloads depend on.
    pub payload_at: Option<Redirect>,
}

/// A request that goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Refusal {
    /// Answer `400`.
    BadRequest(IngressError),
    /// Send the client elsewhere.
    Redirect(Redirect),
}

/// A redirect on the same host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redirect {
    /// The status: `308`, and `307` to the URL of a payload.
    pub status: u16,
    /// The value of `location`: a path and the query that was sent. It never begins with `//`.
    pub location: String,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IngressError {
    /// Not a method, or one that no page or handler may see.
    #[error("method {method:?} is not allowed")]
    Method {
        /// The method.
        method: String,
    },
    /// The target is no URL of this server: `*`, `host:port`, or it has a fragment or bytes that no URL has.
    #[error("request target {target:?} is not a path")]
    Target {
        /// The target.
        target: String,
    },
    /// The target names another host than the `host` header.
    #[error("request target {target:?} names another host")]
    ForeignHost {
        /// The target.
        target: String,
    },
    /// The path cannot be read.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Ingress {
    /// An ingress for these rules.
    #[must_use]
    pub fn new(rules: PathRules) -> Self {
        Self { rules, routes: ConfigRoutes::default() }
    }

    /// The same with config routes.
    #[must_use]
    pub fn with_config_routes(self, routes: ConfigRoutes) -> Self {
        Self { routes, ..self }
    }

    pub(crate) const fn config_routes(&self) -> &ConfigRoutes {
        &self.routes
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &PathRules {
        &self.rules
    }

    /// Reads a request.
    pub fn admit(&self, head: &RequestHead<'_>) -> Result<Admitted, Refusal> {
        check_method(head.method)?;
        let (path, query) = split_target(head)?;
        let read = ReadPath::read(path)?;
        let inside = self.rules.inside(&read.path);
        let slash = self.wanted_slash(inside.as_ref(), &read);
        if read.needs_redirect || slash.is_some_and(|wanted| wanted != read.trailing_slash) {
            let slash = slash.unwrap_or(read.trailing_slash);
            return Err(Refusal::Redirect(Redirect::to(308, &read.path, slash, query)));
        }
        let wants_rsc = (head.header)("rsc") == Some(b"1");
        let payload_at = wants_rsc.then(|| payload_at(head, &read, query)).flatten();
        let query = query.map(Query::read).unwrap_or_default();
        let whole = with_slash(&read.path, read.trailing_slash);
        let facts = Facts { header: head.header, query: query.as_str() };
        if let Some((status, location)) = self.routes.redirect(&whole, &facts) {
            return Err(Refusal::Redirect(Redirect { status, location }));
        }
        let headers = self.routes.headers(&whole, &facts);
        Ok(Admitted {
            headers,
            asked: None,
            whole,
            payload_at,
            origin: if wants_rsc { (head.header)("next-url").and_then(origin) } else { None },
            outside: inside.is_none(),
            path: inside.unwrap_or(read.path),
            query,
            trailing_slash: read.trailing_slash,
            wants_rsc,
        })
    }

    /// Whether the URL of this path should end with a slash; `None` where both will do.
    fn wanted_slash(&self, inside: Option<&CanonicalPath>, read: &ReadPath) -> Option<bool> {
        let own = inside.is_some_and(|path| path.segments().next() == Some("_next"));
        if read.path.as_str() == "/" || own {
            return None;
        }
        let mut segments = read.path.segments();
        let first = segments.next();
        match self.rules.trailing_slash {
            TrailingSlash::Never => Some(false),
            TrailingSlash::AsSent => None,
            // RFC 8615: it is at the root of a host, not of an app.
            TrailingSlash::Always if first == Some(".well-known") => None,
            TrailingSlash::Always => match segments.next_back().or(first) {
                Some(last) if is_file(last) => Some(false),
                Some(last) if last.contains('.') => None,
                Some(_) | None => Some(true),
            },
        }
    }
}

fn with_slash(path: &CanonicalPath, slash: bool) -> String {
    let mut whole = path.as_str().to_owned();
    if slash && whole != "/" {
        whole.push('/');
    }
    whole
}

/// The URL of a payload, unless this is it.
fn payload_at(head: &RequestHead<'_>, read: &ReadPath, query: Option<&str>) -> Option<Redirect> {
    let token = payload_url::token(head);
    if payload_url::is_right(query, &token) {
        return None;
    }
    let query = payload_url::with_token(query, &token);
    Some(Redirect::to(307, &read.path, read.trailing_slash, Some(&query)))
}

/// The path that a client says it comes from. What is no plain path is as good as none.
fn origin(value: &[u8]) -> Option<CanonicalPath> {
    let path = std::str::from_utf8(value).ok()?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\');
    if !path.starts_with('/') || !path.bytes().all(plain) {
        return None;
    }
    let read = ReadPath::read(path).ok()?;
    (!read.needs_redirect).then_some(read.path)
}

/// A name with an extension.
fn is_file(segment: &str) -> bool {
    segment.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && !extension.is_empty()
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn check_method(method: &str) -> Result<(), IngressError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    // The Fetch standard has no requests of these methods.
    let forbidden = ["CONNECT", "TRACE", "TRACK"];
    let allowed = !method.is_empty()
        && method.bytes().all(token)
        && !forbidden.iter().any(|forbidden| method.eq_ignore_ascii_case(forbidden));
    if allowed { Ok(()) } else { Err(IngressError::Method { method: method.to_owned() }) }
}

/// The path and the query of the target.
fn split_target<'a>(head: &RequestHead<'a>) -> Result<(&'a str, Option<&'a str>), IngressError> {
    let target = head.target;
    let refuse = || IngressError::Target { target: target.to_owned() };
    if target.bytes().any(|byte| byte.is_ascii_control() || byte == b' ' || byte == b'#') {
        return Err(refuse());
    }
    let origin_form = match absolute_form(target) {
        Some((authority, rest)) => {
            let host = (head.header)("host").unwrap_or_default();
            if authority.is_empty() || !authority.as_bytes().eq_ignore_ascii_case(host) {
                return Err(IngressError::ForeignHost { target: target.to_owned() });
            }
            rest
        }
        None if target.starts_with(['/', '\\']) => target,
        None => return Err(refuse()),
    };
    let (path, query) = match origin_form.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (origin_form, None),
    };
    Ok((if path.is_empty() { "/" } else { path }, query))
}

/// The authority of an absolute-form target, and what follows it.
fn absolute_form(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '\\', '?']).unwrap_or(rest.len())))
}

impl Redirect {
    fn to(status: u16, path: &CanonicalPath, slash: bool, query: Option<&str>) -> Self {
        let mut location = with_slash(path, slash);
        if let Some(query) = query {
            location.push('?');
            // A header value is ASCII; everything else of the query stays as it was sent.
            for part in query.split_inclusive(|c: char| !c.is_ascii()) {
                let ascii = part.trim_end_matches(|c: char| !c.is_ascii());
                location.push_str(ascii);
                crate::encoding::encode_segment(&part.as_bytes()[ascii.len()..], &mut location);
            }
        }
        Self { status, location }
    }
}

impl From<IngressError> for Refusal {
    fn from(error: IngressError) -> Self {
        Self::BadRequest(error)
    }
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Self {
        Self::BadRequest(error.into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn admit(rules: &PathRules, target: &str) -> Result<Admitted, Refusal> {
        let header = |name: &str| (name == "host").then_some(b"shop.example".as_slice());
        Ingress::new(rules.clone()).admit(&RequestHead { method: "GET", target, header: &header })
    }

    fn location(rules: &PathRules, target: &str) -> String {
        match admit(rules, target) {
            Err(Refusal::Redirect(redirect)) => redirect.location,
            other => panic!("{target}: {other:?}"),
        }
    }

    fn path(rules: &PathRules, target: &str) -> String {
        admit(rules, target).unwrap().path.to_string()
    }

    #[test]
    fn a_plain_request_is_admitted() {
        let admitted = admit(&PathRules::default(), "/a/%62?x=1&_rsc=q").unwrap();
        assert_eq!((admitted.path.as_str(), admitted.query.as_str()), ("/a/b", "x=1"));
        assert!(!admitted.outside && !admitted.trailing_slash && !admitted.wants_rsc);
    }

    #[test]
    fn next_url_is_read_as_a_path_and_only_for_payloads() {
        let origin = |rsc: &[u8], url: &[u8]| {
            let header = |name: &str| match name {
                "rsc" => Some(rsc),
                "next-url" => Some(url),
                _ => None,
            };
            let head = RequestHead { method: "GET", target: "/a", header: &header };
            Ingress::default().admit(&head).unwrap().origin.map(|path| path.to_string())
        };
        for (sent, read) in [("/", "/"), ("/feed/", "/feed"), ("/%66eed", "/feed"), ("/a/../b", "/b")] {
            assert_eq!(origin(b"1", sent.as_bytes()).as_deref(), Some(read), "{sent}");
        }
        for sent in
            ["", "feed", "//feed", "/a//b", "/\\feed", "/feed?x", "/feed#x", "/%", "/%00", "/a b", "/é", "http://h/"]
        {
            assert_eq!(origin(b"1", sent.as_bytes()), None, "{sent}");
        }
        assert_eq!(origin(b"1", b"/\xff"), None);
        assert_eq!(origin(b"0", b"/feed"), None);
    }

    #[test]
    fn only_rsc_1_asks_for_a_payload() {
        for (value, wants) in [("1", true), ("0", false), ("", false), ("true", false)] {
            let header = |name: &str| (name == "rsc").then_some(value.as_bytes());
            let head = RequestHead { method: "GET", target: "/", header: &header };
            assert_eq!(Ingress::default().admit(&head).unwrap().wants_rsc, wants);
        }
    }

    #[test]
    fn a_payload_has_one_url() {
        let ask = |target: &str| {
            let header = |name: &str| match name {
                "rsc" => Some(b"1".as_slice()),
                "next-url" => Some(b"/x".as_slice()),
                _ => None,
            };
            let rules = PathRules::new("/docs", TrailingSlash::Always).unwrap();
            Ingress::new(rules).admit(&RequestHead { method: "GET", target, header: &header }).unwrap().payload_at
        };
        assert_eq!(ask("/docs/a/?_rsc=cogVifeNCH6FVPOo&b"), None);
        for target in ["/docs/a/?b", "/docs/a/?_rsc&b&_rsc=x", "/docs/%61/?b&_rsc=cogVifeNCH6FVPO"] {
            let redirect = ask(target).unwrap();
            assert_eq!((redirect.status, redirect.location.as_str()), (307, "/docs/a/?b&_rsc=cogVifeNCH6FVPOo"));
            assert_eq!(ask(&redirect.location), None);
        }
        assert!(admit(&PathRules::default(), "/a?_rsc=x").unwrap().payload_at.is_none());
    }

    #[test]
    fn redirects_keep_the_query_and_the_host() {
        let rules = PathRules::default();
        assert_eq!(location(&rules, "//evil.example/?a=%2f&_rsc=1"), "/evil.example?a=%2f&_rsc=1");
        assert_eq!(location(&rules, "/\\evil.example"), "/evil.example");
        assert_eq!(location(&rules, "/about/"), "/about");
        assert_eq!(location(&rules, "/a//b/?x"), "/a/b?x");
        assert_eq!(location(&rules, "/about/?q=é"), "/about?q=%C3%A9");
        assert_eq!(path(&rules, "/"), "/");
    }

    #[test]
    fn trailing_slashes_are_added_where_they_are_wanted() {
        let rules = PathRules::new("", TrailingSlash::Always).unwrap();
        assert_eq!(location(&rules, "/about"), "/about/");
        assert_eq!(location(&rules, "/a.b/about"), "/a.b/about/");
        assert_eq!(location(&rules, "/feed.xml/"), "/feed.xml");
        for target in ["/about/", "/feed.xml", "/.well-known/x", "/.well-known/x/", "/_next/static/a", "/a.", "/"] {
            assert!(admit(&rules, target).is_ok(), "{target}");
        }
        assert_eq!(path(&rules, "/about/"), "/about");
    }

    #[test]
    fn trailing_slashes_can_be_left_alone() {
        let rules = PathRules::new("", TrailingSlash::AsSent).unwrap();
        assert_eq!(path(&rules, "/about/"), "/about");
        assert!(admit(&rules, "/about/").unwrap().trailing_slash);
        assert_eq!(location(&rules, "//about/"), "/about/");
    }

    #[test]
    fn the_base_path_is_taken_off() {
        let rules = PathRules::new("/docs", TrailingSlash::Never).unwrap();
        assert_eq!(path(&rules, "/docs"), "/");
        assert_eq!(path(&rules, "/docs/a"), "/a");
        assert_eq!(location(&rules, "/docs/"), "/docs");
        assert_eq!(location(&rules, "//docs//a/"), "/docs/a");
        assert!(admit(&rules, "/a").unwrap().outside);
        assert_eq!(location(&rules, "/a/"), "/a");
        assert!(admit(&rules, "/docsy").unwrap().outside);

        let rules = PathRules::new("/docs", TrailingSlash::Always).unwrap();
        assert_eq!(location(&rules, "/docs"), "/docs/");
        assert_eq!(path(&rules, "/docs/"), "/");
    }

    #[test]
    fn an_absolute_target_must_name_this_host() {
        let rules = PathRules::default();
        assert_eq!(path(&rules, "http://SHOP.example/a"), "/a");
        assert_eq!(path(&rules, "https://shop.example"), "/");
        assert_eq!(path(&rules, "http://shop.example?x"), "/");
        for target in ["http://evil.example/a", "http:///a", "http://shop.example:81/", "http://a@shop.example/"] {
            assert!(
                matches!(admit(&rules, target), Err(Refusal::BadRequest(IngressError::ForeignHost { .. }))),
                "{target}"
            );
        }
    }

    #[test]
    fn what_is_no_request_for_a_page_is_refused() {
        let rules = PathRules::default();
        for target in [
            "",
            "*",
            "shop.example:443",
            "a/b",
            "/a b",
            "/a#b",
            "/a\r\nx: y",
            "/%zz",
            "/%00",
            "ftp://shop.example/",
            "?x",
        ] {
            assert!(matches!(admit(&rules, target), Err(Refusal::BadRequest(_))), "{target}");
        }
        for method in ["", "GE T", "CONNECT", "trace", "TRACK"] {
            let head = RequestHead { method, target: "/", header: &|_| None };
            assert!(matches!(Ingress::default().admit(&head), Err(Refusal::BadRequest(_))), "{method}");
        }
    }

    #[test]
    fn a_redirect_leads_to_a_url_that_is_admitted() {
        for slash in [TrailingSlash::Never, TrailingSlash::Always, TrailingSlash::AsSent] {
            let rules = PathRules::new("/docs", slash).unwrap();
            for target in ["//docs/", "/docs//a", "/docs/a/", "\\\\docs\\a.b\\", "//docs//_next//x/", "//other//x/"] {
                let mut target = target.to_owned();
                for _ in 0..2 {
                    match admit(&rules, &target) {
                        Err(Refusal::Redirect(redirect)) => target = redirect.location,
                        other => assert!(other.is_ok(), "{target}"),
                    }
                }
                assert!(admit(&rules, &target).is_ok(), "{target}");
            }
        }
    }
}
