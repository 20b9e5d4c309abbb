//! `cargo xtask`: the project's automation.

mod bench;
mod demo;
mod engine;
mod oracle;
mod prepare;
mod quickjs;
mod run;
mod size;
mod test;
mod v8;
mod workspace;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use self::engine::Engine;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's automation")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build vinext, build the example app with it, serve it and print the URL
    Demo {
        /// The port to listen on; 0 takes a free one
        #[arg(short, long, default_value_t = 3000)]
        port: u16,
        /// Build the app and stop
        #[arg(long)]
        build_only: bool,
        /// The JavaScript engine; V8 if it can be had at once
        #[arg(long)]
        engine: Option<Engine>,
    },
    /// Everything: format, lints, types, unit and property tests, a real browser
    Test {
        /// Leave out what needs a browser
        #[arg(long)]
        no_browser: bool,
        /// The JavaScript engine; V8 if it can be had at once
        #[arg(long)]
        engine: Option<Engine>,
    },
    /// Compare with the real Next
    Oracle {
        /// What to do
        what: oracle::What,
        /// These fixtures instead of all
        fixtures: Vec<String>,
    },
    /// Measure the JavaScript that browsers load, and record it
    Size,
    /// Measure
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Write the 33-route app
    App {
        /// Where to
        #[arg(long)]
        out: PathBuf,
        /// This many pages more
        #[arg(long, default_value_t = 0)]
        extra: usize,
    },
    /// Build V8's library from source, for machines that cannot download it
    V8,
}

#[derive(Subcommand)]
enum Bench {
    /// Build the 33-route app with vinext, Next and Cloudflare's vinext, in one run
    Build {
        /// How often each builds
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// This many pages more
        #[arg(long, default_value_t = 0)]
        extra: usize,
        /// Only this program: no network, no peers
        #[arg(long)]
        alone: bool,
        /// Cargo's profile for vinext itself
        #[arg(long, default_value = "release")]
        profile: String,
    },
    /// Serve the 33-route app with vinext, Next and Cloudflare's vinext, in one run
    Serve {
        /// How long each load lasts, in seconds
        #[arg(long, default_value_t = 5)]
        seconds: u32,
        /// How many connections ask at once in the closed loop
        #[arg(long, default_value_t = 32)]
        connections: u32,
        /// Only this program and nginx: no peers
        #[arg(long)]
        alone: bool,
        /// Cargo's profile for vinext itself
        #[arg(long, default_value = "release")]
        profile: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Demo { port, build_only, engine } => demo::run(port, build_only, engine),
        Task::Test { no_browser, engine } => test::run(!no_browser, engine),
        Task::Oracle { what, fixtures } => oracle::run(what, &fixtures),
        Task::Size => size::check(&prepare::for_build(None)?.build()?, true),
        Task::Bench { what: Bench::Build { runs, extra, alone, profile } } => {
            bench::build::run(runs, extra, alone, &profile)
        }
        Task::Bench { what: Bench::Serve { seconds, connections, alone, profile } } => {
            bench::serve::run(seconds, connections, alone, &profile)
        }
        Task::App { out, extra } => {
            let files = bench::app33::write(&out, extra)?;
            run::say(&format!("{files} files in {}", out.display()));
            Ok(())
        }
        Task::V8 => v8::build(),
    }
}
