//! `headers`, `redirects` and `rewrites`: their shapes, and whether the router can use them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vinext_router::{CanonicalPath, ConfigRouteDefinitions, ConfigRoutes, RewriteDefinitions};

use super::{Config, Reader};
use crate::error::CliError;

/// What the functions returned. They have been called with the rest of the config.
pub(super) fn read(reader: &Reader<'_>) -> Result<ConfigRouteDefinitions, CliError> {
    Ok(ConfigRouteDefinitions {
        headers: list(reader, "headers")?,
        redirects: list(reader, "redirects")?,
        rewrites: match reader.get("rewrites") {
            None => RewriteDefinitions::default(),
            Some(Value::Array(routes)) => shape(reader, "rewrites", &json!({ "afterFiles": routes }))?,
            Some(phases) => shape(reader, "rewrites", phases)?,
        },
    })
}

/// The other machines that rewrites lead to, as the destinations name them.
pub(crate) fn foreign_hosts(rewrites: &RewriteDefinitions) -> BTreeSet<&str> {
    let phases = [&rewrites.before_files, &rewrites.after_files, &rewrites.fallback];
    let hosts = phases.into_iter().flatten().filter_map(|rewrite| {
        let (_, rest) = rewrite.destination.split_once("://")?;
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
    });
    hosts.filter(|host| !is_own(host)).collect()
}

/// Whether a name, with or without a port, is this machine's.
fn is_own(host: &str) -> bool {
    let plain = host
        .strip_prefix('[')
        .and_then(|host| host.split_once(']'))
        .map_or_else(|| host.split_once(':').map_or(host, |(name, _)| name), |(address, _)| address);
    let is_loopback = plain.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || plain == "localhost" || plain.ends_with(".localhost")
}

/// Compiles them once, so that a mistake is found when the app is built.
pub(super) fn check(reader: &Reader<'_>, config: &Config) -> Result<(), CliError> {
    let base = if config.base_path.is_empty() { Ok(CanonicalPath::root()) } else { config.base_path.parse() };
    let base = base
        .map_err(|error: vinext_router::PathError| reader.wrong("basePath", error.to_string(), "write a plain path"))?;
    ConfigRoutes::new(&config.routes, &base).map(drop).map_err(|error| {
        let problem = format!("has a route with the source `{}` which {}", error.source_pattern, error.problem);
        reader.wrong(error.list, problem, "patterns are those of path-to-regexp 6, as Next documents them")
    })
}

fn list<T: DeserializeOwned>(reader: &Reader<'_>, key: &str) -> Result<Vec<T>, CliError> {
    match reader.get(key) {
        None => Ok(Vec::new()),
        Some(value) => value
            .as_array()
            .ok_or_else(|| reader.wrong(key, "is no function that returns an array", "return an array of routes"))?
            .iter()
            .map(|item| shape(reader, key, item))
            .collect(),
    }
}

fn shape<T: DeserializeOwned>(reader: &Reader<'_>, key: &str, value: &Value) -> Result<T, CliError> {
    T::deserialize(value).map_err(|error| {
        let shown = value
            .get("source")
            .and_then(Value::as_str)
            .map_or_else(String::new, |source| format!(" (source `{source}`)"));
        reader.wrong(
            key,
            format!("has a route that cannot be read{shown}: {error}"),
            "see Next's documentation of this key for the shape of a route",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn other_machines_are_named_once_and_this_one_is_none() {
        let to = |destination: &str| json!({ "source": "/:path*", "destination": destination });
        let phases = json!({
            "beforeFiles": [to("/inside"), to("https://api.example/:path*"), to("http://localhost:4000/:path*")],
            "afterFiles": [to("https://api.example?a=1"), to("http://127.0.0.1:9/"), to("http://[::1]:9/")],
            "fallback": [to("https://me:word@:tenant.old.example:8443/:path*"), to("http://app.localhost")],
        });
        let rewrites: RewriteDefinitions = serde_json::from_value(phases).unwrap();
        let hosts: Vec<_> = foreign_hosts(&rewrites).into_iter().collect();
        assert_eq!(hosts, [":tenant.old.example:8443", "api.example"]);
    }
}
