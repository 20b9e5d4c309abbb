//! `cacheComponents`, `cacheLife`, `cacheHandler`, `cacheHandlers` and what else says how results are kept, and where.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::Value;

use super::Reader;
use crate::error::CliError;

/// Next's default of `expireTime`: a year.
const EXPIRE_TIME: f64 = 31_536_000.0;

/// Next's default of `staticPageGenerationTimeout`.
const PAGE_TIMEOUT: Duration = Duration::from_millis(vinext_adapters::manifest::PAGE_TIMEOUT);

/// How much of a page's time a cached function may take at most, so that its error comes before the page's.
const PART_OF_PAGE: f64 = 0.9;

/// A lifetime in seconds. What is left out is as in the profile `default`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revalidate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire: Option<f64>,
}

/// How results are kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caching {
    /// Whether pages are rendered as far as they are the same for everybody, and the rest per request.
    pub(crate) components: bool,
    /// Whether functions may be cached, without that: `experimental.useCache`.
    pub(crate) functions: bool,
    /// Lifetimes by name.
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// Seconds for which a page is served that says nothing about it.
    pub(crate) expire_time: f64,
    /// The modules of caches of functions, by the names of the caches.
    pub(crate) handlers: BTreeMap<String, Utf8PathBuf>,
    /// The module of the app's own store: relative to the project, if it is inside.
    pub(crate) handler: Option<Utf8PathBuf>,
    /// Bytes of memory for what is stored.
    pub(crate) memory: u64,
    /// How long a page may take that nobody waits for: `staticPageGenerationTimeout`.
    pub(crate) page_timeout: Duration,
    /// How long a cached function may take that is part of such a page.
    pub(crate) function_timeout: Duration,
}

impl Default for Caching {
    fn default() -> Self {
        Self {
            components: false,
            functions: false,
            profiles: BTreeMap::new(),
            expire_time: EXPIRE_TIME,
            handlers: BTreeMap::new(),
            handler: None,
            memory: vinext_adapters::manifest::CACHE_MEMORY,
            page_timeout: PAGE_TIMEOUT,
            function_timeout: PAGE_TIMEOUT.mul_f64(PART_OF_PAGE),
        }
    }
}

impl Caching {
    /// The caches that `"use cache: name"` may name besides Next's own; `None` if there are no cached functions.
    pub(crate) fn named(&self) -> Option<Vec<String>> {
        (self.components || self.functions).then(|| self.handlers.keys().cloned().collect())
    }
}

/// Reads the keys of caching.
pub(super) fn read(reader: &Reader<'_>) -> Result<Caching, CliError> {
    let default = Caching::default();
    let page_timeout = timeout(reader, "staticPageGenerationTimeout", reader.get("staticPageGenerationTimeout"))?;
    let page_timeout = page_timeout.unwrap_or(default.page_timeout);
    let flags = reader.get("experimental");
    let own = timeout(reader, "experimental.useCacheTimeout", flags.and_then(|flags| flags.get("useCacheTimeout")))?;
    let part = page_timeout.mul_f64(PART_OF_PAGE);
    Ok(Caching {
        components: reader.boolean("cacheComponents", false)?,
        functions: reader.experimental("useCache"),
        profiles: profiles(reader)?,
        expire_time: match reader.get("expireTime") {
            None => default.expire_time,
            Some(value) => seconds(reader, "expireTime", value)?,
        },
        handlers: handlers(reader)?,
        handler: handler(reader)?,
        memory: memory(reader, default.memory)?,
        page_timeout,
        function_timeout: own.map_or(part, |own| own.min(part)),
    })
}

fn profiles(reader: &Reader<'_>) -> Result<BTreeMap<String, Profile>, CliError> {
    let Some(value) = reader.get("cacheLife") else { return Ok(BTreeMap::new()) };
    let Some(profiles) = value.as_object() else {
        let help = "write profiles by their names: { blog: { stale: 60, revalidate: 300, expire: 3600 } }";
        return Err(reader.wrong("cacheLife", format!("is `{value}`"), help));
    };
    profiles
        .iter()
        .map(|(name, value)| Ok((name.clone(), profile(reader, &format!("cacheLife.{name}"), value)?)))
        .collect()
}

fn profile(reader: &Reader<'_>, key: &str, value: &Value) -> Result<Profile, CliError> {
    let Some(fields) = value.as_object() else {
        return Err(reader.wrong(key, format!("is `{value}`"), "write { stale, revalidate, expire } in seconds"));
    };
    let field = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => seconds(reader, &format!("{key}.{name}"), value).map(Some),
    };
    let profile = Profile { stale: field("stale")?, revalidate: field("revalidate")?, expire: field("expire")? };
    match (profile.revalidate, profile.expire) {
        (Some(revalidate), Some(expire)) if revalidate > expire => {
            let help =
                "what is not shown any more cannot be shown while it is made anew: make `expire` the greater one";
            Err(reader.wrong(key, format!("has `revalidate: {revalidate}` and `expire: {expire}`"), help))
        }
        _ => Ok(profile),
    }
}

fn seconds(reader: &Reader<'_>, key: &str, value: &Value) -> Result<f64, CliError> {
    let wrong = || reader.wrong(key, format!("is `{value}`"), "write a number of seconds, zero or more");
    value.as_f64().filter(|seconds| *seconds >= 0.0).ok_or_else(wrong)
}

fn timeout(reader: &Reader<'_>, key: &str, value: Option<&Value>) -> Result<Option<Duration>, CliError> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let wrong = || reader.wrong(key, format!("is `{value}`"), "write a number of seconds, more than zero");
    let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).map(Some).ok_or_else(wrong)
}

/// The module of `cacheHandler`: relative to the project, if it is inside.
fn handler(reader: &Reader<'_>) -> Result<Option<Utf8PathBuf>, CliError> {
    let key = "cacheHandler";
    reader.get(key).map(|value| module(reader, key, value)).transpose()
}

/// The modules of `cacheHandlers` by the names of their caches.
fn handlers(reader: &Reader<'_>) -> Result<BTreeMap<String, Utf8PathBuf>, CliError> {
    let key = "cacheHandlers";
    let Some(value) = reader.get(key) else { return Ok(BTreeMap::new()) };
    let Some(named) = value.as_object() else {
        let help = "write modules by the names of their caches: { remote: require.resolve(\"./remote.js\") }";
        return Err(reader.wrong(key, format!("is `{value}`"), help));
    };
    // A name without a module is one of Next's own.
    let given = named.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| Ok((name.clone(), module(reader, &format!("{key}.{name}"), value)?))).collect()
}

/// The module of a handler: relative to the project, if it is inside.
fn module(reader: &Reader<'_>, key: &str, value: &Value) -> Result<Utf8PathBuf, CliError> {
    let help = "write the path of a module: require.resolve(\"./cache-handler.js\")";
    let Value::String(text) = value else { return Err(reader.wrong(key, format!("is `{value}`"), help)) };
    // What `import.meta.resolve` gives.
    let text = text.strip_prefix("file://").unwrap_or(text);
    let root = reader.path.parent().unwrap_or_else(|| Utf8Path::new(""));
    let path = root.join(text);
    if path.is_file() {
        return Ok(path.strip_prefix(root).map(Utf8Path::to_owned).unwrap_or(path));
    }
    Err(reader.wrong(key, format!("names `{text}`, and there is no such file"), help))
}

/// Bytes of memory for what is stored.
fn memory(reader: &Reader<'_>, default: u64) -> Result<u64, CliError> {
    let key = "cacheMaxMemorySize";
    reader.get(key).map_or(Ok(default), |value| {
        let wrong = || reader.wrong(key, format!("is `{value}`"), "write a number of bytes; 0 keeps nothing in memory");
        value.as_u64().ok_or_else(wrong)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::read;
    use super::*;

    #[test]
    fn a_handler_is_a_file_beside_the_configuration_or_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let file = root.join("cache-handler.js");
        std::fs::write(&file, "").unwrap();
        let config = root.join("next.config.js");
        let found =
            |value: &str| read(&config, &json!({ "cacheHandler": value })).map(|read| read.config.caching.handler);
        for value in [file.to_string(), "./cache-handler.js".to_owned(), format!("file://{file}")] {
            assert_eq!(found(&value).unwrap().unwrap(), "cache-handler.js", "{value}");
        }
        assert!(matches!(found("./none.js"), Err(CliError::ConfigValue { key, .. }) if key == "cacheHandler"));
    }

    #[test]
    fn handlers_of_functions_have_the_names_of_their_caches() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        std::fs::write(root.join("remote.js"), "").unwrap();
        let config = root.join("next.config.js");
        let found =
            |value: Value| read(&config, &json!({ "cacheHandlers": value })).map(|read| read.config.caching.handlers);
        let handlers = found(json!({ "default": null, "remote": root.join("remote.js") })).unwrap();
        assert_eq!(handlers.into_iter().collect::<Vec<_>>(), [("remote".to_owned(), "remote.js".into())]);
        assert!(
            matches!(found(json!({ "remote": "./none.js" })), Err(CliError::ConfigValue { key, .. }) if key == "cacheHandlers.remote")
        );
        assert!(
            matches!(found(json!(["remote.js"])), Err(CliError::ConfigValue { key, .. }) if key == "cacheHandlers")
        );
    }

    #[test]
    fn a_page_has_a_minute_and_what_is_cached_in_it_nine_tenths_of_that() {
        let read = |value: Value| {
            let caching = read(Utf8Path::new("next.config.js"), &value)?.config.caching;
            Ok::<_, CliError>([caching.page_timeout, caching.function_timeout].map(|time| time.as_millis()))
        };
        let own = |page: Value, function: Value| json!({ "staticPageGenerationTimeout": page, "experimental": { "useCacheTimeout": function } });
        assert_eq!(read(json!({})).unwrap(), [60_000, 54_000]);
        assert_eq!(read(own(json!(10), json!(null))).unwrap(), [10_000, 9_000]);
        assert_eq!(read(own(json!(10), json!(0.5))).unwrap(), [10_000, 500]);
        assert_eq!(read(own(json!(10), json!(10))).unwrap(), [10_000, 9_000]);
        for wrong in [json!(0), json!(-1), json!("60"), json!(1e300)] {
            assert!(read(own(wrong.clone(), json!(null))).is_err(), "{wrong}");
            assert!(read(own(json!(null), wrong.clone())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn memory_is_a_number_of_bytes() {
        let read = |value: Value| read(Utf8Path::new("next.config.js"), &json!({ "cacheMaxMemorySize": value }));
        assert_eq!(read(json!(0)).unwrap().config.caching.memory, 0);
        assert_eq!(read(json!(null)).unwrap().config.caching.memory, 50 * 1024 * 1024);
        assert!(read(json!("50mb")).is_err());
    }
}
