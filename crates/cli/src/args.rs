//! The command line: what can be said, and the help that teaches it.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand};

/// Build and serve a Next.js 16 application without Next.js.
#[derive(Debug, Parser)]
#[command(name = "vinext", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Try it on an app you have:
  vinext build            compile the app in this folder into .vinext/
  vinext start -p 3000    serve it on http://localhost:3000

Your project stays as it is: `next build` and `next start` go on working beside it.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compile the app for production
    Build(BuildArgs),
    /// Serve the production build
    Start(StartArgs),
    /// Report the versions and the project facts that matter in a bug report
    Info(InfoArgs),
    /// Makes the engine's startup snapshot: what the other commands start when it is missing
    #[command(name = crate::engine::SNAPSHOT_COMMAND, hide = true)]
    EngineSnapshot {
        /// An existing folder
        dir: Utf8PathBuf,
    },
}

/// Arguments of `vinext build`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads app/ (or src/app/), next.config.{js,mjs,ts}, tsconfig.json and .env* files.
Writes .vinext/ (or the distDir of next.config), and with `output: \"export\"` the app's files into out/ (or distDir):
nothing else in the project changes.")]
pub(crate) struct BuildArgs {
    /// The project's folder: the one with package.json
    #[arg(default_value = ".")]
    pub(crate) dir: Utf8PathBuf,
    /// Print where the time went
    #[arg(long)]
    pub(crate) timings: bool,
}

/// Arguments of `vinext start`.
#[derive(Debug, Args)]
#[command(after_help = "\
Behind a proxy that ends TLS, bind to loopback: vinext start -H 127.0.0.1
`-p 0` takes a free port and prints it.
Ctrl+C or SIGTERM: requests that run are finished first, for 10 seconds at most; asked again, it ends at once.")]
pub(crate) struct StartArgs {
    /// The project's folder: the one with package.json
    #[arg(default_value = ".")]
    pub(crate) dir: Utf8PathBuf,
    /// The port to listen on
    #[arg(short, long, env = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,
    /// The address or host name to listen on
    #[arg(short = 'H', long, env = "VINEXT_HOSTNAME", default_value = "0.0.0.0")]
    pub(crate) hostname: String,
    /// Where pages and data are stored: `disk` (below memory, in .vinext/cache), `memory`, or the URL of a Redis server
    /// that several instances share: redis://HOST:PORT/DB (default: the app's `cacheHandler` if it has one, else `disk`)
    #[arg(long, env = "VINEXT_CACHE")]
    pub(crate) cache: Option<String>,
    /// How many V8 isolates render pages (default: one per core)
    #[arg(long)]
    pub(crate) isolates: Option<usize>,
    /// Heap limit of one isolate, in MiB
    #[arg(long, default_value_t = 512)]
    pub(crate) heap_limit: usize,
    /// How long one request may keep the CPU without a pause, in seconds
    #[arg(long, default_value_t = 10)]
    pub(crate) cpu_limit: u64,
    /// How long an idle keep-alive connection stays open, in milliseconds
    #[arg(long = "keepAliveTimeout", default_value_t = 5000)]
    pub(crate) keep_alive_timeout: u64,
}

/// Arguments of `vinext info`.
#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The project's folder: the one with package.json
    #[arg(default_value = ".")]
    pub(crate) dir: Utf8PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
