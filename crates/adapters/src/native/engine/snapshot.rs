//! The startup snapshot: V8's heap with the web platform already evaluated.
//!
//! The binary makes it itself when it is first needed and keeps it in a directory, so that the platform is not compiled
//! a second time as a build dependency. What a snapshot does not hold (modules that are evaluated on first use) is kept
//! beside it as text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use deno_core::{Extension, ExtensionFileSource, ascii_str_include, v8};
use deno_runtime::ops::bootstrap::SnapshotOptions;
use deno_runtime::snapshot::{LazyExtensionFileKind, create_runtime_snapshot};
use serde::{Deserialize, Serialize};

use super::ops::vinext_host;
use super::platform;

const HEAP: &str = "heap.bin";
const LAZY: &str = "lazy.json";
const HOST: &str = include_str!("host.js");

/// How a missing snapshot is made.
#[derive(Debug, Default)]
pub enum SnapshotMaker {
    /// In this process. The engine's own build messages go to standard output.
    #[default]
    ThisProcess,
    /// By a child process that calls [`make_snapshot`] with the path that is added to its arguments.
    Child(Command),
}

/// A snapshot in memory, for the life of the process: V8 keeps pointers into it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot {
    /// Absent on QuickJS, which evaluates the platform at every start.
    pub(super) heap: Option<&'static [u8]>,
    pub(super) lazy_scripts: &'static [(&'static str, &'static str)],
    pub(super) lazy_modules: &'static [(&'static str, &'static str)],
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct LazySources {
    scripts: Vec<(String, String)>,
    modules: Vec<(String, String)>,
}

/// The one snapshot of this process.
static SNAPSHOT: Mutex<Option<Snapshot>> = Mutex::new(None);

/// Loads the snapshot that belongs to this build of the engine from below `cache_dir`, making it if it is not there.
pub(super) fn load(cache_dir: &Path, maker: SnapshotMaker) -> io::Result<Snapshot> {
    if cfg!(feature = "quickjs") {
        return Ok(Snapshot { heap: None, lazy_scripts: &[], lazy_modules: &[] });
    }
    // Held while a snapshot is made: V8 cannot make two at a time.
    let mut loaded = SNAPSHOT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(snapshot) = *loaded {
        return Ok(snapshot);
    }
    let dir = cache_dir.join(format!("engine-{}", version()));
    if !dir.join(HEAP).is_file() {
        make_beside(&dir, maker)?;
    }
    let heap = fs::read(dir.join(HEAP))?;
    let lazy: LazySources = serde_json::from_slice(&fs::read(dir.join(LAZY))?)?;
    let snapshot =
        Snapshot { heap: Some(heap.leak()), lazy_scripts: leak(lazy.scripts), lazy_modules: leak(lazy.modules) };
    *loaded = Some(snapshot);
    Ok(snapshot)
}

fn leak(sources: Vec<(String, String)>) -> &'static [(&'static str, &'static str)] {
    let sources: Vec<(&'static str, &'static str)> =
        sources.into_iter().map(|(name, text)| (&*name.leak(), &*text.leak())).collect();
    sources.leak()
}

/// What the snapshot depends on.
fn version() -> String {
    let mut hasher = blake3::Hasher::new();
    for part in
        [env!("CARGO_PKG_VERSION"), v8::VERSION_STRING, HOST, &deno_runtime::BootstrapOptions::default().user_agent]
    {
        hasher.update(&part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Makes the snapshot under another name and moves it into place, so that processes that start together do not meet a
/// half-written one.
fn make_beside(dir: &Path, maker: SnapshotMaker) -> io::Result<()> {
    let temporary = PathBuf::from(format!("{}.{}", dir.display(), std::process::id()));
    fs::create_dir_all(&temporary)?;
    match maker {
        SnapshotMaker::ThisProcess => make_snapshot(&temporary)?,
        SnapshotMaker::Child(mut command) => {
            let output = command.arg(&temporary).stdin(Stdio::null()).stdout(Stdio::null()).output()?;
            if !output.status.success() {
                let message = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(io::Error::other(format!("the engine could not make its snapshot: {message}")));
            }
        }
    }
    match fs::rename(&temporary, dir) {
        Err(_) if dir.join(HEAP).is_file() => fs::remove_dir_all(&temporary),
        result => result,
    }
}

/// Writes the snapshot and the sources that it does not hold to `dir`, which exists.
pub fn make_snapshot(dir: &Path) -> io::Result<()> {
    let dir = dir.to_owned();
    platform::spawn("v8-snapshot".to_owned(), move || make(&dir))?
        .join()
        .map_err(|_| io::Error::other("the engine panicked while making its snapshot"))?
}

/// The host extension with its module, which a snapshot already holds.
pub(super) fn host_with_source() -> Extension {
    let mut host = vinext_host::init();
    host.esm_files = vec![ExtensionFileSource::new("ext:vinext_host/host.js", ascii_str_include!("host.js"))].into();
    host.esm_entry_point = Some("ext:vinext_host/host.js");
    host
}

fn make(dir: &Path) -> io::Result<()> {
    let options = SnapshotOptions { v8_version: v8::VERSION_STRING, ..SnapshotOptions::default() };
    let output = create_runtime_snapshot(dir.join(HEAP), options, vec![host_with_source()]);
    let mut lazy = LazySources::default();
    for file in output.lazy_extension_files {
        if output.consumed_lazy_specifiers.contains(&file.specifier) {
            continue;
        }
        let text = fs::read_to_string(&file.path)?;
        let (code, _) = deno_runtime::transpile::maybe_transpile_source(file.specifier.clone().into(), text.into())
            .map_err(|error| io::Error::other(error.to_string()))?;
        let entry = (file.specifier, code.as_str().to_owned());
        match file.kind {
            LazyExtensionFileKind::Js => lazy.scripts.push(entry),
            LazyExtensionFileKind::Esm => lazy.modules.push(entry),
        }
    }
    fs::write(dir.join(LAZY), serde_json::to_vec(&lazy)?)
}
