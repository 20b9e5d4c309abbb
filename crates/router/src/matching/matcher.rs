//! The compiled matcher.
//!
//! A path of static segments only beats every other candidate, so such routes are one hash lookup of the whole path. The
//! rest are a tree of segments: at each node a static child, then the dynamic one, then the catch-all, then the optional
//! catch-all, with a stack of the choices to come back to. Patterns without parameters are not in the tree at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::inline_stack::InlineStack;
use super::interception::Interceptors;
use super::matched::{MatchedRoute, PathMatch, RouteMatch};
use super::params::{Span, Spans};
use super::table::ScopedTable;
use crate::canonical::CanonicalPath;
use crate::graph::{Route, RouteGraph, RouteId, SegmentTree};
use crate::pattern::PatternSegment;

/// Finds the route of a path: static before dynamic before catch-all before optional catch-all, compared segment by
/// segment.
///
/// ```
/// use vinext_router::{CanonicalPath, Matcher, ParamValue, scan};
///
/// let graph = scan(["app/layout.tsx", "app/blog/[slug]/page.tsx", "app/blog/new/page.tsx"], &["tsx"])?;
/// let matcher = Matcher::new(&graph);
///
/// let path = "/blog/hello".parse::<CanonicalPath>()?;
/// let found = matcher.match_path(&path).ok_or("no route")?;
/// assert_eq!(found.route().id().as_str(), "/blog/[slug]/page");
/// assert_eq!(found.params().get("slug"), Some(ParamValue::Segment("hello")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Matcher {
    routes: Box<[Arc<MatchedRoute>]>,
    not_found: Arc<MatchedRoute>,
    nodes: Box<[Node]>,
    table: ScopedTable,
    interceptors: Interceptors,
    /// The paths of the routes that have no others.
    listed: HashMap<u32, HashSet<Box<str>>>,
}

/// The scope of whole paths in the table; the others are node numbers.
const WHOLE_PATHS: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// The route that ends here.
    route: Link,
    dynamic: Link,
    /// Routes, not nodes: nothing is below a catch-all.
    catch_all: Link,
    optional: Link,
    has_statics: bool,
}

/// The index of a node or route, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link(u32);

impl Default for Link {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Link {
    fn get(self) -> Option<u32> {
        (self.0 != u32::MAX).then_some(self.0)
    }

    fn set_first(&mut self, index: u32) {
        if self.0 == u32::MAX {
            self.0 = index;
        }
    }
}

/// A node to come back to, and what is left to try there.
#[derive(Debug, Clone, Copy, Default)]
struct Choice {
    node: u32,
    position: u16,
    spans: u16,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Static,
    Dynamic,
    CatchAll,
}

impl Matcher {
    /// Compiles the routes of a graph. Intercepting routes are left out: a URL alone never leads to them.
    ///
    /// Of two routes with the same shape of pattern, which a scan refuses, the first is kept.
    #[must_use]
    pub fn new(graph: &RouteGraph) -> Self {
        let mut not_found = None;
        let mut routes = Vec::new();
        let mut entries = HashMap::new();
        let mut nodes = vec![Node::default()];
        let mut listed = HashMap::new();
        for route in &graph.routes {
            if route.id.is_not_found() {
                not_found = Some(Arc::new(MatchedRoute::new(route)));
            } else if route.intercepts.is_none()
                && let Ok(index) = u32::try_from(routes.len())
            {
                routes.push(Arc::new(MatchedRoute::new(route)));
                if let Some(paths) = &route.listed {
                    listed.insert(index, paths.iter().map(|path| path.as_str().into()).collect());
                }
                if route.pattern.is_dynamic() {
                    add_to_tree(&mut nodes, &mut entries, route, index);
                } else {
                    entries.entry((WHOLE_PATHS, route.pattern.as_str())).or_insert(index);
                }
            }
        }
        Self {
            routes: routes.into_boxed_slice(),
            not_found: not_found.unwrap_or_else(built_in_not_found),
            nodes: nodes.into_boxed_slice(),
            table: ScopedTable::new(&entries),
            interceptors: Interceptors::new(graph),
            listed,
        }
    }

    /// The best route for a path. Does not allocate for up to eight parameters.
    #[must_use]
    pub fn match_path<'m, 'p>(&'m self, path: &'p CanonicalPath) -> Option<PathMatch<'m, 'p>> {
        let mut spans = Spans::new();
        let route = self.find(path.as_str().as_bytes(), &mut spans)?;
        Some(PathMatch { route: &self.routes[route as usize], path, spans })
    }

    /// The page that answers a soft navigation from `origin` to `path` in place of the path's own.
    #[must_use]
    pub fn match_interception(&self, path: &CanonicalPath, origin: &CanonicalPath) -> Option<RouteMatch> {
        self.interceptors.find(path, origin)
    }

    /// Whether a soft navigation to `path` from some other is intercepted.
    #[must_use]
    pub fn is_interceptable(&self, path: &CanonicalPath) -> bool {
        self.interceptors.covers(path)
    }

    /// The match of the not-found page, for a path that has no route.
    #[must_use]
    pub fn not_found(&self, path: CanonicalPath, wants_rsc: bool) -> RouteMatch {
        RouteMatch::plain(Arc::clone(&self.not_found), path, wants_rsc)
    }

    /// The route, if it has this path.
    #[inline]
    fn open(&self, link: Link, path: &[u8]) -> Option<u32> {
        let route = link.get()?;
        if self.listed.is_empty() {
            return Some(route);
        }
        let has = |paths: &HashSet<Box<str>>| std::str::from_utf8(path).is_ok_and(|path| paths.contains(path));
        self.listed.get(&route).is_none_or(has).then_some(route)
    }

    fn find(&self, path: &[u8], spans: &mut Spans) -> Option<u32> {
        if let Some(route) = self.table.get(WHOLE_PATHS, path) {
            return Some(route);
        }
        let len = path.len();
        let mut choices = InlineStack::<Choice, 8>::new();
        let mut node = 0_u32;
        // Where the next segment begins; beyond the end when there is none.
        let mut position = if len == 1 { 2 } else { 1 };
        let mut stage = Stage::Static;
        loop {
            let here = &self.nodes[node as usize];
            if position > len {
                if let Some(route) = self.open(here.route, path) {
                    return Some(route);
                }
                if let Some(route) = self.open(here.optional, path) {
                    spans.push(Span::new(len, len));
                    return Some(route);
                }
            } else {
                let rest = &path[position..];
                let segment_len = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
                let end = position + segment_len;
                let whole_rest = self.open(here.catch_all, path).or_else(|| self.open(here.optional, path));
                if stage == Stage::Static
                    && here.has_statics
                    && let Some(child) = self.table.get(node, &rest[..segment_len])
                {
                    if here.dynamic.get().is_some() || whole_rest.is_some() {
                        choices.push(Choice::new(node, position, spans, Stage::Dynamic));
                    }
                    (node, position) = (child, end + 1);
                    continue;
                }
                if stage <= Stage::Dynamic
                    && let Some(child) = here.dynamic.get()
                {
                    if whole_rest.is_some() {
                        choices.push(Choice::new(node, position, spans, Stage::CatchAll));
                    }
                    spans.push(Span::new(position, end));
                    (node, position, stage) = (child, end + 1, Stage::Static);
                    continue;
                }
                if let Some(route) = whole_rest {
                    spans.push(Span::new(position, len));
                    return Some(route);
                }
            }
            let choice = choices.pop()?;
            (node, position, stage) = (choice.node, usize::from(choice.position), choice.stage);
            spans.truncate(usize::from(choice.spans));
        }
    }
}

impl Choice {
    #[expect(clippy::cast_possible_truncation, reason = "a canonical path has at most u16::MAX bytes")]
    fn new(node: u32, position: usize, spans: &Spans, stage: Stage) -> Self {
        Self { node, position: position as u16, spans: spans.len() as u16, stage }
    }
}

fn add_to_tree<'g>(nodes: &mut Vec<Node>, entries: &mut HashMap<(u32, &'g str), u32>, route: &'g Route, index: u32) {
    let mut node = 0_u32;
    for segment in route.pattern.segments() {
        let Ok(fresh) = u32::try_from(nodes.len()) else { return };
        let here = &mut nodes[node as usize];
        node = match segment {
            PatternSegment::Static(text) => {
                here.has_statics = true;
                *entries.entry((node, text)).or_insert(fresh)
            }
            PatternSegment::Dynamic(_) => {
                here.dynamic.set_first(fresh);
                here.dynamic.0
            }
            PatternSegment::CatchAll(_) => return here.catch_all.set_first(index),
            PatternSegment::OptionalCatchAll(_) => return here.optional.set_first(index),
        };
        if node == fresh {
            nodes.push(Node::default());
        }
    }
    nodes[node as usize].route.set_first(index);
}

/// For graphs that were not scanned and have no not-found route.
fn built_in_not_found() -> Arc<MatchedRoute> {
    let pattern = crate::pattern::RoutePattern::not_found();
    Arc::new(MatchedRoute::new(&Route::page(RouteId::NOT_FOUND, pattern, SegmentTree::new(""))))
}
