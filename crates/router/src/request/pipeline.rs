//! From an admitted request to a decision.
//!
//! Who may render what is decided by types: a renderer takes a [`Cleared<RouteMatch>`], and only a [`Pipeline`] makes one,
//! of a request that has [`Passed`]: after everything that guards the path has had its say about that very path.

use std::ops::Deref;

use serde::{Serialize, Serializer};

use crate::canonical::{CanonicalPath, ReadPath};
use crate::config_routes::ProxyMatcher;
use crate::config_routes::{ConfigRoutes, ExternalUrl, Facts, Phase, Rewritten};
use crate::graph::RouteGraph;
use crate::matching::{Matcher, RouteMatch};
use crate::pattern::RoutePattern;
use crate::request::guard::{self, Answered, Gate, Led, Passed, Pending, Verdict};
use crate::request::ingress::{Admitted, Ingress, IngressError, PathRules, Redirect, Refusal, RequestHead};
use crate::request::query::Query;

/// A value that the pipeline has cleared for the request at hand.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0423
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

impl Cleared<RouteMatch> {
    /// The same page as a document: whoever may have a page's payload may have its document, which has that payload in it.
    #[must_use]
    pub fn document(&self) -> Self {
        Self(self.0.clone().into_document())
    }

    /// The not-found page as it is for every path, with a path of its own; `None` of another page.
    #[must_use]
    pub fn nowhere(&self) -> Option<Self> {
        self.0.route_id().is_not_found().then(|| Self(self.0.clone().at(nowhere())))
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
    /// Pass the request on to this URL of another server, which `next.config` or the proxy names.
    External(ExternalUrl),
    /// Answer `500`: the proxy leads from path to path without an end.
    Circle,
}

/// Everything between a request and the code that answers it.
///
/// ```
/// use vinext_router::{Decision, PathRules, Pipeline, RequestHead, Verdict, scan};
///
/// let graph = scan(["app/layout.tsx", "app/blog/[slug]/page.tsx"], &["tsx"])?;
/// let pipeline = Pipeline::new(&graph, PathRules::default());
///
/// let head = RequestHead { method: "GET", target: "/blog/a%20b?_rsc=1", header: &|_| None };
/// match pipeline.decide(&head, |_| Verdict::Next) {
///     Decision::Match(found) => assert_eq!(found.route_id().as_str(), "/blog/[slug]/page"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), vinext_router::ScanErrors>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pipeline {
    ingress: Ingress,
    matcher: Matcher,
    proxy: Option<ProxyMatcher>,
}

impl Pipeline {
    /// How often a proxy may lead one request from path to path.
    pub const REWRITES: usize = 8;

    /// A pipeline for an app.
    #[must_use]
    pub fn new(graph: &RouteGraph, rules: PathRules) -> Self {
        Self { ingress: Ingress::new(rules), matcher: Matcher::new(graph), proxy: None }
    }

    /// The same with the headers, redirects and rewrites of `next.config`.
    #[must_use]
    pub fn with_config_routes(self, routes: ConfigRoutes) -> Self {
        Self { ingress: self.ingress.with_config_routes(routes), ..self }
    }

    /// The same with a proxy that is asked about what `matcher` takes.
    #[must_use]
    pub fn with_proxy(self, matcher: ProxyMatcher) -> Self {
        Self { proxy: Some(matcher), ..self }
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

    /// The second step: whether the proxy has to be asked about an admitted request.
    pub fn gate(&self, admitted: Admitted, head: &RequestHead<'_>) -> Gate {
        let facts = Facts { header: head.header, query: admitted.query.as_str() };
        let takes = |path: &str| self.proxy.as_ref().is_some_and(|proxy| proxy.takes(path, &facts));
        // An asset prefix is another name of the framework's own files; the proxy knows one.
        let path = if admitted.outside { admitted.whole.clone() } else { self.whole(&admitted.path) };
        let about_origin = admitted.origin.as_ref().is_some_and(|origin| {
            takes(&self.whole(origin)) && self.matcher.match_interception(&admitted.path, origin).is_some()
        });
        let about_path = takes(&path);
        if about_origin || about_path {
            return Gate::Ask(Pending { admitted, about_path, about_origin });
        }
        Gate::Open(Passed { admitted })
    }

    /// The third step, where the proxy was asked: what its verdict makes of the request.
    pub fn answered(&self, pending: Pending, verdict: Verdict, head: &RequestHead<'_>) -> Answered {
        let host = (head.header)("host").and_then(|host| std::str::from_utf8(host).ok()).unwrap_or("localhost");
        guard::apply(pending, verdict, host)
    }

    /// The first step again, for the path that a proxy has led a request to. `head` is the request's own but for its
    /// target; how it asked for a payload is settled already.
    pub fn readmit(&self, led: Led, head: &RequestHead<'_>) -> Result<Admitted, Refusal> {
        let Led { first, target } = led;
        let header = |name: &str| (head.header)(name);
        let mut admitted = self.admit(&RequestHead { method: head.method, target: &target, header: &header })?;
        let mut headers = first.headers;
        headers.append(&mut admitted.headers);
        Ok(Admitted { headers, payload_at: first.payload_at, asked: first.asked.or(Some(first.path)), ..admitted })
    }

    /// Whether both names are one host's, for who compares what a proxy has written with what was asked for.
    #[must_use]
    pub fn is_same_host(one: &str, other: &str) -> bool {
        guard::is_same_host(one, other)
    }

    /// Whether there is a proxy.
    #[must_use]
    pub const fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// Whether the proxy would be asked about this path below the base path, by a request with these headers.
    #[must_use]
    pub fn is_guarded(&self, path: &CanonicalPath, head: &RequestHead<'_>) -> bool {
        let facts = Facts { header: head.header, query: "" };
        self.proxy.as_ref().is_some_and(|proxy| proxy.takes(&self.whole(path), &facts))
    }

    fn whole(&self, path: &CanonicalPath) -> String {
        match (self.rules().base_path.as_str(), path.as_str()) {
            ("/", path) => path.to_owned(),
            (base, "/") => base.to_owned(),
            (base, path) => format!("{base}{path}"),
        }
    }

    /// The last step: what answers a request that has passed. `is_file` says whether a path is one of the static files'.
    ///
    /// In Next's order: interception, `beforeFiles`, files, pages with a fixed path, `afterFiles`, pages with parameters,
    /// `fallback`.
    pub fn route(&self, passed: &Passed, head: &RequestHead<'_>, is_file: &dyn Fn(&CanonicalPath) -> bool) -> Decision {
        let admitted = &passed.admitted;
        let mut way = Way::new(self, passed, head);
        let interceptable = way.path.as_ref().filter(|path| self.matcher.is_interceptable(path));
        if let (Some(path), Some(origin)) = (interceptable, &admitted.origin)
            && let Some(found) = self.matcher.match_interception(path, origin)
        {
            let found = if way.is_rewritten { found.rewritten(asked(admitted).clone(), way.query) } else { found };
            return Self::matched(admitted, found);
        }
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
        self.not_found(passed)
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
                let asked = way.is_rewritten.then(|| (asked(admitted).clone(), way.query));
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

    /// The not-found page for a request, which is about the path in the address bar: also for what a static file server does
    /// not have.
    pub fn not_found(&self, passed: &Passed) -> Decision {
        let admitted = &passed.admitted;
        let found = self.matcher.not_found(asked(admitted).clone(), admitted.wants_rsc);
        Decision::NotFound(Cleared(found))
    }

    /// The not-found page as it is for every path. It guards nothing, and nothing guards it.
    #[must_use]
    pub fn nowhere(&self) -> Cleared<RouteMatch> {
        Cleared(self.matcher.not_found(nowhere(), false))
    }

    /// All steps, without static files. `ask` is the proxy, which is asked about paths only: where it has a say in the page
    /// that a navigation comes from, no page stands in for the path's own.
    pub fn decide(&self, head: &RequestHead<'_>, mut ask: impl FnMut(&Pending) -> Verdict) -> Decision {
        let mut admitted = self.admit(head);
        for _ in 0..=Self::REWRITES {
            let pending = match admitted.map(|admitted| self.gate(admitted, head)) {
                Ok(Gate::Open(passed)) => return self.route(&passed, head, &|_| false),
                Ok(Gate::Ask(pending)) => pending,
                Err(Refusal::BadRequest(error)) => return Decision::BadRequest(error),
                Err(Refusal::Redirect(redirect)) => return Decision::Redirect(redirect),
            };
            let pending = if pending.origin().is_some() { pending.without_origin() } else { pending };
            let verdict = if pending.is_about_path() { ask(&pending) } else { Verdict::Next };
            admitted = match self.answered(pending, verdict, head) {
                Answered::Passed(passed) => return self.route(&passed, head, &|_| false),
                Answered::External(url) => return Decision::External(url),
                Answered::Rewritten(rewritten) => self.readmit(rewritten, head),
            };
        }
        Decision::Circle
    }
}

/// The path that the not-found page of every path has.
#[expect(clippy::expect_used, reason = "the pattern has one plain segment")]
fn nowhere() -> CanonicalPath {
    RoutePattern::not_found().as_str().parse().expect("a pattern without parameters is a path")
}

/// The path in the address bar.
fn asked(admitted: &Admitted) -> &CanonicalPath {
    admitted.asked.as_ref().unwrap_or(&admitted.path)
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
    fn new(pipeline: &'p Pipeline, passed: &Passed, head: &RequestHead<'h>) -> Self {
        let Passed { admitted } = passed;
        let path = (!admitted.outside).then(|| admitted.path.clone());
        let (whole, query) = (admitted.whole.clone(), admitted.query.clone());
        let (header, wants_rsc, is_rewritten) = (head.header, admitted.wants_rsc, admitted.asked.is_some());
        Self { pipeline, header, wants_rsc, path, whole, query, is_rewritten }
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
