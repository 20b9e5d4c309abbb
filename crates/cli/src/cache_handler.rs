//! The app's own cache handlers, `cacheHandler` and `cacheHandlers`: one engine with one isolate that runs nothing else, and
//! the cache over it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;
use vinext_adapters::engine::JsEngine;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::CacheHandler;
use vinext_adapters::native::engine::{StartError, V8Engine, V8Options};
use vinext_cache::Cache;

use crate::error::CliError;
use crate::page_cache::report;

/// How long a lookup waits. Next waits for as long as it takes: a handler may have far to go.
const PATIENCE: Duration = Duration::from_secs(2);

/// Handlers that run.
pub(crate) struct Running {
    /// What is stored by the app's `cacheHandler`, if it has one.
    pub(crate) cache: Option<Cache>,
    /// What answers for the app's `cacheHandlers`, if it has some.
    pub(crate) functions: Option<Arc<dyn JsEngine>>,
    engine: Arc<dyn JsEngine>,
}

impl Running {
    /// Ends the handlers. What is to be written has been.
    pub(crate) async fn end(self) {
        self.engine.shutdown().await;
    }
}

/// Starts the handlers of an app, if it has some; its `cacheHandler` only where it `stores`. Nothing is kept in memory above
/// them: they are asked each time.
pub(crate) async fn start(
    root: &Utf8Path,
    dir: &BuildDir,
    manifest: &Manifest,
    variables: BTreeMap<String, String>,
    stores: bool,
) -> Result<Option<Running>, CliError> {
    let config = &manifest.config;
    let store = config.cache_handler.as_ref().filter(|_| stores);
    let named = &config.cache_handlers;
    let Some(first) = store.or_else(|| named.values().next()) else { return Ok(None) };
    let mut host = manifest.host();
    let modules: BTreeMap<&str, Utf8PathBuf> =
        named.iter().map(|(name, file)| (name.as_str(), root.join(file))).collect();
    host["handlerModules"] = json!(modules);
    if let Some(file) = store {
        host["cacheHandler"] = json!({
            "path": root.join(file),
            "maxMemoryCacheSize": config.cache_memory,
            "serverDistDir": dir.root().join("server"),
        });
    }
    let options = V8Options { host, ..crate::engine::options(dir, manifest, variables) };
    let engine = V8Engine::start(options).await.map_err(|error| match error {
        // Of several, what is said names the one that is meant.
        StartError::Module(message) => CliError::CacheHandler { path: root.join(first), problem: message },
        other => CliError::Engine { source: other.into() },
    })?;
    let engine: Arc<dyn JsEngine> = Arc::new(engine);
    let over = |_: &Utf8PathBuf| {
        let store = CacheHandler::new(Arc::clone(&engine), config.cache_memory);
        Cache::builder().memory(0).store(store).read_deadline(PATIENCE).on_failure(report).build()
    };
    let cache = store.map(over);
    let functions = (!named.is_empty()).then(|| Arc::clone(&engine));
    Ok(Some(Running { cache, functions, engine }))
}
