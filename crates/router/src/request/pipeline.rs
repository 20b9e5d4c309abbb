//! From an admitted request to a decision.
//!
//! Who may render what is decided by types: a renderer takes a [`Cleared<RouteMatch>`], and only a [`Pipeline`] makes one,
//! after everything that guards the path has had its say about that very path. There is no proxy in this pipeline yet,
//! so it clears every request; when there is one, its verdict is one more step here and nothing changes for renderers.

use std::ops::Deref;

use serde::{Serialize, Serializer};

use crate::canonical::{CanonicalPath, ReadPath};
use crate::config_routes::{ConfigRoutes, ExternalUrl, Facts, Phase, Rewritten};
use crate::graph::RouteGraph;
use crate::matching::{Matcher, RouteMatch};
use crate::request::ingress::{Admitted, Ingress, IngressError, PathRules, Redirect, Refusal, RequestHead};
use crate::request::query::Query;

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
    /// Send the file at this path: below `public/`, or one of the build's own.
    File(CanonicalPath),
    /// Answer `404` in plain text: the build has no such file.
    NoAsset,
    /// Pass the request on to this URL of another server, which `next.config` names.
    External(ExternalUrl),
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

    /// The same with the headers, redirects and rewrites of `next.config`.
    #[must_use]
    pub fn with_config_routes(self, routes: ConfigRoutes) -> Self {
        Self { ingress: self.ingress.with_config_routes(routes), ..self }
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

    /// The first step: reads the request.
    pub fn admit(&self, head: &RequestHead<'_>) -> Result<Admitted, Refusal> {
        self.ingress.admit(head)
    }

    /// The second step: what answers an admitted request. `is_file` says whether a path is one of the static files'.
    ///
    /// In Next's order: interception, `beforeFiles`, files, pages with a fixed path, `afterFiles`, pages with parameters,
    /// `fallback`.
    pub fn route(
        &self,
        admitted: &Admitted,
        head: &RequestHead<'_>,
        is_file: &dyn Fn(&CanonicalPath) -> bool,
    ) -> Decision {
        let interceptable = !admitted.outside && self.matcher.is_interceptable(&admitted.path);
        let origin = admitted.origin.as_ref().filter(|_| interceptable);
        if let Some(found) = origin.and_then(|origin| self.matcher.match_interception(&admitted.path, origin)) {
            return Self::matched(admitted, found);
        }
        let mut way = Way::new(self, admitted, head);
        if let Err(url) = way.before_files() {
            return Decision::External(url);
        }
        if let Some(found) = way.file_or(is_file, |path| !self.is_dynamic(path)) {
            return self.decided(admitted, way, found);
        }
        for phase in [Phase::AfterFiles, Phase::Fallback] {
            let mut from = 0;
            while let Some(next) = way.rewrite(phase, from) {
                from = match next {
                    Ok(index) => index + 1,
                    Err(url) => return Decision::External(url),
                };
                if let Some(found) = way.file_or(is_file, |_| true) {
                    return self.decided(admitted, way, found);
                }
            }
            if phase == Phase::AfterFiles
                && let Some(found) = way.file_or(is_file, |_| true)
            {
                return self.decided(admitted, way, found);
            }
        }
        self.not_found(admitted)
    }

    fn is_dynamic(&self, path: &CanonicalPath) -> bool {
        self.ingress.config_routes().has_rewrites(Phase::AfterFiles)
            && self.matcher.match_path(path).is_some_and(|found| found.route().pattern().is_dynamic())
    }

    fn decided(&self, admitted: &Admitted, way: Way<'_, '_>, found: Found) -> Decision {
        match found {
            Found::File(path) => Decision::File(path),
            Found::NoAsset => Decision::NoAsset,
            Found::Route(found) => {
                let interceptable = !way.is_rewritten && self.matcher.is_interceptable(&admitted.path);
                let found = found.interceptable(interceptable);
                let asked = way.is_rewritten.then(|| (admitted.path.clone(), way.query));
                Self::matched(
                    admitted,
                    asked.into_iter().fold(found, |found, (path, query)| found.rewritten(path, query)),
                )
            }
        }
    }

    /// A payload that was not asked for at its own URL is asked for again.
    fn matched(admitted: &Admitted, found: RouteMatch) -> Decision {
        match &admitted.payload_at {
            Some(payload) => Decision::Redirect(payload.clone()),
            None => Decision::Match(Cleared(found)),
        }
    }

    /// The not-found page for an admitted request: also for what a static file server does not have.
    pub fn not_found(&self, admitted: &Admitted) -> Decision {
        let found = self.matcher.not_found(admitted.path.clone(), admitted.wants_rsc);
        Decision::NotFound(Cleared(found))
    }

    /// Both steps, without static files.
    pub fn decide(&self, head: &RequestHead<'_>) -> Decision {
        match self.admit(head) {
            Ok(admitted) => self.route(&admitted, head, &|_| false),
            Err(Refusal::BadRequest(error)) => Decision::BadRequest(error),
            Err(Refusal::Redirect(redirect)) => Decision::Redirect(redirect),
        }
    }
}

/// What a path leads to.
enum Found {
    File(CanonicalPath),
    NoAsset,
    Route(Box<RouteMatch>),
}

/// A request on its way through the rewrites.
struct Way<'p, 'h> {
    pipeline: &'p Pipeline,
    header: &'h dyn Fn(&str) -> Option<&'h [u8]>,
    wants_rsc: bool,
    /// The path below the base path, `None` outside of it.
    path: Option<CanonicalPath>,
    whole: String,
    query: Query,
    is_rewritten: bool,
}

impl<'p, 'h> Way<'p, 'h> {
    fn new(pipeline: &'p Pipeline, admitted: &Admitted, head: &RequestHead<'h>) -> Self {
        Self {
            pipeline,
            header: head.header,
            wants_rsc: admitted.wants_rsc,
            path: (!admitted.outside).then(|| admitted.path.clone()),
            whole: admitted.whole.clone(),
            query: admitted.query.clone(),
            is_rewritten: false,
        }
    }

    /// Takes every rewrite that comes before files; the URL of another server ends the way.
    fn before_files(&mut self) -> Result<(), ExternalUrl> {
        let mut from = 0;
        while let Some(next) = self.rewrite(Phase::BeforeFiles, from) {
            from = next? + 1;
        }
        Ok(())
    }

    /// Takes the next rewrite of a phase, and says which one that was.
    fn rewrite(&mut self, phase: Phase, from: usize) -> Option<Result<usize, ExternalUrl>> {
        let routes = self.pipeline.ingress.config_routes();
        if !routes.has_rewrites(phase) {
            return None;
        }
        let facts = Facts { header: self.header, query: self.query.as_str() };
        let (index, rewritten) = routes.rewrite(phase, from, &self.whole, &facts)?;
        match rewritten {
            Rewritten::External(url) => Some(Err(url)),
            Rewritten::Inside { path, query } => {
                // What no path can be leads nowhere.
                let read = ReadPath::read(&path).ok();
                self.path = read.as_ref().and_then(|read| read.path.strip_prefix(&self.pipeline.rules().base_path));
                self.whole = read.map_or_else(|| "/".to_owned(), |read| read.path.as_str().to_owned());
                self.query = Query::read(&query);
                self.is_rewritten = true;
                Some(Ok(index))
            }
        }
    }

    /// What the path leads to now: a file, or a page that `accepts` lets through.
    fn file_or(
        &self,
        is_file: &dyn Fn(&CanonicalPath) -> bool,
        accepts: impl Fn(&CanonicalPath) -> bool,
    ) -> Option<Found> {
        let path = self.path.as_ref()?;
        if is_file(path) {
            return Some(Found::File(path.clone()));
        }
        if path.as_str().starts_with("/_next/static/") {
            return Some(Found::NoAsset);
        }
        let found = if accepts(path) { self.pipeline.matcher.match_path(path)? } else { return None };
        Some(Found::Route(Box::new(found.into_owned(self.wants_rsc))))
    }
}
