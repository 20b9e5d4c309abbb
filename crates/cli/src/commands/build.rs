//! `vinext build`.

use std::fmt::Write as _;
use std::time::Duration;

use console::{Term, style};
use vinext_compiler::bundle::{GraphTimings, Timings};

use crate::args::BuildArgs;
use crate::build::progress::{Progress, human};
use crate::build::{self, table};
use crate::config::{self, LoadedConfig, PHASE_PRODUCTION_BUILD};
use crate::error::CliError;
use crate::project::Project;
use crate::project::env::ProjectEnv;

/// Runs the command.
pub(crate) fn run(args: &BuildArgs) -> Result<(), CliError> {
    exit_on_panic();
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let project = Project::open(&args.dir)?;
        project.app_dir()?;
        let env = ProjectEnv::load(&project.root, "production")?;
        let mut progress = Progress::start();
        let loaded = progress
            .phase("reading next.config", config::load(&project.root, PHASE_PRODUCTION_BUILD, &env.variables))
            .await?;
        announce(&loaded, &env);
        let built = build::build(&project, &loaded.config, &env, &mut progress).await?;
        let (total, phases) = progress.finish();
        for warning in built.warnings {
            super::warn(&format!("{:?}", miette::Report::new(warning)));
        }
        let mut out = String::new();
        if args.timings {
            out.push_str(&spans(&phases, &built.timings));
        }
        out.push_str(&table::render(built.rows, built.shared_bytes, built.exported.is_some()));
        if let Some(folder) = built.exported {
            let _ = writeln!(out, "\n{} exported to {folder}", style("✓").green());
        }
        let _ = write!(out, "\n{} built in {}", style("✓").green(), human(total));
        Term::stdout().write_line(&out).ok();
        Ok(())
    })
}

/// A panic inside the bundler would leave the others of its tasks waiting for ever.
fn exit_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let reason = panic.payload_as_str().unwrap_or("no reason given");
        let message = format!(
            "vinext crashed while it built the app: {reason}{place}\nThis is a mistake of vinext's: please report it."
        );
        Term::stderr().write_line(&message).ok();
        std::process::exit(101);
    }));
}

/// Says which environment files count and which keys of the config do not.
fn announce(loaded: &LoadedConfig, env: &ProjectEnv) {
    if !env.files.is_empty() {
        Term::stderr().write_line(&format!("- Environments: {}", env.files.join(", "))).ok();
    }
    let Some(file) = loaded.file.as_ref().and_then(|path| path.file_name()) else { return };
    if !loaded.not_honoured.is_empty() {
        super::warn(&format!("{file}: vinext does not honour these keys yet: {}", loaded.not_honoured.join(", ")));
    }
    if !loaded.unknown.is_empty() {
        super::warn(&format!("{file}: unknown keys: {}", loaded.unknown.join(", ")));
    }
    let hosts: Vec<_> = config::foreign_hosts(&loaded.config.routes.rewrites).into_iter().collect();
    if !hosts.is_empty() {
        super::warn(&format!(
            "{file}: `rewrites` pass requests on to {}, with the visitor's `cookie` and `authorization` headers",
            hosts.join(", ")
        ));
    }
}

/// Where the time went: phases of the command, then the three graphs, which overlap.
fn spans(phases: &[(&'static str, Duration)], timings: &Timings) -> String {
    let mut out = String::new();
    for (name, duration) in phases {
        let _ = writeln!(out, "{name:<22} {:>9}", human(*duration));
    }
    let _ = writeln!(out, "{:<22} {:>9} {:>9} {:>9} {:>9}", "  graph", "starts at", "scan", "generate", "write");
    for (name, GraphTimings { started_at, scan, generate, write, .. }) in
        [("  rsc", timings.rsc), ("  ssr", timings.ssr), ("  client", timings.client)]
    {
        let _ = writeln!(
            out,
            "{name:<22} {:>9} {:>9} {:>9} {:>9}",
            human(started_at),
            human(scan),
            human(generate),
            human(write)
        );
    }
    let _ = writeln!(out, "{:<22} {:>9}\n", "  styles and assets", human(timings.assets));
    out
}
