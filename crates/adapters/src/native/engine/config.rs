//! Evaluates a configuration file in an isolate of its own.

use std::collections::BTreeMap;
use std::future::{Future as _, poll_fn};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deno_core::ModuleSpecifier;
use deno_core::v8;
use deno_runtime::worker::MainWorker;

use super::code_cache::CodeCache;
use super::snapshot::{self, SnapshotMaker};
use super::thrown::{describe, describe_error};
use super::watchdog::{self, Heartbeat};
use super::{StartError, isolate, loader, platform};

/// Evaluates the module at `path` and gives its default export as JSON. A function is called with `phase`; functions
/// inside the value are named `[function]`. It may keep the CPU for as long as `limit`.
pub async fn evaluate_config(
    path: &Path,
    phase: &str,
    env: &BTreeMap<String, String>,
    cache_dir: &Path,
    maker: SnapshotMaker,
    limit: Duration,
) -> Result<serde_json::Value, StartError> {
    let snapshot = snapshot::load(cache_dir, maker).map_err(StartError::Snapshot)?;
    // A configuration changes more often than it is read.
    let code = CodeCache { platform: Some(snapshot::code_folder(cache_dir)), app: None };
    let main = ModuleSpecifier::from_file_path(path).map_err(|()| StartError::Path(path.to_owned()))?;
    let call = format!(
        "globalThis.__vinext_host.evaluateConfig({}, {}, {})",
        serde_json::Value::from(main.as_str()),
        serde_json::Value::from(phase),
        serde_json::json!(env),
    );
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let heartbeat = Heartbeat::new(limit);
    watchdog::watch(std::slice::from_ref(&heartbeat)).map_err(StartError::Thread)?;
    platform::spawn("v8-config".to_owned(), move || {
        let result = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                tokio::task::LocalSet::new().block_on(&runtime, evaluate(snapshot, code, &main, call, &heartbeat))
            }
            Err(error) => Err(error.to_string()),
        };
        let _ = sender.send(result);
    })
    .map_err(StartError::Thread)?;
    let text = receiver.await.unwrap_or_else(|_| Err("the engine panicked".to_owned())).map_err(StartError::Config)?;
    serde_json::from_str(&text).map_err(|error| StartError::Config(error.to_string()))
}

async fn evaluate(
    snapshot: snapshot::Snapshot,
    code: CodeCache,
    main: &ModuleSpecifier,
    call: String,
    heartbeat: &Arc<Heartbeat>,
) -> Result<String, String> {
    let mut worker = isolate::worker(snapshot, code, &loader::Node::new(), main, None, heartbeat);
    heartbeat.attach(worker.js_runtime.v8_isolate().thread_safe_handle());
    let value = {
        let mut evaluation = std::pin::pin!(run(&mut worker, call));
        poll_fn(|cx| {
            heartbeat.busy();
            let progress = evaluation.as_mut().poll(cx);
            heartbeat.idle();
            progress
        })
        .await
    };
    heartbeat.detach();
    if heartbeat.expired() {
        return Err(format!("it kept the CPU for longer than {} s", heartbeat.limit().as_secs()));
    }
    let value = value?;
    deno_core::scope!(scope, &mut worker.js_runtime);
    Ok(v8::Local::new(scope, value).to_rust_string_lossy(scope))
}

async fn run(worker: &mut MainWorker, call: String) -> Result<v8::Global<v8::Value>, String> {
    let promise = worker.execute_script("vinext:config", call.into()).map_err(|error| describe(&error))?;
    let resolved = worker.js_runtime.resolve(promise);
    let value = worker.js_runtime.with_event_loop_promise(resolved, deno_core::PollEventLoopOptions::default()).await;
    value.map_err(|error| describe_error(&error))
}
