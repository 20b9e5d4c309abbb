//! Evaluates a configuration file in an isolate of its own.

use std::collections::BTreeMap;
use std::path::Path;

use deno_core::ModuleSpecifier;
use deno_core::v8;

use super::snapshot::{self, SnapshotMaker};
use super::{StartError, isolate, loader, platform};

/// Evaluates the module at `path` and gives its default export as JSON. A function is called with `phase`; functions
/// inside the value are named `[function]`.
pub async fn evaluate_config(
    path: &Path,
    phase: &str,
    env: &BTreeMap<String, String>,
    cache_dir: &Path,
    maker: SnapshotMaker,
) -> Result<serde_json::Value, StartError> {
    let snapshot = snapshot::load(cache_dir, maker).map_err(StartError::Snapshot)?;
    let main = ModuleSpecifier::from_file_path(path).map_err(|()| StartError::Path(path.to_owned()))?;
    let call = format!(
        "globalThis.__vinext_host.evaluateConfig({}, {}, {})",
        serde_json::Value::from(main.as_str()),
        serde_json::Value::from(phase),
        serde_json::json!(env),
    );
    let (sender, receiver) = tokio::sync::oneshot::channel();
    platform::spawn("v8-config".to_owned(), move || {
        let result = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => tokio::task::LocalSet::new().block_on(&runtime, evaluate(snapshot, &main, call)),
            Err(error) => Err(error.to_string()),
        };
        let _ = sender.send(result);
    })
    .map_err(StartError::Thread)?;
    let text = receiver.await.unwrap_or_else(|_| Err("the engine panicked".to_owned())).map_err(StartError::Module)?;
    serde_json::from_str(&text).map_err(|error| StartError::Module(error.to_string()))
}

async fn evaluate(snapshot: snapshot::Snapshot, main: &ModuleSpecifier, call: String) -> Result<String, String> {
    let mut worker = isolate::worker(snapshot, &loader::Node::new(), main, None);
    let promise = worker.execute_script("vinext:config", call.into()).map_err(|error| error.to_string())?;
    let resolved = worker.js_runtime.resolve(promise);
    let value = worker
        .js_runtime
        .with_event_loop_promise(resolved, deno_core::PollEventLoopOptions::default())
        .await
        .map_err(|error| error.to_string())?;
    deno_core::scope!(scope, &mut worker.js_runtime);
    Ok(v8::Local::new(scope, value).to_rust_string_lossy(scope))
}
