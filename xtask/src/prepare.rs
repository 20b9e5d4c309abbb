//! What a fresh machine lacks: found, installed, or explained, before anything fails for want of it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::engine::Engine;
use crate::run::{output, run, say};
use crate::{quickjs, workspace};

/// Something that a machine has, or that one of Debian's packages brings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    what: &'static str,
    package: &'static str,
    has: fn() -> bool,
    /// What else can be done about it.
    or: &'static str,
}

/// `libsqlite3-sys`, below Deno's `node:sqlite`, reads a header with it.
const LIBCLANG: Need = Need {
    what: "libclang",
    package: "libclang-dev",
    has: || std::env::var_os("LIBCLANG_PATH").is_some() || has_libclang(),
    or: " (or set LIBCLANG_PATH to its folder)",
};

/// For the browser suite.
pub(crate) const CHROMIUM: Need = Need {
    what: "Chromium",
    package: "chromium",
    has: || find_chromium().is_some(),
    or: " (or set CHROMIUM to its path)",
};

/// For the store of `vinext-cache` that is a Redis server.
pub(crate) const REDIS: Need = Need::new("redis-server", "redis-server", || has_program("redis-server"));

impl Need {
    pub(crate) const fn new(what: &'static str, package: &'static str, has: fn() -> bool) -> Self {
        Self { what, package, has, or: "" }
    }
}

/// Everything that a build of vinext needs, and the engine that it gets.
pub(crate) fn for_build(asked: Option<Engine>) -> anyhow::Result<Engine> {
    for_task(asked, &[])
}

/// The same for a task that will need more in the end: a machine that lacks it says so before anything long begins.
pub(crate) fn for_task(asked: Option<Engine>, also: &[Need]) -> anyhow::Result<Engine> {
    node()?;
    let of_engine = if asked == Some(Engine::Quickjs) { quickjs::NEEDS.as_slice() } else { &[] };
    satisfy(&[&[LIBCLANG], also, of_engine].concat())?;
    let engine = Engine::choose(asked)?;
    if engine == Engine::Quickjs {
        satisfy(&quickjs::NEEDS)?;
    }
    Ok(engine)
}

/// Installs what is missing, or names all of it.
fn satisfy(needs: &[Need]) -> anyhow::Result<()> {
    let missing = || needs.iter().copied().filter(|need| !(need.has)()).collect::<Vec<_>>();
    let before = missing();
    if before.is_empty() {
        return Ok(());
    }
    if !can_install() {
        bail!("{}, then run this again", naming(&before));
    }
    let names: Vec<_> = before.iter().map(|need| need.what).collect();
    say(&format!("{} missing: installing (a few minutes at most)", names.join(", ")));
    install(&before.iter().map(|need| need.package).collect::<Vec<_>>())?;
    let after = missing();
    if after.is_empty() { Ok(()) } else { bail!("still missing after the installation: {}", naming(&after)) }
}

/// What a person is asked to install.
fn naming(needs: &[Need]) -> String {
    let names: Vec<_> = needs.iter().map(|need| format!("{}{}", need.what, need.or)).collect();
    let packages: Vec<_> = needs.iter().map(|need| need.package).collect();
    format!("install {}; Debian's packages are {}", names.join(", "), packages.join(" "))
}

/// Whether there is a program of that name in the path.
pub(crate) fn has_program(name: &str) -> bool {
    find_program(name).is_some()
}

fn find_program(name: &str) -> Option<PathBuf> {
    output("sh", &["-c", &format!("command -v {name}")]).map(PathBuf::from)
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

/// Chromium's path.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    satisfy(&[CHROMIUM])?;
    find_chromium().context("Chromium is there no more")
}

fn find_chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| names.into_iter().find_map(find_program))
}

/// Whether packages can be installed: as root, on Debian.
fn can_install() -> bool {
    output("id", &["-u"]).as_deref() == Some("0") && has_program("apt-get")
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        assert_eq!(
            naming(&[LIBCLANG, REDIS]),
            "install libclang (or set LIBCLANG_PATH to its folder), redis-server; \
             Debian's packages are libclang-dev redis-server"
        );
    }

    #[test]
    fn what_a_machine_has_is_not_asked_for() {
        let there = Need { has: || true, ..REDIS };
        assert!(satisfy(&[there, there]).is_ok());
    }
}
