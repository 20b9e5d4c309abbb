//! The V8 engine, as the command line uses it: how it is started, where its snapshot is kept, and who makes it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use console::{Term, style};
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::engine::{SnapshotMaker, V8Options};
use vinext_cache::Cache;

/// How many requests may wait for an isolate.
const QUEUE: usize = 4096;
const HEAP: usize = 512 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// The hidden subcommand that makes the startup snapshot.
pub(crate) const SNAPSHOT_COMMAND: &str = "engine-snapshot";

/// Where what can be made again is kept: `VINEXT_CACHE_DIR`, else the user's cache directory.
pub(crate) fn cache_dir() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("VINEXT_CACHE_DIR")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("vinext")))
        .or_else(|| Some(set("HOME")?.join(".cache/vinext")))
        .unwrap_or_else(|| std::env::temp_dir().join("vinext"))
}

/// One isolate for the server module in `dir`, which keeps nothing.
pub(crate) fn options(dir: &BuildDir, manifest: &Manifest, variables: BTreeMap<String, String>) -> V8Options {
    V8Options {
        isolates: 1,
        heap_limit: HEAP,
        cpu_limit: PATIENCE,
        queue: QUEUE,
        cache_dir: cache_dir(),
        snapshot: snapshot_maker(),
        code: Some(dir.code().into_std_path_buf()),
        rsc: dir.resolve(&manifest.server.rsc).into_std_path_buf(),
        ssr: dir.resolve(&manifest.server.ssr).into_std_path_buf(),
        host: manifest.host(),
        env: variables,
        logger: Arc::new(log),
        data: Cache::in_memory(0),
        invalidator: Arc::new(|_tags, _expire| {}),
        handlers: None,
    }
}

/// The engine says a lot while it makes a snapshot; a process of its own keeps that to itself.
pub(crate) fn snapshot_maker() -> SnapshotMaker {
    match std::env::current_exe() {
        Ok(executable) => {
            let mut command = Command::new(executable);
            command.arg(SNAPSHOT_COMMAND);
            SnapshotMaker::Child(command)
        }
        Err(_) => SnapshotMaker::ThisProcess,
    }
}

/// A line of the server's log.
pub(crate) fn log(level: u8, line: &str) {
    let mark = match level {
        0 | 1 => return,
        2 => style("⚠").yellow(),
        _ => style("⨯").red(),
    };
    Term::stderr().write_line(&format!("{mark} {line}")).ok();
}
