//! Which page stands in for another on a soft navigation.
//!
//! An intercepting folder has two patterns: where a navigation comes from, and where it leads. A URL alone never matches:
//! a page that is loaded as a document is always the real one.

use super::matched::{PathMatch, RouteMatch};
use super::matcher::Matcher;
use crate::canonical::CanonicalPath;
use crate::graph::{Route, RouteGraph};
use crate::pattern::{PatternSegment, RoutePattern};

/// The intercepting routes of an app.
///
/// ```
/// use vinext_router::{CanonicalPath, Interceptors, scan};
///
/// let graph = scan(
///     ["app/layout.tsx", "app/feed/page.tsx", "app/feed/(..)photo/[id]/page.tsx", "app/photo/[id]/page.tsx"],
///     &["tsx"],
/// )?;
/// let interceptors = Interceptors::new(&graph);
///
/// let photo = "/photo/1".parse::<CanonicalPath>()?;
/// let found = interceptors.find(&"/feed".parse()?, &photo).ok_or("not intercepted")?;
/// assert_eq!(found.route_id().as_str(), "/feed/(..)photo/[id]/page");
/// assert!(interceptors.find(&"/about".parse()?, &photo).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Interceptors {
    /// The deepest first.
    routes: Box<[Interceptor]>,
}

#[derive(Debug, Clone)]
struct Interceptor {
    from: RoutePattern,
    /// Knows this one route, as if its target were its URL.
    target: Matcher,
}

impl Interceptors {
    /// Compiles the intercepting routes of a graph.
    #[must_use]
    pub fn new(graph: &RouteGraph) -> Self {
        let mut routes: Vec<_> = graph.routes.iter().filter_map(|route| Interceptor::new(graph, route)).collect();
        // Of two that both apply, the one closer to where the navigation comes from.
        routes.sort_by_key(|route| std::cmp::Reverse(route.from.segments().count()));
        Self { routes: routes.into_boxed_slice() }
    }

    /// The page to show for `path` on a soft navigation from the page at `from`, if it is not the real one.
    #[must_use]
    pub fn find(&self, from: &CanonicalPath, path: &CanonicalPath) -> Option<RouteMatch> {
        self.routes.iter().find_map(|route| route.find(from, path))
    }

    /// Whether there is a page from which this path is intercepted: then an answer depends on where it was asked from.
    #[must_use]
    pub fn concerns(&self, path: &CanonicalPath) -> bool {
        self.routes.iter().any(|route| route.target.match_path(path).is_some())
    }
}

impl Interceptor {
    fn new(graph: &RouteGraph, route: &Route) -> Option<Self> {
        let from = route.intercepts.as_ref()?.from.clone();
        let mut direct = route.clone();
        direct.intercepts = None;
        Some(Self { from, target: Matcher::new(&RouteGraph::new(graph.app_dir.clone(), vec![direct])) })
    }

    fn find(&self, from: &CanonicalPath, path: &CanonicalPath) -> Option<RouteMatch> {
        let found = self.target.match_path(path)?;
        self.comes_from(from, &found).then(|| found.into_owned(true))
    }

    /// Whether `from` is a page of the pattern or below, with the parameters that the target has as well.
    fn comes_from(&self, from: &CanonicalPath, found: &PathMatch<'_, '_>) -> bool {
        let mut actual = from.segments();
        self.from.segments().all(|segment| match segment {
            PatternSegment::Static(text) => actual.next() == Some(text),
            PatternSegment::Dynamic(name) => actual.next().is_some_and(|value| {
                found.params().get(name).is_none_or(|shared| shared.segments().eq(std::iter::once(value)))
            }),
            PatternSegment::CatchAll(_) => actual.next().is_some(),
            PatternSegment::OptionalCatchAll(_) => true,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::scan;

    fn found(files: &[&str], from: &str, path: &str) -> Option<String> {
        let graph = scan(files, &["tsx"]).unwrap();
        let found = Interceptors::new(&graph).find(&from.parse().unwrap(), &path.parse().unwrap())?;
        Some(found.route_id().to_string())
    }

    #[test]
    fn only_navigations_from_the_folder_or_below_are_intercepted() {
        let files = ["app/layout.tsx", "app/feed/page.tsx", "app/feed/@modal/(.)photo/[id]/page.tsx"];
        let files = [&files[..], &["app/feed/@modal/default.tsx", "app/feed/photo/[id]/page.tsx"]].concat();
        let intercepted = Some("/feed/@modal/(.)photo/[id]/page".to_owned());
        assert_eq!(found(&files, "/feed", "/feed/photo/1"), intercepted);
        assert_eq!(found(&files, "/feed/photo/2", "/feed/photo/1"), intercepted);
        for (from, path) in [("/", "/feed/photo/1"), ("/feeds", "/feed/photo/1"), ("/feed", "/feed")] {
            assert_eq!(found(&files, from, path), None, "{from} -> {path}");
        }
    }

    #[test]
    fn the_innermost_interception_wins() {
        let files = [
            "app/layout.tsx",
            "app/photo/page.tsx",
            "app/(.)photo/page.tsx",
            "app/feed/page.tsx",
            "app/feed/(..)photo/page.tsx",
        ];
        assert_eq!(found(&files, "/feed", "/photo"), Some("/feed/(..)photo/page".to_owned()));
        assert_eq!(found(&files, "/other", "/photo"), Some("/(.)photo/page".to_owned()));
    }

    #[test]
    fn only_paths_that_something_intercepts_depend_on_where_they_are_asked_from() {
        let graph =
            scan(["app/layout.tsx", "app/(.)photo/[id]/page.tsx", "app/photo/[id]/page.tsx"], &["tsx"]).unwrap();
        let interceptors = Interceptors::new(&graph);
        assert!(interceptors.concerns(&"/photo/1".parse().unwrap()));
        assert!(!interceptors.concerns(&"/photo".parse().unwrap()));
    }
}
