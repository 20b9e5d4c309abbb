//! A match: which route, with which parameters, in which form.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize as DeriveSerialize};

use super::params::{Param, ParamSource, Params, Spans};
use crate::canonical::CanonicalPath;
use crate::graph::{Route, RouteId, RouteKind};
use crate::pattern::{PatternSegment, RoutePattern};
use crate::request::Query;

/// The form in which a route is asked for. Together with the route's id it names everything that can be cached or
/// guarded; the set is finite and no client can add to it.
///
/// What a client sends is compared, and never becomes one:
///
/// ```compile_fail,E0308
/// use vinext_router::{RouteKind, Variant};
///
/// fn by_header(kind: RouteKind, rsc: &str) -> Variant {
///     Variant::of(kind, rsc)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveSerialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Variant {
    /// A page as a document.
    Html,
    /// A page as a Flight payload.
    Rsc,
    /// A request handler's response.
    Handler,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Self; 3] = [Self::Html, Self::Rsc, Self::Handler];

    /// The variant as the manifest and JavaScript write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Rsc => "rsc",
            Self::Handler => "handler",
        }
    }

    /// The variant of a route of this kind, for a request that asked for a Flight payload or not.
    #[must_use]
    pub const fn of(kind: RouteKind, wants_rsc: bool) -> Self {
        match (kind, wants_rsc) {
            (RouteKind::Handler, _) => Self::Handler,
            (RouteKind::Page, true) => Self::Rsc,
            (RouteKind::Page, false) => Self::Html,
        }
    }
}

/// What a matcher keeps of a route: enough to name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedRoute {
    id: RouteId,
    pattern: RoutePattern,
    kind: RouteKind,
    pub(super) params: Box<[Param]>,
}

impl MatchedRoute {
    pub(super) fn new(route: &Route) -> Self {
        let own = route.pattern.segments().filter_map(|segment| {
            let source = match segment {
                PatternSegment::Static(_) => return None,
                PatternSegment::Dynamic(_) => ParamSource::Segment,
                PatternSegment::CatchAll(_) | PatternSegment::OptionalCatchAll(_) => ParamSource::Segments,
            };
            Some(Param { name: segment.param()?.into(), source })
        });
        let mut params: Vec<_> = own.collect();
        // What is shown around an intercepting page has the parameters of where the navigation began. A name is taken
        // away, not the parameter: each has a span.
        for name in route.intercepts.iter().flat_map(|by| by.from.param_names()) {
            for own in params.iter_mut().filter(|own| *own.name == *name) {
                own.name = Box::default();
            }
            params.push(Param { name: name.into(), source: ParamSource::Origin });
        }
        for slot in &route.slot_params {
            if !params.iter().any(|param| *param.name == *slot.name) {
                let source = ParamSource::RestFrom(slot.from);
                params.push(Param { name: slot.name.as_str().into(), source });
            }
        }
        Self {
            id: route.id.clone(),
            pattern: route.pattern.clone(),
            kind: route.kind(),
            params: params.into_boxed_slice(),
        }
    }

    /// The route's id.
    #[must_use]
    pub const fn id(&self) -> &RouteId {
        &self.id
    }

    /// The route's pattern.
    #[must_use]
    pub const fn pattern(&self) -> &RoutePattern {
        &self.pattern
    }

    /// Whether a page or a handler answers.
    #[must_use]
    pub const fn kind(&self) -> RouteKind {
        self.kind
    }
}

/// A match that borrows: from the matcher the route, from the path the parameters.
#[derive(Debug, Clone)]
pub struct PathMatch<'m, 'p> {
    pub(super) route: &'m Arc<MatchedRoute>,
    pub(super) path: &'p CanonicalPath,
    pub(super) spans: Spans,
}

impl<'m> PathMatch<'m, '_> {
    /// The route that matched.
    #[must_use]
    pub fn route(&self) -> &'m MatchedRoute {
        self.route
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> Params<'_> {
        Params { path: self.path.as_str(), params: &self.route.params, spans: &self.spans, origin: None }
    }

    /// The match as a value of its own, which a request can carry along.
    #[must_use]
    pub fn into_owned(self, wants_rsc: bool) -> RouteMatch {
        RouteMatch {
            variant: Variant::of(self.route.kind, wants_rsc),
            route: Arc::clone(self.route),
            path: self.path.clone(),
            spans: self.spans,
            origin: None,
            interceptable: false,
            asked: None,
        }
    }
}

/// A decided match: what a renderer or handler gets instead of a URL.
///
/// It serialises as `{ "routeId", "pathname", "params", "variant" }`, with the page's `query` if a rewrite made one.
///
/// Only a matcher makes one, of a [`CanonicalPath`]; only a pipeline clears it for a renderer:
///
/// ```
/// use vinext_router::{Cleared, RouteMatch};
///
/// fn render(found: &Cleared<RouteMatch>) -> String {
///     found.path().to_string()
/// }
/// ```
///
/// ```compile_fail,E0308
/// use vinext_router::{Cleared, RouteMatch};
///
/// fn render(found: &Cleared<RouteMatch>) -> String {
///     found.path().to_string()
/// }
/// fn uncleared(found: &RouteMatch) -> String {
///     render(found)
/// }
/// ```
///
/// No form of a page has a way of its own to it: what is asked for is the path, in every form.
///
/// ```compile_fail,E0308
/// use vinext_router::{Matcher, RouteMatch};
///
/// fn by_url(matcher: &Matcher, url: &str) -> Option<RouteMatch> {
///     matcher.match_path(url).map(|found| found.into_owned(true))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct RouteMatch {
    route: Arc<MatchedRoute>,
    path: CanonicalPath,
    spans: Spans,
    variant: Variant,
    /// Set if the route intercepts: where the navigation came from.
    origin: Option<(CanonicalPath, Spans)>,
    interceptable: bool,
    /// Set if a rewrite led here: the path that was asked for, and the query that the page gets.
    asked: Option<(CanonicalPath, Query)>,
}

impl RouteMatch {
    /// A match of a route without parameters: the not-found page of a path.
    pub(super) fn plain(route: Arc<MatchedRoute>, path: CanonicalPath, wants_rsc: bool) -> Self {
        let variant = Variant::of(route.kind, wants_rsc);
        Self { route, path, spans: Spans::new(), variant, origin: None, interceptable: false, asked: None }
    }

    /// A match of a route that intercepts the navigation from `origin` to `path`.
    pub(super) fn intercepted(
        route: Arc<MatchedRoute>,
        (path, spans): (CanonicalPath, Spans),
        origin: (CanonicalPath, Spans),
    ) -> Self {
        let variant = Variant::of(route.kind, true);
        Self { route, path, spans, variant, origin: Some(origin), interceptable: true, asked: None }
    }

    /// The same match, for a path that some page may intercept.
    pub(crate) fn interceptable(self, interceptable: bool) -> Self {
        Self { interceptable, ..self }
    }

    /// The same match, as a page's document or a handler's answer.
    pub(crate) fn into_document(self) -> Self {
        Self { variant: Variant::of(self.route.kind, false), ..self }
    }

    /// The same match, to which a rewrite led.
    pub(crate) fn rewritten(self, asked: CanonicalPath, query: Query) -> Self {
        Self { asked: Some((asked, query)), ..self }
    }

    /// The same match, of a page that is the same wherever it is asked for.
    pub(crate) fn at(self, path: CanonicalPath) -> Self {
        Self { path, spans: Spans::new(), origin: None, interceptable: false, asked: None, ..self }
    }

    /// The path that was asked for, where a rewrite led to another one. It is what the page says it is at.
    #[must_use]
    pub fn rewritten_from(&self) -> Option<&CanonicalPath> {
        self.asked.as_ref().map(|(path, _)| path)
    }

    /// True if another page answers a soft navigation to this path from some other: whoever keeps the response has to
    /// look at `next-url`.
    #[must_use]
    pub const fn is_interceptable(&self) -> bool {
        self.interceptable
    }

    /// True if the route stands in for the one that the path alone leads to.
    #[must_use]
    pub const fn is_intercepted(&self) -> bool {
        self.origin.is_some()
    }

    /// The route's id.
    #[must_use]
    pub fn route_id(&self) -> &RouteId {
        &self.route.id
    }

    /// The route that matched.
    #[must_use]
    pub fn route(&self) -> &MatchedRoute {
        &self.route
    }

    /// The path that was matched.
    #[must_use]
    pub const fn path(&self) -> &CanonicalPath {
        &self.path
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> Params<'_> {
        let origin = self.origin.as_ref().map(|(path, spans)| (path.as_str(), spans));
        Params { path: self.path.as_str(), params: &self.route.params, spans: &self.spans, origin }
    }

    /// The form that was asked for.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }
}

impl Serialize for RouteMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serializer.serialize_struct("RouteMatch", 4 + usize::from(self.asked.is_some()))?;
        value.serialize_field("routeId", self.route_id())?;
        value.serialize_field("pathname", self.path.as_str())?;
        value.serialize_field("params", &self.params())?;
        value.serialize_field("variant", &self.variant)?;
        if let Some((_, query)) = &self.asked {
            value.serialize_field("query", query.as_str())?;
        }
        value.end()
    }
}
