//! `vinext start`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use console::{Term, style};
use vinext_adapters::manifest::{BuildDir, Manifest, ManifestError};
use vinext_adapters::native::engine::{StartError, V8Engine, V8Options};
use vinext_adapters::native::server::{NativeServer, ServeError, ServerOptions};

use crate::args::StartArgs;
use crate::build::progress::human;
use crate::config::{self, PHASE_PRODUCTION_SERVER};
use crate::engine::{cache_dir, snapshot_maker};
use crate::error::CliError;
use crate::project::Project;
use crate::project::env::ProjectEnv;

/// How many requests may wait for an isolate.
const QUEUE: usize = 4096;

/// Runs the command.
pub(crate) fn run(args: &StartArgs) -> Result<(), CliError> {
    let started = Instant::now();
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let project = Project::open(&args.dir)?;
        let env = ProjectEnv::load(&project.root, "production")?;
        let dist_dir = output_dir(&project, &env).await?;
        let dir = BuildDir::new(project.root.join(&dist_dir));
        let manifest = Manifest::read(&dir).map_err(|error| unreadable(&dir, error))?;
        let engine = start_engine(args, &dir, &manifest, &env).await?;
        let mut options = ServerOptions::new(dir.root());
        options.public_dir = Some(project.root.join("public")).filter(|public| public.is_dir());
        options.keep_alive = Duration::from_millis(args.keep_alive_timeout);
        let address = SocketAddr::new(args.hostname, args.port);
        let engine: Arc<dyn vinext_adapters::engine::JsEngine> = Arc::new(engine);
        let server =
            NativeServer::bind(address, &manifest, options, Arc::clone(&engine)).await.map_err(
                |error| match error {
                    ServeError::AddressInUse(address) => CliError::PortInUse { address },
                    ServeError::Listen { address, source } => CliError::Listen { address, source },
                    ServeError::Files { path, source } => {
                        CliError::BadBuild { dir: dir.root().to_owned(), problem: format!("{path}: {source}") }
                    }
                    ServeError::BasePath(error) => {
                        CliError::BadBuild { dir: dir.root().to_owned(), problem: error.to_string() }
                    }
                },
            )?;
        announce(&server, started);
        server.run(stopped()).await;
        engine.shutdown().await;
        Ok(())
    })
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

fn unreadable(dir: &BuildDir, error: ManifestError) -> CliError {
    let root = dir.root().to_owned();
    match error {
        ManifestError::Missing { .. } => CliError::NoBuild { dir: root },
        other => CliError::BadBuild { dir: root, problem: other.to_string() },
    }
}

async fn start_engine(
    args: &StartArgs,
    dir: &BuildDir,
    manifest: &Manifest,
    env: &ProjectEnv,
) -> Result<V8Engine, CliError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut variables = env.variables.clone();
    variables.insert("NODE_ENV".to_owned(), "production".to_owned());
    let options = V8Options {
        isolates: args.isolates.unwrap_or(cores),
        heap_limit: args.heap_limit.saturating_mul(1024 * 1024),
        cpu_limit: Duration::from_secs(args.cpu_limit),
        queue: QUEUE,
        cache_dir: cache_dir(),
        snapshot: snapshot_maker(),
        rsc: dir.resolve(&manifest.server.rsc).into_std_path_buf(),
        ssr: dir.resolve(&manifest.server.ssr).into_std_path_buf(),
        host: manifest.host(),
        env: variables,
        logger: Arc::new(log),
    };
    V8Engine::start(options).await.map_err(|error| match error {
        StartError::Module(message) => CliError::BadBuild { dir: dir.root().to_owned(), problem: message },
        other => CliError::Engine { source: other.into() },
    })
}

/// A line of the server's log.
fn log(level: u8, line: &str) {
    let mark = match level {
        0 | 1 => return,
        2 => style("⚠").yellow(),
        _ => style("⨯").red(),
    };
    Term::stderr().write_line(&format!("{mark} {line}")).ok();
}

fn announce(server: &NativeServer, started: Instant) {
    let address = server.local_addr();
    let host = if address.ip().is_unspecified() { "localhost".to_owned() } else { address.ip().to_string() };
    let out = Term::stdout();
    out.write_line(&format!("  - Local:    http://{host}:{}", address.port())).ok();
    out.write_line(&format!("{} ready in {}", style("✓").green(), human(started.elapsed()))).ok();
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
