//! The engine that runs an app while it is built.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use vinext_adapters::engine::JsEngine;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::engine::{V8Engine, V8Options};
use vinext_cache::Cache;

use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// What a build may take, which runs nobody else's code.
const HEAP: usize = 4 * 1024 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_mins(1);
/// More than a build asks for at a time.
const QUEUE: usize = 64 * 1024;

/// The environment of a build.
pub(super) fn variables(env: &ProjectEnv) -> BTreeMap<String, String> {
    let mut variables = env.variables.clone();
    variables.insert("NODE_ENV".to_owned(), "production".to_owned());
    variables.insert("NEXT_RUNTIME".to_owned(), "nodejs".to_owned());
    variables.insert("NEXT_PHASE".to_owned(), crate::config::PHASE_PRODUCTION_BUILD.to_owned());
    variables
}

/// Starts `isolates` isolates for the server module in `dir`; what they fetch is kept in `data`, and what functions give
/// by `handlers`, where the app has its own.
pub(super) async fn start(
    dir: &BuildDir,
    manifest: &Manifest,
    env: &ProjectEnv,
    isolates: usize,
    data: Cache,
    handlers: Option<Arc<dyn JsEngine>>,
) -> Result<V8Engine, CliError> {
    let mut host = manifest.host();
    host["building"] = Value::Bool(true);
    let options = V8Options {
        isolates,
        heap_limit: HEAP,
        cpu_limit: PATIENCE,
        queue: QUEUE,
        host,
        data,
        handlers,
        ..crate::engine::options(dir, manifest, variables(env))
    };
    V8Engine::start(options).await.map_err(|error| CliError::Engine { source: error.into() })
}
