//! `vinext start`.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use console::{Term, style};
use tokio::net::TcpListener;
use vinext_adapters::engine::JsEngine;
use vinext_adapters::manifest::{BuildDir, Manifest, ManifestError};
use vinext_adapters::native::engine::{StartError, V8Engine, V8Options};
use vinext_adapters::native::server::{NativeServer, ServeError, ServerOptions, StaticFiles, invalidate};
use vinext_cache::Cache;

use crate::args::StartArgs;
use crate::build::progress::human;
use crate::config::{self, PHASE_PRODUCTION_SERVER};
use crate::error::CliError;
use crate::project::Project;
use crate::project::env::ProjectEnv;
use crate::signals::StopSignals;
use crate::{cache_handler, page_cache};

/// Runs the command; the status says what has stopped it, as that of `next start` does.
pub(crate) fn run(args: &StartArgs) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let project = Project::open(&args.dir)?;
        let env = ProjectEnv::load(&project.root, "production")?;
        let dist_dir = output_dir(&project, &env).await?;
        let dir = BuildDir::new(project.root.join(&dist_dir));
        let manifest = Manifest::read(&dir).map_err(|error| unreadable(&dir, error))?;
        if let Some(folder) = &manifest.exported {
            return Err(CliError::Exported { folder: folder.clone() });
        }
        let manifest = Arc::new(manifest);
        // Before the engine: a port that is in use is said at once, and pages may ask for the one that is not.
        let listener = listen(&args.hostname, args.port, &dir).await?;
        let port = listener.local_addr().map_or(args.port, |address| address.port());
        let mut options = ServerOptions::default();
        // While the engine starts.
        let files = tokio::task::spawn_blocking({
            let (build, public, manifest) = (dir.root().to_owned(), project.root.join("public"), Arc::clone(&manifest));
            move || StaticFiles::index(&build, Some(&public), &manifest)
        });
        let variables = variables(&env, port);
        // The operator's word about where pages are stored wins over the app's.
        let handlers =
            cache_handler::start(&project.root, &dir, &manifest, variables.clone(), args.cache.is_none()).await?;
        let name = args.cache.as_deref().unwrap_or("disk");
        options.cache = match handlers.as_ref().and_then(|running| running.cache.clone()) {
            Some(cache) => cache,
            None => page_cache::open(name, &dir, manifest.config.cache_memory)?,
        };
        let cache = options.cache.clone();
        let functions = handlers.as_ref().and_then(|running| running.functions.clone());
        let engine = start_engine(args, &dir, &manifest, variables, cache.clone(), functions).await?;
        options.keep_alive = Duration::from_millis(args.keep_alive_timeout);
        if let Some(path) = std::env::var_os("NODE_EXTRA_CA_CERTS") {
            // As in Node, a file that cannot be read stops nothing.
            if let Err(error) = options.outbound.trust_file(&path) {
                eprintln!("warning: no certificates from NODE_EXTRA_CA_CERTS ({}): {error}", path.to_string_lossy());
            }
        }
        let engine: Arc<dyn JsEngine> = Arc::new(engine);
        let files = files.await.unwrap_or_else(|crashed| std::panic::resume_unwind(crashed.into_panic()));
        let server = files
            .and_then(|files| NativeServer::new(listener, &manifest, files, options, Arc::clone(&engine)))
            .map_err(|error| cannot_serve(&dir, error))?;
        let signals = StopSignals::new().map_err(|source| CliError::Signals { source })?;
        announce(&args.hostname, &server, started);
        let mut status = 0;
        server.run(async { status = signals.stopped().await }).await;
        engine.shutdown().await;
        // A cache that cannot be written has said so.
        drop(cache.flush().await);
        if let Some(handlers) = handlers {
            handlers.end().await;
        }
        Ok(ExitCode::from(status))
    })
}

/// Listens on the first address of a host that can be listened on.
async fn listen(host: &str, port: u16, dir: &BuildDir) -> Result<TcpListener, CliError> {
    let unknown = |source| CliError::UnknownHost { host: host.to_owned(), source };
    let mut failure = None;
    for address in tokio::net::lookup_host((host, port)).await.map_err(unknown)? {
        match NativeServer::listen(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    Err(failure.map_or_else(|| unknown(io::ErrorKind::NotFound.into()), |error| cannot_serve(dir, error)))
}

/// The output folder. Without a `distDir` nobody has to run the configuration.
async fn output_dir(project: &Project, env: &ProjectEnv) -> Result<String, CliError> {
    let default = config::Config::default().dist_dir;
    if project.root.join(&default).join("build-manifest.json").is_file() {
        return Ok(default);
    }
    let loaded = config::load(&project.root, PHASE_PRODUCTION_SERVER, &env.variables).await?;
    Ok(loaded.config.dist_dir)
}

fn cannot_serve(dir: &BuildDir, error: ServeError) -> CliError {
    let bad = |problem| CliError::BadBuild { dir: dir.root().to_owned(), problem };
    match error {
        ServeError::AddressInUse(address) => CliError::PortInUse { address },
        ServeError::Listen { address, source } => CliError::Listen { address, source },
        ServeError::Files { path, source } => bad(format!("{path}: {source}")),
        error @ (ServeError::BasePath(_) | ServeError::ConfigRoute(_)) => bad(error.to_string()),
    }
}

fn unreadable(dir: &BuildDir, error: ManifestError) -> CliError {
    let root = dir.root().to_owned();
    match error {
        ManifestError::Missing { .. } => CliError::NoBuild { dir: root },
        other => CliError::BadBuild { dir: root, problem: other.to_string() },
    }
}

/// The environment of a server.
fn variables(env: &ProjectEnv, port: u16) -> BTreeMap<String, String> {
    let mut variables = env.variables.clone();
    variables.insert("NODE_ENV".to_owned(), "production".to_owned());
    variables.insert("NEXT_RUNTIME".to_owned(), "nodejs".to_owned());
    variables.insert("PORT".to_owned(), port.to_string());
    variables
}

async fn start_engine(
    args: &StartArgs,
    dir: &BuildDir,
    manifest: &Manifest,
    variables: BTreeMap<String, String>,
    cache: Cache,
    handlers: Option<Arc<dyn JsEngine>>,
) -> Result<V8Engine, CliError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options = V8Options {
        isolates: args.isolates.unwrap_or(cores),
        heap_limit: args.heap_limit.saturating_mul(1024 * 1024),
        cpu_limit: Duration::from_secs(args.cpu_limit),
        data: cache.clone(),
        handlers,
        invalidator: Arc::new(move |tags, expire| invalidate(&cache, tags, expire)),
        ..crate::engine::options(dir, manifest, variables)
    };
    V8Engine::start(options).await.map_err(|error| match error {
        StartError::Module(message) => CliError::BadBuild { dir: dir.root().to_owned(), problem: message },
        other => CliError::Engine { source: other.into() },
    })
}

fn announce(host: &str, server: &NativeServer, started: Instant) {
    let address = server.local_addr();
    let host = match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => "localhost".to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => host.to_owned(),
    };
    let out = Term::stdout();
    out.write_line(&format!("  - Local:    http://{host}:{}", address.port())).ok();
    out.write_line(&format!("{} ready in {}", style("✓").green(), human(started.elapsed()))).ok();
}
