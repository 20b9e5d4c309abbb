//! The V8 engine, as the command line uses it: where its snapshot is kept, and who makes it.

use std::path::PathBuf;
use std::process::Command;

use console::{Term, style};
use vinext_adapters::native::engine::SnapshotMaker;

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
