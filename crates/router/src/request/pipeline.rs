//! From an admitted request to a decision.
//!
//! Who may render what is decided by types: a renderer takes a [`Cleared<RouteMatch>`], and only a [`Pipeline`] makes one,
//! after everything that guards the path has had its say about that very path. There is no proxy in this pipeline yet,
//! so it clears every request; when there is one, its verdict is one more step here and nothing changes for renderers.

use std::ops::Deref;

use serde::{Serialize, Serializer};

use crate::graph::RouteGraph;
use crate::matching::{Matcher, RouteMatch};
use crate::request::ingress::{Admitted, Ingress, IngressError, PathRules, Redirect, Refusal, RequestHead};

/// A value that the pipeline has cleared for the request at hand.
///
/// Nobody else can make one:
///
/// ```compile_fail
/// use vinext_router::Cleared;
/// let forged = Cleared(42);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared<T>(T);

impl<T> Cleared<T> {
    /// The value, no longer known to be cleared.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Cleared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Serialize for Cleared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What to do with a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[must_use]
pub enum Decision {
    /// Answer `400`; the error says why, for a log.
    BadRequest(IngressError),
    /// Answer with this redirect.
    Redirect(Redirect),
    /// Render the page or call the handler.
    Match(Cleared<RouteMatch>),
    /// Render the not-found page of the match, with status `404`.
    NotFound(Cleared<RouteMatch>),
}

/// Everything between a request and the code that answers it.
///
/// ```
/// use vinext_router::{Decision, PathRules, Pipeline, RequestHead, scan};
///
/// let graph = scan(["app/layout.tsx", "app/blog/[slug]/page.tsx"], &["tsx"])?;
/// let pipeline = Pipeline::new(&graph, PathRules::default());
///
/// let head = RequestHead { method: "GET", target: "/blog/a%20b?_rsc=1", header: &|_| None };
/// match pipeline.decide(&head) {
///     Decision::Match(found) => assert_eq!(found.route_id().as_str(), "/blog/[slug]/page"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), vinext_router::ScanErrors>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pipeline {
    ingress: Ingress,
    matcher: Matcher,
}

impl Pipeline {
    /// A pipeline for an app.
    #[must_use]
    pub fn new(graph: &RouteGraph, rules: PathRules) -> Self {
        Self { ingress: Ingress::new(rules), matcher: Matcher::new(graph) }
    }

    /// The matcher, for questions that are not requests.
    #[must_use]
    pub const fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The path rules.
    #[must_use]
    pub const fn rules(&self) -> &PathRules {
        self.ingress.rules()
    }

    /// The first step: reads the request. Between this and [`Pipeline::route`] a server looks for static files.
    pub fn admit(&self, head: &RequestHead<'_>) -> Result<Admitted, Refusal> {
        self.ingress.admit(head)
    }

    /// The second step: the route of an admitted request.
    pub fn route(&self, admitted: &Admitted) -> Decision {
        let wants_rsc = admitted.wants_rsc;
        if admitted.outside {
            return self.not_found(admitted);
        }
        let interceptable = self.matcher.is_interceptable(&admitted.path);
        let origin = admitted.origin.as_ref().filter(|_| interceptable);
        let intercepting = origin.and_then(|origin| self.matcher.match_interception(&admitted.path, origin));
        let own = || Some(self.matcher.match_path(&admitted.path)?.into_owned(wants_rsc).interceptable(interceptable));
        match (intercepting.or_else(own), &admitted.payload_at) {
            (Some(_), Some(payload)) => Decision::Redirect(payload.clone()),
            (Some(found), None) => Decision::Match(Cleared(found)),
            (None, _) => self.not_found(admitted),
        }
    }

    /// The not-found page for an admitted request: also for what a static file server does not have.
    pub fn not_found(&self, admitted: &Admitted) -> Decision {
        let found = self.matcher.not_found(admitted.path.clone(), admitted.wants_rsc);
        Decision::NotFound(Cleared(found))
    }

    /// Both steps.
    pub fn decide(&self, head: &RequestHead<'_>) -> Decision {
        match self.admit(head) {
            Ok(admitted) => self.route(&admitted),
            Err(Refusal::BadRequest(error)) => Decision::BadRequest(error),
            Err(Refusal::Redirect(redirect)) => Decision::Redirect(redirect),
        }
    }
}
