//! What a fresh machine lacks: found, installed, or explained, before anything fails for want of it.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::engine::Engine;
use crate::run::{output, run, say};
use crate::workspace;

/// Everything that a build of vinext needs, and the engine that it gets.
pub(crate) fn for_build(asked: Option<Engine>) -> anyhow::Result<Engine> {
    let engine = Engine::choose(asked)?;
    libclang()?;
    node()?;
    Ok(engine)
}

/// A program, from Debian's package of that name if it is missing.
pub(crate) fn tool(program: &str, package: &str) -> anyhow::Result<()> {
    let has = || output("sh", &["-c", &format!("command -v {program}")]).is_some();
    if !has() {
        say(&format!("{program} is missing: installing {package}"));
        install(&[package])?;
    }
    if has() { Ok(()) } else { bail!("{program} is still missing: install it") }
}

/// `libsqlite3-sys`, below Deno's `node:sqlite`, reads a header with libclang.
fn libclang() -> anyhow::Result<()> {
    if std::env::var_os("LIBCLANG_PATH").is_some() || has_libclang() {
        return Ok(());
    }
    say("libclang is missing: installing libclang-dev (about a minute)");
    install(&["libclang-dev"])?;
    if has_libclang() {
        return Ok(());
    }
    bail!("libclang is still missing: install it (Debian: libclang-dev), or set LIBCLANG_PATH to its folder")
}

fn has_libclang() -> bool {
    // The names that bindgen looks for. `libclang-cpp` is another library, which LLVM's own packages bring along.
    let is_library = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let named = name.starts_with("libclang.so") || (name.starts_with("libclang-") && name.contains(".so"));
        named && !name.starts_with("libclang-cpp")
    };
    let holds = |folder: PathBuf| {
        std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_library(&entry.path())))
    };
    let llvm = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let llvm = llvm
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains("llvm"))
        .map(|path| path.join("lib"));
    llvm.chain(["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"].map(PathBuf::from))
        .any(holds)
        || cfg!(target_os = "macos")
}

fn node() -> anyhow::Result<()> {
    let Some(version) = output("node", &["--version"]) else {
        bail!("Node is not installed: version 20 or later is needed for the examples and the tests");
    };
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < 20 {
        bail!("Node {version} is too old: version 20 or later is needed");
    }
    Ok(())
}

/// Chromium, for the browser suite.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    let known = || {
        let set = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let found = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
            .iter()
            .find_map(|name| output("sh", &["-c", &format!("command -v {name}")]).map(PathBuf::from));
        set.or(found)
    };
    if let Some(path) = known() {
        return Ok(path);
    }
    say("Chromium is missing: installing it (a few minutes)");
    install(&["chromium"])?;
    match known() {
        Some(path) => Ok(path),
        None => bail!("Chromium is still missing: install it, or set CHROMIUM to its path"),
    }
}

/// Installs Debian packages, where that can be done.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    if output("id", &["-u"]).as_deref() != Some("0") || output("sh", &["-c", "command -v apt-get"]).is_none() {
        bail!("install {} with your system's package manager, then run this again", packages.join(" "));
    }
    let root = workspace::root();
    run(&root, "apt-get", &["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    let mut command = crate::run::command(&root, "apt-get", &arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
    crate::run::check(&mut command)
}

/// Installs the npm packages of `dir` by its lockfile, unless they are there.
pub(crate) fn npm(dir: &Path) -> anyhow::Result<()> {
    npm_with(dir, "ci")
}

/// The same for a peer, whose lockfile may lack the packages of other platforms.
pub(crate) fn npm_of_peer(dir: &Path) -> anyhow::Result<()> {
    npm_with(dir, "install")
}

fn npm_with(dir: &Path, how: &str) -> anyhow::Result<()> {
    let lockfile = dir.join("package-lock.json");
    let stamp = dir.join("node_modules/.xtask-lock");
    let wanted = std::fs::read(&lockfile)?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(dir, "npm", &[how, "--no-audit", "--no-fund", "--loglevel=error"])?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}
