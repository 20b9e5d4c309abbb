//! V8: a pool of isolates that run the server module of a build.
//!
//! ```text
//! V8Engine ──> queue ──> isolate thread (one isolate, one event loop, many requests)
//!                  └───> isolate thread
//! watchdog: terminates an isolate that never pauses; its thread starts another
//! ```
//! The JavaScript side is `host.js`, part of the startup [`snapshot`]; the Rust side of its calls is [`ops`].

mod code_cache;
mod config;
mod data;
mod digest;
mod exchange;
mod handlers;
mod isolate;
mod loader;
mod ops;
mod platform;
mod queue;
mod quiet;
mod snapshot;
mod thrown;
mod watchdog;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use deno_core::ModuleSpecifier;
use thiserror::Error;
use tokio::sync::{oneshot, watch};

use crate::engine::{EngineError, EngineRequest, EngineResponse, JsEngine};

pub use config::evaluate_config;
pub use data::BUILD_TAG;
pub(super) use data::USE_CACHE;
#[cfg(feature = "native")]
pub(super) use handlers::ask;
pub use isolate::{Invalidator, Logger};
pub use snapshot::{SnapshotMaker, make_snapshot};

use self::code_cache::CodeCache;
use self::isolate::{Blueprint, End};
use self::queue::{Job, Queue};
use self::watchdog::Heartbeat;

/// How the engine runs.
pub struct V8Options {
    /// How many isolates, each on its own thread.
    pub isolates: usize,
    /// Bytes of heap that one isolate may use.
    pub heap_limit: usize,
    /// How long JavaScript may run without a pause.
    pub cpu_limit: Duration,
    /// How many requests may wait for an isolate.
    pub queue: usize,
    /// Where the startup snapshot is kept.
    pub cache_dir: PathBuf,
    /// How the snapshot is made when it is not there.
    pub snapshot: SnapshotMaker,
    /// Where what V8 makes of the app's scripts is kept for the next start; without it they are compiled at each.
    pub code: Option<PathBuf>,
    /// Path of the server module.
    pub rsc: PathBuf,
    /// Path of the module that renders client components on the server.
    pub ssr: PathBuf,
    /// What the server module gets to know about the build: the data members of contract 4's `Host`, as JSON.
    pub host: serde_json::Value,
    /// Environment variables to set besides the process's own.
    pub env: BTreeMap<String, String>,
    /// Where lines of the log go.
    pub logger: Logger,
    /// Told when the application makes something outdated.
    pub invalidator: Invalidator,
    /// What `fetch` and `unstable_cache` keep.
    pub data: vinext_cache::Cache,
    /// What answers for the app's `cacheHandlers`, if it has some: an engine whose isolate is one for all of this engine's.
    pub handlers: Option<Arc<dyn JsEngine>>,
}

/// The engine's name and version.
#[must_use]
pub fn version() -> String {
    let name = if cfg!(feature = "v8") { "V8" } else { "QuickJS" };
    format!("{name} {}", deno_core::v8::V8::get_version())
}

/// The engine did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The startup snapshot can be neither read nor made.
    #[error("cannot load the engine's startup snapshot")]
    Snapshot(#[source] std::io::Error),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
    /// A path that is not absolute.
    #[error("`{0}` is not an absolute path")]
    Path(PathBuf),
    /// The server module threw while it was loaded.
    #[error("the server module failed to load: {0}")]
    Module(String),
    /// The configuration threw, or did not end.
    #[error("{0}")]
    Config(String),
}

type Loaded = oneshot::Receiver<Result<(), String>>;

/// The pool.
pub struct V8Engine {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    heartbeats: Vec<Arc<Heartbeat>>,
}

impl std::fmt::Debug for V8Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("V8Engine").field("isolates", &self.heartbeats.len()).finish_non_exhaustive()
    }
}

impl V8Engine {
    /// Starts the isolates and resolves when the first of them has loaded the server module.
    pub async fn start(options: V8Options) -> Result<Self, StartError> {
        let snapshot = snapshot::load(&options.cache_dir, options.snapshot).map_err(StartError::Snapshot)?;
        let url = |path: &PathBuf| ModuleSpecifier::from_file_path(path).map_err(|()| StartError::Path(path.clone()));
        let main = url(&options.rsc)?;
        let arguments = [
            serde_json::Value::from(main.as_str()),
            serde_json::Value::from(url(&options.ssr)?.as_str()),
            options.host,
            serde_json::json!(options.env),
        ];
        let [rsc, ssr, host, env] = arguments;
        let queue = Arc::new(Queue::new(options.queue));
        let code = CodeCache { platform: Some(snapshot::code_folder(&options.cache_dir)), app: options.code };
        let blueprint = Arc::new(Blueprint {
            snapshot,
            code,
            node: loader::Node::new(),
            heap_limit: options.heap_limit,
            queue: Arc::clone(&queue),
            start: format!(
                "{{ const host = globalThis.__vinext_host; delete globalThis.__vinext_host; \
                 host.serve({rsc}, {ssr}, {host}, {env}); }}"
            ),
            main,
            logger: options.logger,
            invalidator: options.invalidator,
            data: options.data,
            handlers: options.handlers,
        });
        let heartbeats: Vec<_> = (0..options.isolates.max(1)).map(|_| Heartbeat::new(options.cpu_limit)).collect();
        watchdog::watch(&heartbeats).map_err(StartError::Thread)?;
        let engine = Self { queue, threads: Mutex::default(), heartbeats };
        // The isolates load the same module: the first speaks for all, and nobody is in its way until it serves.
        match engine.start_isolate(0, &blueprint)?.await {
            Ok(Ok(())) => {}
            Ok(Err(message)) => {
                engine.queue.close();
                return Err(StartError::Module(message));
            }
            Err(_) => return Err(StartError::Module("the isolate's thread ended".to_owned())),
        }
        for index in 1..engine.heartbeats.len() {
            engine.start_isolate(index, &blueprint).inspect_err(|_| engine.queue.close())?;
        }
        Ok(engine)
    }

    /// Starts the thread of an isolate. What it gives is told when the isolate has loaded the server module.
    fn start_isolate(&self, index: usize, blueprint: &Arc<Blueprint>) -> Result<Loaded, StartError> {
        let (ready, loaded) = oneshot::channel();
        let (blueprint, heartbeat) = (Arc::clone(blueprint), Arc::clone(&self.heartbeats[index]));
        let run = move || isolate_thread(&blueprint, &heartbeat, ready);
        let thread = platform::spawn(format!("v8-isolate-{index}"), run).map_err(StartError::Thread)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(loaded)
    }
}

/// The life of an isolate's thread: one isolate after the other, until no request will come.
fn isolate_thread(blueprint: &Blueprint, heartbeat: &Arc<Heartbeat>, ready: oneshot::Sender<Result<(), String>>) {
    let mut ready = Some(ready);
    loop {
        let first = ready.is_some();
        let ready = ready.take();
        let end = catch_unwind(AssertUnwindSafe(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| format!("cannot start an event loop: {error}"))?;
            Ok::<End, String>(
                tokio::task::LocalSet::new().block_on(&runtime, isolate::run(blueprint, heartbeat, ready)),
            )
        }));
        let cause = match end {
            Ok(Ok(End::Drained)) => return,
            Ok(Ok(End::Died(cause)) | Err(cause)) => cause,
            Err(_) => "the engine panicked".to_owned(),
        };
        heartbeat.detach();
        heartbeat.reset();
        (blueprint.logger)(3, &format!("an isolate was replaced: {cause}"));
        // A module that cannot be loaded will not load the next time either.
        if first && blueprint.queue.is_untouched() {
            return;
        }
    }
}

#[async_trait]
impl JsEngine for V8Engine {
    async fn handle(&self, request: EngineRequest) -> Result<EngineResponse, EngineError> {
        let (reply, response) = oneshot::channel();
        // Dropped with this future or with the response's body: that is how JavaScript learns that the client has gone.
        let (guard, presence) = watch::channel(());
        self.queue.push(Job { request, reply, presence })?;
        let mut response =
            response.await.unwrap_or_else(|_| Err(EngineError::Crashed("the isolate ended".to_owned())))?;
        response.body.attach(guard);
        Ok(response)
    }

    async fn shutdown(&self) {
        self.queue.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        })
        .await;
    }
}
