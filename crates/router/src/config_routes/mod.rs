//! Config routes: the `headers`, `redirects` and `rewrites` of `next.config`.
//!
//! All of them are compiled before a server takes its first request, to regexes that run in linear time; what cannot be
//! is refused with the pattern that was written. Values taken from a request are escaped where they end up: no redirect
//! leads to another host because of one, and no header is split.

mod condition;
mod definition;
mod destination;
mod linear;
mod params;
mod pattern;
mod proxy_matcher;
mod source;

pub(crate) use self::condition::Facts;
pub use self::condition::{ConditionDefinition, ConditionKind};
pub use self::definition::{
    ConfigRouteDefinitions, HeaderDefinition, HeaderPair, RedirectDefinition, RewriteDefinition, RewriteDefinitions,
    SourceDefinition,
};

pub use self::proxy_matcher::ProxyMatcher;

use self::condition::Condition;
use self::destination::{Destination, Filled, Template};
use self::params::Captures;
use self::pattern::Malformed;
use self::source::Source;
use crate::canonical::CanonicalPath;

/// A config route that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {list} route with `source` {source_pattern:?} {problem}")]
pub struct ConfigRouteError {
    /// `headers`, `redirects` or `rewrites`; `matcher` of a proxy.
    pub list: &'static str,
    /// The pattern as it was written.
    pub source_pattern: String,
    /// What is wrong with it.
    pub problem: String,
}

/// The compiled config routes of an app.
///
/// Its patterns match in linear time, because it is only made of what was compiled to such. No pattern becomes part of it
/// as it was written:
///
/// ```compile_fail,E0308
/// use vinext_router::{ConfigRouteDefinitions, Pipeline};
///
/// fn uncompiled(pipeline: Pipeline, definitions: ConfigRouteDefinitions) -> Pipeline {
///     pipeline.with_config_routes(definitions)
/// }
/// ```
///
/// And none is taken for compiled that was refused:
///
/// ```compile_fail,E0308
/// use vinext_router::{CanonicalPath, ConfigRouteDefinitions, ConfigRoutes};
///
/// fn trusting(definitions: &ConfigRouteDefinitions, base_path: &CanonicalPath) -> ConfigRoutes {
///     ConfigRoutes::new(definitions, base_path)
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct ConfigRoutes {
    base_path: String,
    headers: Vec<HeaderRoute>,
    redirects: Vec<RedirectRoute>,
    before_files: Vec<RewriteRoute>,
    after_files: Vec<RewriteRoute>,
    fallback: Vec<RewriteRoute>,
}

#[derive(Debug, Clone)]
struct Asked {
    source: Source,
    has: Vec<Condition>,
    missing: Vec<Condition>,
}

#[derive(Debug, Clone)]
struct HeaderRoute {
    asked: Asked,
    headers: Vec<(Template, Template)>,
}

#[derive(Debug, Clone)]
struct RedirectRoute {
    asked: Asked,
    destination: Destination,
    status: u16,
}

#[derive(Debug, Clone)]
struct RewriteRoute {
    asked: Asked,
    destination: Destination,
}

/// When a rewrite is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    BeforeFiles,
    AfterFiles,
    Fallback,
}

/// Where a rewrite leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rewritten {
    /// Below the base path, with this query.
    Inside { path: String, query: String },
    /// Another server's.
    External(ExternalUrl),
}

/// A URL of another server, and who has named that server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalUrl {
    /// The URL.
    pub url: String,
    /// The app alone has said which host this is. Otherwise the request has had a say in it, and it must not be taken for
    /// one of the app's own network.
    pub is_trusted: bool,
}

impl ExternalUrl {
    /// A URL whose host the app has written.
    #[must_use]
    pub fn trusted(url: impl Into<String>) -> Self {
        Self { url: url.into(), is_trusted: true }
    }
}

impl ConfigRoutes {
    /// Compiles what `next.config` says.
    pub fn new(definitions: &ConfigRouteDefinitions, base_path: &CanonicalPath) -> Result<Self, ConfigRouteError> {
        let base = if base_path.as_str() == "/" { "" } else { base_path.as_str() };
        let rewrites = |phase: &[RewriteDefinition]| {
            phase.iter().map(|rewrite| RewriteRoute::new(rewrite, base)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            base_path: base.to_owned(),
            headers: definitions.headers.iter().map(|one| HeaderRoute::new(one, base)).collect::<Result<_, _>>()?,
            redirects: definitions
                .redirects
                .iter()
                .map(|one| RedirectRoute::new(one, base))
                .collect::<Result<_, _>>()?,
            before_files: rewrites(&definitions.rewrites.before_files)?,
            after_files: rewrites(&definitions.rewrites.after_files)?,
            fallback: rewrites(&definitions.rewrites.fallback)?,
        })
    }

    /// The headers that the answer to a request gets; the last of a name counts.
    ///
    /// `path` is the whole path, with its base path and the slash at its end.
    pub(crate) fn headers(&self, path: &str, facts: &Facts<'_, '_>) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for route in &self.headers {
            let Some(captures) = route.asked.captures(path, facts) else { continue };
            for (name, value) in &route.headers {
                let name = name.fill_plain(&captures).to_ascii_lowercase();
                let value = value.fill_plain(&captures);
                headers.retain(|(known, _)| *known != name || name == "set-cookie");
                headers.push((name, value));
            }
        }
        headers
    }

    /// The status and the location of the redirect that a request gets.
    pub(crate) fn redirect(&self, path: &str, facts: &Facts<'_, '_>) -> Option<(u16, String)> {
        // The framework's own files are nobody's to move.
        let own = path.strip_prefix(self.base_path.as_str()).is_some_and(|inside| inside.starts_with("/_next/"));
        if own {
            return None;
        }
        let (route, captures) =
            self.redirects.iter().find_map(|route| Some((route, route.asked.captures(path, facts)?)))?;
        let Filled { origin, path, query, hash } = route.destination.redirect(&captures, facts.query);
        let question = if query.is_empty() { "" } else { "?" };
        Some((route.status, format!("{}{path}{question}{query}{hash}", origin.unwrap_or_default())))
    }

    pub(crate) fn has_rewrites(&self, phase: Phase) -> bool {
        !self.phase(phase).is_empty()
    }

    /// The first rewrite from the `from`th of a phase on that a request gets, and which one it is.
    pub(crate) fn rewrite(
        &self,
        phase: Phase,
        from: usize,
        path: &str,
        facts: &Facts<'_, '_>,
    ) -> Option<(usize, Rewritten)> {
        let mut routes = self.phase(phase).iter().enumerate().skip(from);
        let (index, route, captures) =
            routes.find_map(|(index, route)| Some((index, route, route.asked.captures(path, facts)?)))?;
        let Filled { origin, path, query, .. } = route.destination.rewrite(&captures, facts.query);
        Some((
            index,
            match origin {
                None => Rewritten::Inside { path, query },
                Some(origin) => {
                    let question = if query.is_empty() { "" } else { "?" };
                    let url = format!("{origin}{path}{question}{query}");
                    Rewritten::External(ExternalUrl { url, is_trusted: route.destination.has_plain_host() })
                }
            },
        ))
    }

    fn phase(&self, phase: Phase) -> &[RewriteRoute] {
        match phase {
            Phase::BeforeFiles => &self.before_files,
            Phase::AfterFiles => &self.after_files,
            Phase::Fallback => &self.fallback,
        }
    }
}

impl Asked {
    fn new(definition: &SourceDefinition, base: &str) -> Result<Self, Malformed> {
        Self::with(definition, base, Source::new)
    }

    /// The same where it matters which letters are capitals.
    fn exact(definition: &SourceDefinition, base: &str) -> Result<Self, Malformed> {
        Self::with(definition, base, Source::exact)
    }

    fn with(
        definition: &SourceDefinition,
        base: &str,
        compiled: fn(&str) -> Result<Source, Malformed>,
    ) -> Result<Self, Malformed> {
        let below = if definition.base_path { base } else { "" };
        let source = match definition.source.as_str() {
            "/" if !below.is_empty() => compiled(below)?,
            source if !source.starts_with('/') => {
                return Err(Malformed("has a `source` that does not start with `/`".to_owned()));
            }
            source => compiled(&format!("{below}{source}"))?,
        };
        let compile =
            |conditions: &[ConditionDefinition]| conditions.iter().map(Condition::new).collect::<Result<_, _>>();
        Ok(Self { source, has: compile(&definition.has)?, missing: compile(&definition.missing)? })
    }

    fn captures(&self, path: &str, facts: &Facts<'_, '_>) -> Option<Captures> {
        let mut captures = self.source.captures(path)?;
        let mut none = Captures::default();
        let holds = self.has.iter().all(|condition| condition.holds(facts, &mut captures));
        (holds && !self.missing.iter().any(|condition| condition.holds(facts, &mut none))).then_some(captures)
    }

    /// What a destination may use.
    fn names(&self) -> Vec<String> {
        let has = self.has.iter().flat_map(Condition::names);
        self.source.names().map(str::to_owned).chain(has).collect()
    }
}

impl HeaderRoute {
    fn new(definition: &HeaderDefinition, base: &str) -> Result<Self, ConfigRouteError> {
        let build = || {
            let asked = Asked::new(&definition.source, base)?;
            let names = asked.names();
            if definition.headers.is_empty() {
                return Err(Malformed("has no `headers`".to_owned()));
            }
            let pair = |pair: &HeaderPair| (Template::new(&pair.key, &names), Template::new(&pair.value, &names));
            Ok(Self { headers: definition.headers.iter().map(pair).collect(), asked })
        };
        build().map_err(|problem| refused("headers", &definition.source, problem))
    }
}

impl RedirectRoute {
    fn new(definition: &RedirectDefinition, base: &str) -> Result<Self, ConfigRouteError> {
        let build = || {
            let asked = Asked::new(&definition.source, base)?;
            let status = match (definition.status_code, definition.permanent) {
                (Some(_), Some(_)) => return Err(Malformed("has both `permanent` and `statusCode`".to_owned())),
                (Some(status @ (301 | 302 | 303 | 307 | 308)), None) => status,
                (Some(other), None) => {
                    return Err(Malformed(format!("has the `statusCode` {other}; write 301, 302, 303, 307 or 308")));
                }
                (None, Some(true)) => 308,
                (None, Some(false)) => 307,
                (None, None) => return Err(Malformed("has neither `permanent` nor `statusCode`".to_owned())),
            };
            let destination =
                Destination::new(&below(&definition.destination, &definition.source, base), &asked.names())?;
            Ok(Self { asked, destination, status })
        };
        build().map_err(|problem| refused("redirects", &definition.source, problem))
    }
}

impl RewriteRoute {
    fn new(definition: &RewriteDefinition, base: &str) -> Result<Self, ConfigRouteError> {
        let build = || {
            let asked = Asked::new(&definition.source, base)?;
            let destination =
                Destination::new(&below(&definition.destination, &definition.source, base), &asked.names())?;
            if !definition.source.base_path && !destination.is_external() {
                let problem =
                    "leads outside of the base path; its `destination` has to start with `http://` or `https://`";
                return Err(Malformed(problem.to_owned()));
            }
            Ok(Self { asked, destination })
        };
        build().map_err(|problem| refused("rewrites", &definition.source, problem))
    }
}

/// A destination on this host, below the base path unless the route is about all of the host.
fn below(destination: &str, source: &SourceDefinition, base: &str) -> String {
    match destination {
        "/" if source.base_path && !base.is_empty() => base.to_owned(),
        path if source.base_path && path.starts_with('/') => format!("{base}{path}"),
        other => other.to_owned(),
    }
}

fn refused(list: &'static str, source: &SourceDefinition, problem: Malformed) -> ConfigRouteError {
    ConfigRouteError { list, source_pattern: source.source.clone(), problem: problem.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn routes(json: &str, base: &str) -> Result<ConfigRoutes, ConfigRouteError> {
        ConfigRoutes::new(&serde_json::from_str(json).unwrap(), &base.parse().unwrap())
    }

    fn facts(query: &str) -> Facts<'_, '_> {
        Facts { header: &|_| None, query }
    }

    #[test]
    fn the_first_redirect_that_takes_the_path_answers() {
        let routes = routes(
            r#"{ "redirects": [
                { "source": "/a/:x(\\d+)", "destination": "/n/:x", "permanent": true },
                { "source": "/a/:x", "destination": "/w/:x", "statusCode": 302 },
                { "source": "/_next/:x*", "destination": "/no", "permanent": false } ] }"#,
            "/",
        )
        .unwrap();
        assert_eq!(routes.redirect("/a/1", &facts("q")), Some((308, "/n/1?q".to_owned())));
        assert_eq!(routes.redirect("/a/b/", &facts("")), Some((302, "/w/b".to_owned())));
        assert_eq!(routes.redirect("/_next/static", &facts("")), None);
    }

    #[test]
    fn routes_are_below_the_base_path_unless_they_say_not() {
        let routes = routes(
            r#"{ "redirects": [
                { "source": "/", "destination": "/home", "permanent": false },
                { "source": "/x", "destination": "/", "permanent": false },
                { "source": "/y", "destination": "/z", "permanent": false, "basePath": false } ] }"#,
            "/shop",
        )
        .unwrap();
        assert_eq!(routes.redirect("/shop", &facts("")), Some((307, "/shop/home".to_owned())));
        assert_eq!(routes.redirect("/shop/x", &facts("")), Some((307, "/shop".to_owned())));
        assert_eq!(routes.redirect("/y", &facts("")), Some((307, "/z".to_owned())));
        assert_eq!(routes.redirect("/x", &facts("")), None);
    }

    #[test]
    fn later_headers_win_and_cookies_add_up() {
        let routes = routes(
            r#"{ "headers": [
                { "source": "/:p*", "headers": [{ "key": "X-A", "value": "1" }, { "key": "set-cookie", "value": "a" }] },
                { "source": "/b", "headers": [{ "key": "x-a", "value": "2" }, { "key": "set-cookie", "value": "b" }] },
                { "source": "/c/:id", "headers": [{ "key": "x-:id", "value": "of :id: x" }] } ] }"#,
            "/",
        )
        .unwrap();
        let of = |path: &str| routes.headers(path, &facts(""));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(of("/b"), [pair("set-cookie", "a"), pair("x-a", "2"), pair("set-cookie", "b")]);
        assert_eq!(of("/c/7").last(), Some(&pair("x-7", "of 7: x")));
    }

    #[test]
    fn mistakes_name_the_pattern() {
        for (json, word) in [
            (r#"{ "redirects": [{ "source": "/(a(?!b)c)", "destination": "/", "permanent": true }] }"#, "linear time"),
            (r#"{ "redirects": [{ "source": "x", "destination": "/", "permanent": true }] }"#, "start with `/`"),
            (r#"{ "redirects": [{ "source": "/x", "destination": "/" }] }"#, "neither"),
            (r#"{ "redirects": [{ "source": "/x", "destination": "/", "statusCode": 200 }] }"#, "200"),
            (r#"{ "redirects": [{ "source": "/x", "destination": "/:y", "permanent": true }] }"#, ":y"),
            (r#"{ "headers": [{ "source": "/x", "headers": [] }] }"#, "no `headers`"),
            (
                r#"{ "rewrites": { "fallback": [{ "source": "/x", "destination": "/y", "basePath": false }] } }"#,
                "outside",
            ),
            (r#"{ "headers": [{ "source": "/x", "has": [{ "type": "header" }], "headers": [] }] }"#, "key"),
        ] {
            let error = routes(json, "/").unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
