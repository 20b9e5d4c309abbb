//! The app's own `cacheHandler`: an engine that runs nothing else, and the cache over it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
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

/// A handler that runs.
pub(crate) struct Running {
    /// What is stored there.
    pub(crate) cache: Cache,
    engine: Arc<dyn JsEngine>,
}

impl Running {
    /// Waits until everything is written, and ends the handler.
    pub(crate) async fn end(self) {
        // What cannot be written has said so.
        let _ = self.cache.flush().await;
        self.engine.shutdown().await;
    }
}

/// Starts the handler of an app, if it has one. Nothing is kept in memory above it: the handler is asked each time.
pub(crate) async fn start(
    root: &Utf8Path,
    dir: &BuildDir,
    manifest: &Manifest,
    variables: BTreeMap<String, String>,
) -> Result<Option<Running>, CliError> {
    let Some(file) = &manifest.config.cache_handler else { return Ok(None) };
    let mut host = manifest.host();
    host["cacheHandler"] = json!({
        "path": root.join(file),
        "maxMemoryCacheSize": manifest.config.cache_memory,
        "serverDistDir": dir.root().join("server"),
    });
    let options = V8Options { host, ..crate::engine::options(dir, manifest, variables) };
    let engine = V8Engine::start(options).await.map_err(|error| match error {
        StartError::Module(message) => CliError::CacheHandler { path: root.join(file), problem: message },
        other => CliError::Engine { source: other.into() },
    })?;
    let engine: Arc<dyn JsEngine> = Arc::new(engine);
    let store = CacheHandler::new(Arc::clone(&engine), manifest.config.cache_memory);
    let cache = Cache::builder().memory(0).store(store).read_deadline(PATIENCE).on_failure(report).build();
    Ok(Some(Running { cache, engine }))
}
