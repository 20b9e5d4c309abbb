//! One isolate: V8, its event loop, and the requests that run in it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future as _, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deno_core::{ModuleSpecifier, PollEventLoopOptions, v8};
use deno_resolver::npm::{DenoInNpmPackageChecker, NpmResolver};
use deno_runtime::BootstrapOptions;
use deno_runtime::deno_permissions::{PermissionsContainer, RuntimePermissionDescriptorParser};
use deno_runtime::worker::{MainWorker, WorkerOptions, WorkerServiceOptions};
use sys_traits::impls::RealSys;
use tokio::sync::{Notify, oneshot, watch};

use super::code_cache::CodeCache;
use super::data::DataCache;
use super::exchange::Exchange;
use super::loader::{FileLoader, Node};
use super::ops::vinext_host;
use super::queue::{Job, Queue};
use super::quiet::{Quiet, Turn};
use super::snapshot::{self, Snapshot};
use super::watchdog::Heartbeat;
use crate::engine::{EngineError, EngineRequest, JsEngine};

/// How many requests one isolate runs at a time; more wait in the queue for whichever isolate is free first.
const CONCURRENT: usize = 256;

/// How long what still runs may keep an isolate to which no request will come: what outlives its response, and what
/// nobody waits for any more.
const TASKS_LIMIT: Duration = Duration::from_secs(10);

/// What a heap that is full may grow by, so that the isolate can be stopped: a script stops where it next asks, and what it
/// is allocating until then has to fit. The largest that V8 allocates is 1 GiB (an array of 2^27 values, or a text of
/// 2^29 letters), beside what it grows from. Without the room V8 ends the process.
const ROOM: usize = 2 << 30;

/// Takes a line for the log: level (0 debug to 3 error) and text.
pub type Logger = Arc<dyn Fn(u8, &str) + Send + Sync>;

/// Makes what is stored under tags outdated: it is gone after a time, or (`None`) when it has been made anew.
pub type Invalidator = Arc<dyn Fn(&[String], Option<Duration>) + Send + Sync>;

/// What every isolate of an engine is started with.
pub(super) struct Blueprint {
    pub(super) snapshot: Snapshot,
    pub(super) code: CodeCache,
    pub(super) node: Node,
    pub(super) heap_limit: usize,
    pub(super) queue: Arc<Queue>,
    /// The call that starts the server module.
    pub(super) start: String,
    /// What relative imports of the start are relative to, and `process.argv[1]`.
    pub(super) main: ModuleSpecifier,
    pub(super) logger: Logger,
    pub(super) invalidator: Invalidator,
    pub(super) data: vinext_cache::Cache,
    pub(super) handlers: Option<Arc<dyn JsEngine>>,
}

/// What the operations of one isolate share.
pub(super) struct Shared {
    queue: Arc<Queue>,
    exchanges: RefCell<HashMap<u32, Exchange>>,
    presences: RefCell<HashMap<u32, watch::Receiver<()>>>,
    next_id: Cell<u32>,
    /// What outlives its response and still runs.
    tasks: Cell<usize>,
    /// A request or a task has ended.
    ended: Notify,
    draining: Cell<bool>,
    ready: RefCell<Option<oneshot::Sender<Result<(), String>>>>,
    logger: Logger,
    invalidator: Invalidator,
    pub(super) data: DataCache,
    /// What answers for the app's `cacheHandlers`.
    pub(super) handlers: Option<Arc<dyn JsEngine>>,
}

impl Shared {
    /// The next request of the queue.
    pub(super) async fn accept(&self) -> Option<(u32, EngineRequest)> {
        loop {
            while self.exchanges.borrow().len() >= CONCURRENT {
                self.ended.notified().await;
            }
            let Some(Job { mut request, reply, presence }) = self.queue.next().await else {
                self.draining.set(true);
                self.ended.notify_waiters();
                return None;
            };
            if reply.is_closed() {
                continue;
            }
            let id = self.next_id.get();
            self.next_id.set(id.wrapping_add(1) & 0x3fff_ffff);
            let body = request.take_body();
            let has_body = !http_body::Body::is_end_stream(&body);
            self.exchanges.borrow_mut().insert(id, Exchange::new(reply, has_body.then_some(body)));
            self.presences.borrow_mut().insert(id, presence);
            return Some((id, request));
        }
    }

    pub(super) fn has_body(&self, id: u32) -> bool {
        self.with(id, |exchange| exchange.request_body.is_some()).unwrap_or(false)
    }

    /// Does something with a request that is still running.
    pub(super) fn with<T>(&self, id: u32, action: impl FnOnce(&mut Exchange) -> T) -> Option<T> {
        self.exchanges.borrow_mut().get_mut(&id).map(action)
    }

    /// Ends a request.
    pub(super) fn take(&self, id: u32) -> Option<Exchange> {
        let exchange = self.exchanges.borrow_mut().remove(&id);
        self.presences.borrow_mut().remove(&id);
        self.ended.notify_waiters();
        exchange
    }

    /// Waits until the client of a request has gone (`true`) or the request is over (`false`).
    pub(super) async fn closed(&self, id: u32) -> bool {
        let presence = self.presences.borrow().get(&id).cloned();
        let Some(mut presence) = presence else { return false };
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            // Registered before the check, so that an end in between is not missed.
            ended.as_mut().enable();
            if !self.exchanges.borrow().contains_key(&id) {
                return false;
            }
            tokio::select! {
                gone = presence.changed() => return gone.is_err() && self.exchanges.borrow().contains_key(&id),
                () = ended => {}
            }
        }
    }

    /// Something that outlives its response begins or ends.
    pub(super) fn task(&self, begins: bool) {
        let running = self.tasks.get();
        self.tasks.set(if begins { running + 1 } else { running.saturating_sub(1) });
        self.ended.notify_waiters();
    }

    /// Resolves when no request will come, and what runs has ended or had its time.
    async fn drained(&self) {
        self.until(|| self.draining.get()).await;
        let idle = self.until(|| !self.is_busy() && self.tasks.get() == 0);
        let _ = tokio::time::timeout(TASKS_LIMIT, idle).await;
    }

    async fn until(&self, reached: impl Fn() -> bool) {
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if reached() {
                return;
            }
            ended.await;
        }
    }

    fn is_busy(&self) -> bool {
        !self.exchanges.borrow().is_empty()
    }

    pub(super) fn ready(&self, error: &str) {
        if let Some(ready) = self.ready.borrow_mut().take() {
            let _ = ready.send(if error.is_empty() { Ok(()) } else { Err(error.to_owned()) });
        }
    }

    pub(super) fn log(&self, level: u8, message: &str) {
        (self.logger)(level, message);
    }

    pub(super) fn invalidate(&self, tags: &[String], expire: Option<Duration>) {
        (self.invalidator)(tags, expire);
    }

    fn fail_all(&self, error: impl Fn() -> EngineError) {
        for (_, exchange) in self.exchanges.borrow_mut().drain() {
            exchange.fail(error());
        }
        self.ended.notify_waiters();
    }
}

/// How an isolate ended.
#[derive(Debug)]
pub(super) enum End {
    /// No request will come any more.
    Drained,
    /// It cannot go on; the requests that ran in it have been failed.
    Died(String),
}

/// Creates a worker from the snapshot.
pub(super) fn worker(
    snapshot: Snapshot,
    code: CodeCache,
    node: &Node,
    main: &ModuleSpecifier,
    heap_limit: Option<usize>,
    heartbeat: &Arc<Heartbeat>,
) -> MainWorker {
    let services = WorkerServiceOptions::<DenoInNpmPackageChecker, NpmResolver<RealSys>, RealSys> {
        blob_store: deno_runtime::deno_web::BlobStore::default_arc(),
        broadcast_channel: deno_runtime::deno_web::InMemoryBroadcastChannel::default(),
        deno_rt_native_addon_loader: None,
        feature_checker: Arc::default(),
        fs: Arc::new(deno_runtime::deno_fs::RealFs),
        module_loader: Rc::new(FileLoader::new(node.clone(), code, Arc::clone(heartbeat))),
        node_services: Some(node.services()),
        npm_process_state_provider: None,
        // The app is the user's own server code: it may do what their Node server may do.
        permissions: PermissionsContainer::allow_all(Arc::new(RuntimePermissionDescriptorParser::new(RealSys))),
        root_cert_store_provider: None,
        fetch_dns_resolver: deno_runtime::deno_fetch::dns::Resolver::default(),
        shared_array_buffer_store: None,
        compiled_wasm_module_store: None,
        v8_code_cache: None,
        bundle_provider: None,
    };
    let options = WorkerOptions {
        bootstrap: BootstrapOptions { has_node_modules_dir: true, ..BootstrapOptions::default() },
        extensions: vec![if snapshot.heap.is_some() { vinext_host::init() } else { snapshot::host_with_source() }],
        startup_snapshot: snapshot.heap,
        residual_lazy_js_sources: snapshot.lazy_scripts,
        residual_lazy_esm_sources: snapshot.lazy_modules,
        create_params: heap_limit.map(|limit| v8::CreateParams::default().heap_limits(0, limit)),
        ..WorkerOptions::default()
    };
    MainWorker::bootstrap_from_options(main, services, options)
}

/// Has V8 give back the memory that it does not need now.
fn give_back(worker: &mut MainWorker) {
    #[cfg(not(feature = "quickjs"))]
    worker.js_runtime.v8_isolate().low_memory_notification();
    // QuickJS counts references: it has given back what is not needed.
    #[cfg(feature = "quickjs")]
    let _ = worker;
}

/// Runs one isolate until it ends. `ready` is told when the server module is loaded.
pub(super) async fn run(
    blueprint: &Blueprint,
    heartbeat: &Arc<Heartbeat>,
    ready: Option<oneshot::Sender<Result<(), String>>>,
) -> End {
    let code = blueprint.code.clone();
    let heap_limit = Some(blueprint.heap_limit);
    let mut worker = worker(blueprint.snapshot, code, &blueprint.node, &blueprint.main, heap_limit, heartbeat);
    let shared = Rc::new(Shared {
        queue: Arc::clone(&blueprint.queue),
        exchanges: RefCell::default(),
        presences: RefCell::default(),
        next_id: Cell::new(0),
        tasks: Cell::new(0),
        ended: Notify::new(),
        draining: Cell::new(false),
        ready: RefCell::new(ready),
        logger: Arc::clone(&blueprint.logger),
        invalidator: Arc::clone(&blueprint.invalidator),
        data: DataCache::new(blueprint.data.clone()),
        handlers: blueprint.handlers.clone(),
    });
    worker.js_runtime.op_state().borrow_mut().put(Rc::clone(&shared));
    let handle = worker.js_runtime.v8_isolate().thread_safe_handle();
    heartbeat.attach(handle.clone());
    let exhausted = Rc::new(Cell::new(false));
    let flag = Rc::clone(&exhausted);
    worker.js_runtime.add_near_heap_limit_callback(move |current, _initial| {
        flag.set(true);
        handle.terminate_execution();
        current.saturating_add(ROOM)
    });

    let outcome = if let Err(error) = worker.execute_script("vinext:start", blueprint.start.clone().into()) {
        Some(error.to_string())
    } else {
        let mut quiet = Quiet::new(Instant::now());
        let mut timer = std::pin::pin!(tokio::time::sleep(Duration::ZERO));
        let event_loop = poll_fn(|cx| {
            heartbeat.busy();
            let progress = worker.js_runtime.poll_event_loop(cx, PollEventLoopOptions::default());
            heartbeat.idle();
            match quiet.turn(shared.is_busy(), shared.next_id.get(), Instant::now()) {
                Turn::Quiet => give_back(&mut worker),
                Turn::Wait(until) => {
                    timer.as_mut().reset(until.into());
                    if timer.as_mut().poll(cx).is_ready() {
                        cx.waker().wake_by_ref();
                    }
                }
                Turn::Nothing => {}
            }
            if heartbeat.expired() || exhausted.get() {
                return std::task::Poll::Ready(Some("execution was terminated".to_owned()));
            }
            progress.map(|result| match result {
                Ok(()) => None,
                Err(error) => Some(error.to_string()),
            })
        });
        tokio::select! {
            outcome = event_loop => outcome,
            () = shared.drained() => None,
        }
    };
    heartbeat.detach();
    let Some(message) = outcome.or_else(|| (!shared.draining.get()).then(|| "the event loop ended".to_owned())) else {
        return End::Drained;
    };
    let seconds = heartbeat.limit().as_secs();
    let cause = if heartbeat.expired() {
        shared.fail_all(|| EngineError::TimedOut { seconds });
        format!("a request kept the CPU for longer than {seconds} s")
    } else if exhausted.get() {
        shared.fail_all(|| EngineError::Crashed("out of memory".to_owned()));
        format!("the heap limit of {} MiB was reached", blueprint.heap_limit / (1024 * 1024))
    } else {
        shared.fail_all(|| EngineError::Crashed(message.clone()));
        message
    };
    shared.ready(&cause);
    heartbeat.reset();
    End::Died(cause)
}
