//! The `vinext` binary: builds and serves a Next.js 16 application without Next.js.
//!
//! This crate composes the others and owns what only a command line has: arguments, progress, diagnostics, and the
//! framework's TypeScript in `runtime/`.

mod args;
mod build;
mod cache_handler;
mod commands;
mod config;
mod engine;
mod error;
mod page_cache;
mod project;
mod runtime;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    render_reports();
    let result = match cli.command {
        Command::EngineSnapshot { dir } => vinext_adapters::native::engine::make_snapshot(dir.as_std_path())
            .map(|()| ExitCode::SUCCESS)
            .map_err(|source| error::CliError::Engine { source: source.into() }),
        Command::Build(args) => commands::build::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Start(args) => commands::start::run(&args),
        Command::Info(args) => commands::info::run(&args).map(|()| ExitCode::SUCCESS),
    };
    match result {
        Ok(status) => status,
        Err(error) => {
            // One rendered diagnostic, whatever went wrong; a reader of logs gets no colour codes and no boxes.
            let report = miette::Report::new(error);
            console::Term::stderr().write_line(format!("{report:?}").trim_end()).ok();
            ExitCode::FAILURE
        }
    }
}

/// A log has no width: what is said of a mistake must not be broken where somebody looks for it.
fn render_reports() {
    let is_read_by_people = console::user_attended_stderr();
    let hook = miette::set_hook(Box::new(move |_| {
        Box::new(miette::MietteHandlerOpts::new().wrap_lines(is_read_by_people).build())
    }));
    debug_assert!(hook.is_ok(), "nothing has been reported before");
}
