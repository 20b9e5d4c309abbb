//! `headers`, `redirects` and `rewrites`: their shapes, and whether the router can use them.

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
