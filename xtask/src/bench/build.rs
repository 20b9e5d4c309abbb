//! `cargo xtask bench build`: the same app built by vinext, Next and Cloudflare's vinext, one after the other in one run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::peers::{Peer, peers};
use super::server::{Server, free_port, resident_tree};
use super::{app33, first_load};
use crate::engine::Engine;
use crate::run::{cargo, run as run_program, say, step};
use crate::{prepare, size, workspace};

/// What was measured.
struct Measured {
    name: &'static str,
    times: Vec<Duration>,
    peak_kib: u64,
    scripts_gzip: u64,
    files: usize,
    /// Path to the bytes that a browser loads for it.
    first_load: BTreeMap<String, u64>,
}

pub(crate) fn run(runs: usize, extra: usize, alone: bool, profile: &str) -> anyhow::Result<()> {
    prepare::for_task(Some(Engine::V8), &[prepare::CHROMIUM])?;
    build_self(profile)?;
    let work = workspace::target().join("bench-build");
    let builders = peers(profile, alone);
    let sources = app33::sources(extra);
    let mut results = Vec::new();
    let mut folders = Vec::new();
    for builder in &builders {
        folders.push(builder.prepare(&work, &sources)?);
        results.push(Measured {
            name: builder.name,
            times: Vec::new(),
            peak_kib: 0,
            scripts_gzip: 0,
            files: 0,
            first_load: BTreeMap::new(),
        });
    }
    // In turns, so that whatever else the machine does hits all alike.
    for turn in 0..=runs {
        for ((builder, dir), result) in builders.iter().zip(&folders).zip(&mut results) {
            let (time, peak) =
                measure(builder, dir).with_context(|| format!("{} does not build the app", builder.name))?;
            // The first fills caches of the file system.
            if turn > 0 {
                result.times.push(time);
                result.peak_kib = result.peak_kib.max(peak);
            }
        }
    }
    for ((builder, dir), result) in builders.iter().zip(&folders).zip(&mut results) {
        (result.scripts_gzip, result.files) = size::scripts(&dir.join(builder.scripts))?;
    }
    let own = &folders[0];
    let paths = first_load::paths(own)?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for ((builder, dir), result) in builders.iter().zip(&folders).zip(&mut results) {
        step(&format!("what browsers load of {}", builder.name));
        let port = free_port()?;
        let mut command = builder.command(dir)?;
        command.args(["start", "-p", &port.to_string()]);
        result.first_load = first_load::measure(&Server::start(command, port, "/")?, &paths)?;
    }
    report(&mut results, runs, extra, profile);
    report_first_loads(&results, &paths);
    run_program(own, &workspace::binary(profile).to_string_lossy(), &["build", "--timings"])
}

/// Builds the program itself.
pub(super) fn build_self(profile: &str) -> anyhow::Result<()> {
    step(&format!("building vinext (profile {profile})"));
    let arguments = ["build", "--locked", "--profile", profile, "--workspace", "--bin", "vinext"];
    run_program(&workspace::root(), &cargo(), &arguments)
}

/// One build: its time, and the most memory that its processes held together.
fn measure(builder: &Peer, dir: &Path) -> anyhow::Result<(Duration, u64)> {
    for output in builder.output {
        let _ = fs::remove_dir_all(dir.join(output));
    }
    let mut command = builder.command(dir)?;
    command.arg("build").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {}", builder.program.display()))?;
    let mut streams: Vec<Box<dyn std::io::Read + Send>> = Vec::new();
    streams.extend(child.stdout.take().map(|stream| Box::new(stream) as Box<dyn std::io::Read + Send>));
    streams.extend(child.stderr.take().map(|stream| Box::new(stream) as Box<dyn std::io::Read + Send>));
    let readers: Vec<_> = streams
        .into_iter()
        .map(|mut stream| {
            std::thread::spawn(move || {
                let mut text = String::new();
                let _ = stream.read_to_string(&mut text);
                text
            })
        })
        .collect();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(resident_tree(child.id()));
        std::thread::sleep(Duration::from_millis(2));
    };
    let time = started.elapsed();
    let text: String = readers.into_iter().filter_map(|reader| reader.join().ok()).collect();
    if !status.success() {
        bail!("{text}");
    }
    Ok((time, peak))
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report(results: &mut [Measured], runs: usize, extra: usize, profile: &str) {
    for result in results.iter_mut() {
        result.times.sort_unstable();
    }
    let median = |result: &Measured| result.times.get(result.times.len() / 2).copied().unwrap_or_default();
    let own = median(&results[0]);
    let routes = 33 + extra;
    say(&format!("\n{routes} routes, {runs} builds each in turns; vinext compiled with profile {profile}\n"));
    say(&format!(
        "{:<28}{:>10}{:>10}{:>10}{:>8}{:>12}{:>16}",
        "", "median", "min", "max", "ratio", "peak MiB", "client JS gz"
    ));
    for result in results.iter() {
        let seconds = |time: Duration| format!("{:.3} s", time.as_secs_f64());
        say(&format!(
            "{:<28}{:>10}{:>10}{:>10}{:>8}{:>12}{:>16}",
            result.name,
            seconds(median(result)),
            seconds(result.times.first().copied().unwrap_or_default()),
            seconds(result.times.last().copied().unwrap_or_default()),
            format!("{:.1}x", median(result).as_secs_f64() / own.as_secs_f64()),
            result.peak_kib / 1024,
            format!("{:.1} kB in {}", result.scripts_gzip as f64 / 1000.0, result.files),
        ));
    }
    say("");
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report_first_loads(results: &[Measured], paths: &[&str]) {
    let kilobytes =
        |bytes: Option<&u64>| bytes.map_or_else(String::new, |bytes| format!("{:.1}", *bytes as f64 / 1000.0));
    say("first load of each page: scripts, kB gz, as Chromium loads them\n");
    let names: String = results.iter().map(|result| format!("{:>28}", result.name)).collect();
    say(&format!("{:<28}{names}", ""));
    for path in paths {
        let sizes: String =
            results.iter().map(|result| format!("{:>28}", kilobytes(result.first_load.get(*path)))).collect();
        say(&format!("{path:<28}{sizes}"));
    }
    say("");
}
