//! `config.matcher` of a proxy: which requests it is asked about.

use super::condition::Facts;
use super::{Asked, ConfigRouteError, SourceDefinition, refused};
use crate::canonical::CanonicalPath;

/// The compiled matchers of a proxy.
#[derive(Debug, Clone, Default)]
pub struct ProxyMatcher {
    /// None at all: it is asked about everything.
    asked: Option<Vec<Asked>>,
}

impl ProxyMatcher {
    /// A proxy without a matcher: it is asked about every request.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Compiles the items of `config.matcher`. One of them is enough for the proxy to be asked.
    pub fn new(definitions: &[SourceDefinition], base_path: &CanonicalPath) -> Result<Self, ConfigRouteError> {
        let base = if base_path.as_str() == "/" { "" } else { base_path.as_str() };
        let compile = |one| Asked::exact(one, base).map_err(|problem| refused("matcher", one, problem));
        Ok(Self { asked: Some(definitions.iter().map(compile).collect::<Result<_, _>>()?) })
    }

    /// Whether the proxy is asked about this path: the whole of it, with its base path.
    pub(crate) fn takes(&self, path: &str, facts: &Facts<'_, '_>) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.iter().any(|one| one.captures(path, facts).is_some()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn takes(json: &str, base: &str, path: &str) -> bool {
        let definitions: Vec<SourceDefinition> = serde_json::from_str(json).unwrap();
        let matcher = ProxyMatcher::new(&definitions, &base.parse().unwrap()).unwrap();
        matcher.takes(path, &Facts { header: &|name| (name == "x-on").then_some(b"yes"), query: "a=1" })
    }

    #[test]
    fn one_matcher_is_enough_and_letters_count() {
        let json = r#"[{ "source": "/a/:path*" }, { "source": "/((?!api|_next).*)" }]"#;
        for path in ["/a", "/a/", "/a/b/c", "/other"] {
            assert!(takes(json, "/", path), "{path}");
        }
        for path in ["/api", "/_next/static/x"] {
            assert!(!takes(json, "/", path), "{path}");
        }
        assert!(!takes(r#"[{ "source": "/about" }]"#, "/", "/About"));
    }

    #[test]
    fn a_matcher_may_take_letters_of_both_kinds() {
        let json = r#"[{ "source": "/:door([bB][eE]hind)/:path*" }]"#;
        for (path, wanted) in [("/behind/7", true), ("/BEhind", true), ("/BEHIND/7", false), ("/beside/7", false)] {
            assert_eq!(takes(json, "/", path), wanted, "{path}");
        }
    }

    #[test]
    fn matchers_are_below_the_base_path() {
        let json = r#"[{ "source": "/" }, { "source": "/x" }]"#;
        assert!(takes(json, "/shop", "/shop") && takes(json, "/shop", "/shop/x"));
        assert!(!takes(json, "/shop", "/") && !takes(json, "/shop", "/x"));
    }

    #[test]
    fn conditions_are_asked() {
        assert!(takes(r#"[{ "source": "/x", "has": [{ "type": "header", "key": "X-On" }] }]"#, "/", "/x"));
        assert!(!takes(r#"[{ "source": "/x", "missing": [{ "type": "query", "key": "a" }] }]"#, "/", "/x"));
    }

    #[test]
    fn without_matchers_everything_is_asked_and_with_an_empty_list_nothing() {
        assert!(ProxyMatcher::all().takes("/_next/static/x", &Facts { header: &|_| None, query: "" }));
        assert!(!takes("[]", "/", "/x"));
    }
}
