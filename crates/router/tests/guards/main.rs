//! What a guard sees is what is routed, whatever the request looks like.
//!
//! Random heads (encodings, slashes, dots, locales, suffixes, internal headers and queries) go through the pipelines of
//! many configurations of one app, whose guard lets nobody below `/admin`. A second reading of paths and a second matcher,
//! both as simple as can be, say what may come out.
//!
//! `VINEXT_FUZZ_CASES` is how many requests are made (20,000 if it is not set), `VINEXT_FUZZ_SEED` where they begin; a
//! request that fails is printed with its seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod model;
mod requests;

use std::collections::BTreeMap;

use vinext_router::{
    Admitted, Answered, CanonicalPath, ConfigRouteDefinitions, ConfigRoutes, Decision, Gate, PathRules, Pipeline,
    ProxyMatcher, Refusal, RequestHead, RouteGraph, TrailingSlash, Verdict, is_reserved_header, scan,
};

use self::model::Reading;
use self::requests::{Random, Request};

const APP: [&str; 26] = [
    "app/layout.tsx",
    "app/page.tsx",
    "app/admin/page.tsx",
    "app/admin/users/page.tsx",
    "app/admin/[id]/edit/page.tsx",
    "app/admin/files/[...path]/page.tsx",
    "app/admin/api/route.ts",
    "app/(team)/admin/team/page.tsx",
    "app/blog/[slug]/page.tsx",
    "app/blog/page.tsx",
    "app/docs/[[...rest]]/page.tsx",
    "app/[lang]/about/page.tsx",
    "app/[lang]/[tenant]/settings/page.tsx",
    "app/api/items/[id]/route.ts",
    "app/feed/layout.tsx",
    "app/feed/page.tsx",
    "app/feed/default.tsx",
    "app/feed/@modal/(.)photo/[id]/page.tsx",
    "app/feed/@modal/default.tsx",
    "app/feed/photo/[id]/page.tsx",
    // One that is open shows what is guarded, and one that is guarded shows what is open.
    "app/feed/@modal/(..)admin/users/page.tsx",
    "app/admin/layout.tsx",
    "app/admin/default.tsx",
    "app/admin/@modal/default.tsx",
    "app/admin/@modal/(..)gallery/[id]/page.tsx",
    "app/gallery/[id]/page.tsx",
];

/// Some of these are below `/admin` as well.
const FILES: [&str; 5] = ["/robots.txt", "/admin/report.pdf", "/a%20b.txt", "/_next/static/chunks/main.js", "/blog/x"];

/// What a proxy is given: the one place that says so.
fn seen_by_proxy(admitted: &Admitted) -> &CanonicalPath {
    &admitted.path
}

/// The guard: nobody gets below `/admin`.
fn is_guarded(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

struct App {
    name: String,
    pipeline: Pipeline,
    graph: RouteGraph,
    base: &'static str,
    asset_prefix: &'static str,
    /// What config rewrites may lead to `/admin` from.
    doors: &'static [&'static str],
    has_routes: bool,
}

/// Every combination of what decides how paths are read.
fn apps() -> Vec<App> {
    let routes = serde_json::json!({
        "headers": [{ "source": "/:path*", "headers": [{ "key": "x-path", "value": ":path*" }] }],
        "redirects": [
            { "source": "/old/:path*", "destination": "/blog/:path*", "permanent": false },
            { "source": "/away/:host", "destination": "https://:host.example/:host", "permanent": true },
        ],
        "rewrites": {
            "beforeFiles": [{ "source": "/door/:path*", "destination": "/admin/:path*" }],
            "afterFiles": [
                { "source": "/blog/door", "has": [{ "type": "query", "key": "to", "value": "(?<to>.+)" }], "destination": "/admin/:to" },
                { "source": "/news/:path*", "destination": "/blog/:path*" },
                { "source": "/out/:path*", "destination": "https://api.example/v1/:path*" },
            ],
            "fallback": [{ "source": "/:lang/last", "destination": "/docs/:lang" }],
        },
    });
    let mut apps = Vec::new();
    for base in ["", "/shop", "/admin"] {
        for slash in [TrailingSlash::Never, TrailingSlash::Always, TrailingSlash::AsSent] {
            for (asset_prefix, has_routes) in
                [("", false), ("", true), ("/cdn", true), ("https://cdn.example/admin", false)]
            {
                let graph = scan(APP, &["tsx", "ts"]).unwrap();
                let rules = PathRules::new(base, slash).unwrap().with_asset_prefix(asset_prefix).unwrap();
                let definitions = if has_routes {
                    serde_json::from_value(routes.clone()).unwrap()
                } else {
                    ConfigRouteDefinitions::default()
                };
                let guarded = serde_json::json!([{ "source": "/admin/:path*" }, { "source": "/led/:path*" }]);
                let matcher =
                    ProxyMatcher::new(&serde_json::from_value::<Vec<_>>(guarded).unwrap(), &rules.base_path).unwrap();
                let compiled = ConfigRoutes::new(&definitions, &rules.base_path).unwrap();
                apps.push(App {
                    name: format!(
                        "base path {base:?}, {slash:?}, asset prefix {asset_prefix:?}, config routes: {has_routes}"
                    ),
                    pipeline: Pipeline::new(&graph, rules).with_config_routes(compiled).with_proxy(matcher),
                    graph,
                    base,
                    asset_prefix: if asset_prefix.starts_with("http") { "/admin" } else { asset_prefix },
                    doors: if has_routes { &["/door", "/blog/door"] } else { &[] },
                    has_routes,
                });
            }
        }
    }
    apps
}

impl App {
    fn ask(&self, request: &Request) -> Result<(Admitted, Decision, Proxied), Refusal> {
        let header = |name: &str| request.header(name).map(str::as_bytes);
        let head = RequestHead { method: &request.method, target: &request.target, header: &header };
        let first = self.pipeline.admit(&head)?;
        let (mut admitted, mut proxied) = (first.clone(), Proxied::NotAsked);
        for _ in 0..=Pipeline::REWRITES {
            let pending = match self.pipeline.gate(admitted, &head) {
                Gate::Open(passed) => {
                    let decision = self.pipeline.route(&passed, &head, &|path| FILES.contains(&path.as_str()));
                    return Ok((first, decision, proxied));
                }
                Gate::Ask(pending) => pending,
            };
            // Of those who come from where it guards, it lets some pass: they say who they are.
            let pending = match pending.origin().map(|origin| is_guarded(origin.as_str())) {
                Some(true) if request.is_known() => pending,
                Some(true) => pending.without_origin(),
                Some(false) => panic!("the proxy was asked about an origin that it does not guard"),
                None => pending,
            };
            let is_about_path = pending.is_about_path();
            let seen = seen_by_proxy(pending.admitted()).as_str().to_owned();
            // It leads all of `/led` elsewhere in the app, and says no word about the rest.
            let rest = seen.strip_prefix("/led").filter(|rest| rest.is_empty() || rest.starts_with('/'));
            let rest = rest.filter(|_| is_about_path);
            let verdict = rest.map_or(Verdict::Next, |rest| {
                Verdict::Rewrite(format!(
                    "http://shop.example{}{}{rest}",
                    self.base,
                    ["/blog", "/led/x"][rest.len() % 2]
                ))
            });
            match self.pipeline.answered(pending, verdict, &head) {
                Answered::Passed(passed) => {
                    if is_about_path && proxied == Proxied::NotAsked {
                        proxied = Proxied::Next;
                    }
                    let decision = self.pipeline.route(&passed, &head, &|path| FILES.contains(&path.as_str()));
                    return Ok((first, decision, proxied));
                }
                Answered::Rewritten(rewritten) => {
                    proxied = Proxied::Led;
                    match self.pipeline.readmit(rewritten, &head) {
                        Ok(led) => admitted = led,
                        Err(Refusal::Redirect(redirect)) => return Ok((first, Decision::Redirect(redirect), proxied)),
                        Err(refusal) => return Err(refusal),
                    }
                }
                Answered::External(url) => return Ok((first, Decision::External(url), Proxied::Led)),
            }
        }
        Ok((first, Decision::Circle, proxied))
    }

    /// Says what is wrong with what comes of a request.
    fn check(&self, request: &Request, tally: &mut Tally) -> Result<(), String> {
        let reading = model::read(&request.target);
        match self.ask(request) {
            Err(Refusal::BadRequest(_)) => tally.count("refused"),
            Err(Refusal::Redirect(redirect)) => {
                tally.count("redirected");
                self.check_redirect(request, &redirect.location, redirect.status)?;
            }
            Ok((admitted, decision, proxied)) => {
                let Some(reading) = reading else { return Err("what cannot be read was admitted".to_owned()) };
                self.check_path(&admitted, &reading)?;
                self.check_decision(&admitted, &decision, proxied, tally)?;
                Self::check_interception(request, &decision, tally)?;
                self.check_canonical(request, &admitted, &decision)?;
            }
        }
        self.check_internal(request)
    }

    /// The path is the one that the simple reading finds.
    fn check_path(&self, admitted: &Admitted, reading: &Reading) -> Result<(), String> {
        let (inside, outside) = reading.below(self.base, self.asset_prefix);
        let seen = model::decoded(seen_by_proxy(admitted).as_str());
        if seen != inside || admitted.outside != outside {
            return Err(format!("the proxy would see {seen:?} where {inside:?} was asked for (outside: {outside})"));
        }
        Ok(())
    }

    /// What answers belongs to the path that the proxy saw, or the configuration leads there from that path.
    fn check_decision(
        &self,
        admitted: &Admitted,
        decision: &Decision,
        proxied: Proxied,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let seen = seen_by_proxy(admitted).as_str();
        // As in Next, letters of a `source` are small or capital.
        let lower = seen.to_ascii_lowercase();
        let is_door = || self.doors.iter().any(|door| lower == *door || lower.starts_with(&format!("{door}/")));
        let is_configured = self.has_routes && !admitted.outside;
        let was_asked = proxied != Proxied::NotAsked;
        tally.count(if was_asked { "asked" } else { "not asked" });
        // Letters of a matcher are what they are, and so are those of routes.
        if was_asked != (!admitted.outside && (is_guarded(seen) || seen == "/led" || seen.starts_with("/led/"))) {
            return Err(format!("the proxy was asked about {seen:?}: {was_asked}"));
        }
        let is_led = proxied == Proxied::Led;
        let guard = |routed: &str| {
            let passes = !is_guarded(routed)
                || (was_asked && is_guarded(seen) && !admitted.outside)
                || (is_configured && (is_door() || is_led));
            if passes { Ok(()) } else { Err(format!("{routed:?} answers, the proxy saw {seen:?}")) }
        };
        match decision {
            Decision::Match(found) => {
                tally.count(match () {
                    () if found.rewritten_from().is_some() => "rewritten",
                    () if found.is_intercepted() => "intercepted",
                    () => "matched",
                });
                guard(&found.route().pattern().to_string())?;
                guard(found.path().as_str())?;
                let plain = match found.rewritten_from() {
                    None => found.path().as_str() == seen,
                    Some(asked) => asked.as_str() == seen && (self.has_routes || is_led),
                };
                if !plain || (admitted.outside && found.rewritten_from().is_none()) {
                    return Err(format!("{:?} was routed, the proxy saw {seen:?}", found.path().as_str()));
                }
                let expected = model::find(&self.graph, found.path().as_str());
                if !found.is_intercepted() && expected.as_deref() != Some(found.route_id().as_str()) {
                    return Err(format!("{} answers, {expected:?} should", found.route_id()));
                }
            }
            Decision::NotFound(found) => {
                tally.count("not found");
                if found.path().as_str() != seen || found.route_id().as_str() != "/_not-found/page" {
                    return Err(format!("the not-found page is about {:?}", found.path().as_str()));
                }
                if !admitted.outside
                    && !self.has_routes
                    && !is_led
                    && let Some(missed) = model::find(&self.graph, seen)
                {
                    return Err(format!("{missed} was not found"));
                }
            }
            Decision::File(path) => {
                tally.count("file");
                guard(path.as_str())?;
                if path.as_str() != seen && !self.has_routes && !is_led {
                    return Err(format!("the file {path} was sent for {seen:?}"));
                }
            }
            Decision::External(url) => {
                tally.count("passed on");
                if !url.url.starts_with("https://api.example/v1") || !is_configured || !is_plain(&url.url) {
                    return Err(format!("passed on to {url:?}"));
                }
            }
            Decision::NoAsset => tally.count("no asset"),
            Decision::Circle if is_led => tally.count("led in circles"),
            Decision::Redirect(redirect) if is_led => {
                tally.count("led and redirected");
                if !redirect.location.starts_with('/') || !is_plain(&redirect.location) {
                    return Err(format!("led to {:?}", redirect.location));
                }
            }
            Decision::Redirect(redirect) => {
                tally.count("payload redirected");
                if redirect.status != 307 || !redirect.location.starts_with('/') || !is_plain(&redirect.location) {
                    return Err(format!("a payload is sent to {:?}", redirect.location));
                }
            }
            other => return Err(format!("{other:?} of an admitted request")),
        }
        Ok(())
    }

    /// A page that stands in for another one does so on the page that the client says it shows, which the guard has let pass
    /// where it is guarded.
    fn check_interception(request: &Request, decision: &Decision, tally: &mut Tally) -> Result<(), String> {
        let Decision::Match(found) = decision else { return Ok(()) };
        let from = request.header("next-url").filter(|_| request.header("rsc") == Some("1"));
        let origin = from.and_then(model::read).map(|reading| reading.below("", "").0);
        let comes_from = |name: &str| {
            origin.as_ref().is_some_and(|segments| segments.first().is_some_and(|first| first == name.as_bytes()))
        };
        let stands_on = ["feed", "admin"]
            .into_iter()
            .find(|name| found.route_id().as_str().starts_with(&format!("/{name}/@modal/")));
        match stands_on {
            Some(name) if !found.is_intercepted() || !comes_from(name) => {
                return Err(format!("{} answers {from:?}", found.route_id()));
            }
            Some("admin") if !request.is_known() => {
                return Err(format!("{} answers a stranger who says {from:?}", found.route_id()));
            }
            Some("admin") => tally.count("intercepted where it is guarded"),
            None if comes_from("admin") && found.path().as_str().starts_with("/gallery/") && !request.is_known() => {
                tally.count("kept from an interception");
            }
            _ => {}
        }
        Ok(())
    }

    /// A path that is canonical stays what it is: whoever is handed it and reads it again finds the same.
    fn check_canonical(&self, request: &Request, admitted: &Admitted, decision: &Decision) -> Result<(), String> {
        let base = if admitted.outside { "" } else { self.base };
        let slash = if admitted.trailing_slash { "/" } else { "" };
        let path = seen_by_proxy(admitted).as_str();
        let query = request.target.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
        let target = match path {
            "/" if base.is_empty() => format!("/{query}"),
            "/" => format!("{base}{slash}{query}"),
            path => format!("{base}{path}{slash}{query}"),
        };
        // A file of the framework has two addresses where there is an asset prefix, and a slash of its own means nothing.
        if path.starts_with("/_next") {
            return Ok(());
        }
        let again = Request { target, ..request.clone() };
        match self.ask(&again) {
            Ok((second, answer, _)) if second.path == admitted.path && outcome(&answer) == outcome(decision) => Ok(()),
            other => Err(format!("{:?} is read as {other:?}, not as {}", again.target, outcome(decision))),
        }
    }

    /// A redirect stays on this host unless the configuration says where to, and does not go round in circles.
    fn check_redirect(&self, request: &Request, location: &str, status: u16) -> Result<(), String> {
        let is_away = self.has_routes && location.starts_with("https://") && location.contains(".example/");
        if !is_plain(location) || location.starts_with("//") || (!location.starts_with('/') && !is_away) {
            return Err(format!("redirected to {location:?} ({status})"));
        }
        if is_away {
            return Ok(());
        }
        let mut next = Request { target: location.to_owned(), ..request.clone() };
        for _ in 0..4 {
            match self.ask(&next) {
                Err(Refusal::Redirect(redirect)) if redirect.location.starts_with('/') => {
                    next.target = redirect.location;
                }
                _ => return Ok(()),
            }
        }
        Err(format!("redirected from {location:?} to {:?}, and so on", next.target))
    }

    /// Names that only frameworks use change nothing: not as headers, which the pipeline never asks for, not in the query.
    fn check_internal(&self, request: &Request) -> Result<(), String> {
        let asked = std::cell::RefCell::new(Vec::new());
        let header = |name: &str| {
            asked.borrow_mut().push(name.to_owned());
            request.header(name).map(str::as_bytes)
        };
        let head = RequestHead { method: &request.method, target: &request.target, header: &header };
        if let Ok(admitted) = self.pipeline.admit(&head) {
            if let Gate::Open(passed) = self.pipeline.gate(admitted.clone(), &head) {
                let _ = self.pipeline.route(&passed, &head, &|_| false);
            }
            if let Some(key) = admitted.query.as_str().split('&').find(|pair| model::is_internal_key(pair)) {
                return Err(format!("the app would see {key:?} in its query"));
            }
        }
        match asked.borrow().iter().find(|name| is_reserved_header(name)) {
            Some(name) => Err(format!("the pipeline asks for {name:?}")),
            None => Ok(()),
        }
    }
}

/// What a client can be sent in a header: no line ends in it.
fn is_plain(location: &str) -> bool {
    location.bytes().all(|byte| byte.is_ascii_graphic())
}

fn outcome(decision: &Decision) -> String {
    match decision {
        Decision::Match(found) => format!("{} {} {:?}", found.route_id(), found.path(), found.variant()),
        Decision::NotFound(found) => format!("not found {}", found.path()),
        other => format!("{other:?}"),
    }
}

/// What the proxy had to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proxied {
    NotAsked,
    Next,
    Led,
}

/// How often what came out.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.replace('_', "").parse().ok()
}

#[test]
fn what_the_proxy_sees_is_what_is_routed() {
    let cases = number("VINEXT_FUZZ_CASES").unwrap_or(20_000);
    let first = number("VINEXT_FUZZ_SEED").unwrap_or(1);
    let apps = apps();
    let mut tally = Tally::default();
    for seed in first..first + cases {
        let mut random = Random::new(seed);
        let app = &apps[random.below(apps.len())];
        let request = requests::request(&mut random, app.base);
        if let Err(problem) = app.check(&request, &mut tally) {
            panic!("{problem}\n  seed {seed}\n  {request:?}\n  {}", app.name);
        }
    }
    let shown: Vec<_> = tally.0.iter().map(|(what, count)| format!("{what} {count}")).collect();
    println!("{cases} requests: {}", shown.join(", "));
    if cases >= 20_000 {
        for what in [
            "matched",
            "rewritten",
            "intercepted",
            "intercepted where it is guarded",
            "kept from an interception",
            "not found",
            "file",
            "passed on",
            "redirected",
            "refused",
            "no asset",
            "payload redirected",
            "asked",
            "not asked",
        ] {
            assert!(
                tally.0.contains_key(what),
                "no request was {what}: the generator misses a way through the pipeline"
            );
        }
    }
}
