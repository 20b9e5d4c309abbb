//! `cargo xtask bench build`: the same app built by vinext, Next and Cloudflare's vinext, one after the other in one run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{app33, first_load};
use crate::engine::Engine;
use crate::run::{cargo, run as run_program, say, step};
use crate::{prepare, size, workspace};

/// Somebody who builds the app.
struct Builder {
    name: &'static str,
    /// Folder with its `package.json` and lockfile.
    template: PathBuf,
    /// What to run in the app's folder.
    program: PathBuf,
    arguments: &'static [&'static str],
    /// What it writes, which is removed before each build.
    output: &'static [&'static str],
    /// Where its browser scripts are.
    scripts: &'static str,
}

impl Builder {
    /// The program in the app's folder, still without arguments.
    fn command(&self, dir: &Path) -> anyhow::Result<Command> {
        let program = if self.program.is_absolute() { self.program.clone() } else { dir.join(&self.program) };
        // Node itself comes from npm where a peer needs a newer one.
        let path = std::env::join_paths(
            [dir.join("node_modules/.bin"), dir.join("node_modules/node/bin")]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        )?;
        let mut command = Command::new(program);
        command.current_dir(dir).env("PATH", path).env("NEXT_TELEMETRY_DISABLED", "1").env("CI", "1");
        Ok(command)
    }
}

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
    prepare::for_build(Some(Engine::V8))?;
    let root = workspace::root();
    step(&format!("building vinext (profile {profile})"));
    run_program(&root, &cargo(), &["build", "--locked", "--profile", profile, "--workspace", "--bin", "vinext"])?;
    let work = workspace::target().join("bench-build");
    let mut builders = vec![Builder {
        name: "vinext (this project)",
        template: root.join("examples/thirty-three"),
        program: workspace::binary(profile),
        arguments: &["build"],
        output: &[".vinext"],
        scripts: ".vinext/client/_next/static",
    }];
    if !alone {
        builders.push(Builder {
            name: "next 16.4.6",
            template: root.join("xtask/peers/next"),
            program: "node_modules/.bin/next".into(),
            arguments: &["build"],
            output: &[".next"],
            scripts: ".next/static",
        });
        builders.push(Builder {
            name: "vinext 1.4.0 (Cloudflare)",
            template: root.join("xtask/peers/vinext"),
            program: "node_modules/.bin/vinext".into(),
            arguments: &["build"],
            output: &["dist"],
            scripts: "dist/client",
        });
    }
    let mut results = Vec::new();
    let mut folders = Vec::new();
    for builder in &builders {
        let dir = work.join(builder.name.split(' ').take(2).collect::<String>().replace(['(', ')', '.'], "-"));
        prepare_app(builder, &dir, extra)?;
        folders.push(dir);
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
        let mut server = builder.command(dir)?;
        server.arg("start");
        result.first_load = first_load::measure(server, &paths)?;
    }
    report(&mut results, runs, extra, profile);
    report_first_loads(&results, &paths);
    run_program(own, &workspace::binary(profile).to_string_lossy(), &["build", "--timings"])
}

/// The app in a folder of its own, with the builder's packages.
fn prepare_app(builder: &Builder, dir: &Path, extra: usize) -> anyhow::Result<()> {
    step(&format!("preparing {}", builder.name));
    fs::create_dir_all(dir)?;
    let _ = fs::remove_dir_all(dir.join("app"));
    app33::write(dir, extra)?;
    for name in ["package.json", "package-lock.json", ".npmrc", "tsconfig.json", "next.config.ts", "vite.config.ts"] {
        let from = [builder.template.join(name), workspace::root().join("examples/thirty-three").join(name)];
        if let Some(from) = from.iter().find(|path| path.is_file()) {
            fs::copy(from, dir.join(name))?;
        }
    }
    if builder.program.is_absolute() { prepare::npm(dir) } else { prepare::npm_of_peer(dir) }
}

/// One build: its time, and the most memory that its processes held together.
fn measure(builder: &Builder, dir: &Path) -> anyhow::Result<(Duration, u64)> {
    for output in builder.output {
        let _ = fs::remove_dir_all(dir.join(output));
    }
    let mut command = builder.command(dir)?;
    command.args(builder.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
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

/// Kibibytes that a process and its descendants hold.
fn resident_tree(root: u32) -> u64 {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut resident: BTreeMap<u32, u64> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let Some(parent) = field("PPid:").and_then(|parent| u32::try_from(parent).ok()) else { continue };
        children.entry(parent).or_default().push(id);
        resident.insert(id, field("VmRSS:").unwrap_or(0));
    }
    let mut sum = 0;
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        sum += resident.get(&id).copied().unwrap_or(0);
        stack.extend(children.get(&id).into_iter().flatten());
    }
    sum
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
