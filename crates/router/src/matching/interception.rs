//! Which page intercepts a soft navigation.
//!
//! A page in a folder like `feed/(.)photo/[id]` stands in for `/feed/photo/[id]` while the client shows `/feed` or
//! something below it. Apps have few such pages, so they are tried one after the other.

use std::cmp::Ordering;
use std::sync::Arc;

use super::matched::{MatchedRoute, RouteMatch};
use super::params::{Span, Spans};
use crate::canonical::CanonicalPath;
use crate::graph::{Route, RouteGraph, RouteKind};
use crate::pattern::{PatternSegment, RoutePattern};

/// The pages that intercept.
#[derive(Debug, Clone, Default)]
pub(super) struct Interceptors(Box<[Interceptor]>);

#[derive(Debug, Clone)]
struct Interceptor {
    from: RoutePattern,
    target: RoutePattern,
    route: Arc<MatchedRoute>,
}

impl Interceptors {
    pub(super) fn new(graph: &RouteGraph) -> Self {
        let pages = graph.routes.iter().filter(|route| route.kind() == RouteKind::Page);
        let mut found: Vec<_> = pages.filter_map(Interceptor::new).collect();
        found.sort_by(Interceptor::order);
        Self(found.into_boxed_slice())
    }

    /// The match of the page that intercepts a navigation from `origin` to `path`.
    pub(super) fn find(&self, path: &CanonicalPath, origin: &CanonicalPath) -> Option<RouteMatch> {
        self.0.iter().find_map(|interceptor| {
            let taken = spans(&interceptor.target, path, Extent::Whole)?;
            let seen = spans(&interceptor.from, origin, Extent::Beginning)?;
            let route = Arc::clone(&interceptor.route);
            Some(RouteMatch::intercepted(route, (path.clone(), taken), (origin.clone(), seen)))
        })
    }

    /// Whether a navigation to `path` is intercepted from anywhere.
    pub(super) fn covers(&self, path: &CanonicalPath) -> bool {
        self.0.iter().any(|interceptor| spans(&interceptor.target, path, Extent::Whole).is_some())
    }
}

impl Interceptor {
    fn new(route: &Route) -> Option<Self> {
        let by = route.intercepts.as_ref()?;
        let (from, target) = (by.from.clone(), by.target.clone());
        Some(Self { from, target, route: Arc::new(MatchedRoute::new(route)) })
    }

    /// The page that is nearest to the root first, then the one that says more exactly where the navigation comes from,
    /// then the one that says more exactly where it goes.
    fn order(one: &Self, other: &Self) -> Ordering {
        let rank = |pattern: &RoutePattern| -> Vec<u8> { pattern.segments().map(specificity).collect() };
        let (from, of_other) = (rank(&one.from), rank(&other.from));
        (from.len().cmp(&of_other.len()))
            .then_with(|| from.cmp(&of_other))
            .then_with(|| rank(&one.target).cmp(&rank(&other.target)))
            .then_with(|| one.route.id().cmp(other.route.id()))
    }
}

fn specificity(segment: PatternSegment<'_>) -> u8 {
    match segment {
        PatternSegment::Static(_) => 0,
        PatternSegment::Dynamic(_) => 1,
        PatternSegment::CatchAll(_) => 2,
        PatternSegment::OptionalCatchAll(_) => 3,
    }
}

/// How much of a path a pattern has to match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Beginning,
}

/// What a pattern's parameters take of a path.
fn spans(pattern: &RoutePattern, path: &CanonicalPath, extent: Extent) -> Option<Spans> {
    let text = path.as_str();
    let mut spans = Spans::new();
    // Where the next segment begins; beyond the end when there is none.
    let mut position = if text.len() == 1 { 2 } else { 1 };
    for segment in pattern.segments() {
        let Some(rest) = text.get(position..) else {
            if matches!(segment, PatternSegment::OptionalCatchAll(_)) {
                spans.push(Span::new(text.len(), text.len()));
                return Some(spans);
            }
            return None;
        };
        let end = position + rest.find('/').unwrap_or(rest.len());
        match segment {
            PatternSegment::Static(expected) if text.get(position..end) != Some(expected) => return None,
            PatternSegment::Static(_) => {}
            PatternSegment::Dynamic(_) => spans.push(Span::new(position, end)),
            PatternSegment::CatchAll(_) | PatternSegment::OptionalCatchAll(_) => {
                spans.push(Span::new(position, text.len()));
                return Some(spans);
            }
        }
        position = end + 1;
    }
    (extent == Extent::Beginning || position > text.len()).then_some(spans)
}
