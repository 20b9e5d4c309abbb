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
use super::{digest, platform};

const HEAP: &str = "heap.bin";
const LAZY: &str = "lazy.txt";
const SOURCES: [&str; 2] = [include_str!("host.js"), include_str!("snapshot.js")];

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

/// A text of the file with the sources that a snapshot does not hold. The file begins with a line that lists them, as JSON;
/// the texts follow, one after the other: nothing of them has to be copied.
#[derive(Debug, Serialize, Deserialize)]
struct Lazy {
    name: String,
    is_module: bool,
    bytes: usize,
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
    let dir = folder(cache_dir);
    if !dir.join(HEAP).is_file() {
        make_beside(&dir, maker)?;
    }
    let heap = fs::read(dir.join(HEAP))?;
    let [lazy_scripts, lazy_modules] = lazy(fs::read_to_string(dir.join(LAZY))?.leak())?;
    let snapshot = Snapshot { heap: Some(heap.leak()), lazy_scripts, lazy_modules };
    *loaded = Some(snapshot);
    Ok(snapshot)
}

fn folder(cache_dir: &Path) -> PathBuf {
    cache_dir.join(format!("engine-{}", version()))
}

/// Where it is kept what V8 has made of the scripts that a snapshot does not hold.
pub(super) fn code_folder(cache_dir: &Path) -> PathBuf {
    folder(cache_dir).join("code")
}

type Sources = &'static [(&'static str, &'static str)];

/// The scripts and the modules of a file.
fn lazy(file: &'static str) -> io::Result<[Sources; 2]> {
    let cut_short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the engine's sources are cut short");
    let (list, mut texts) = file.split_once('\n').ok_or_else(cut_short)?;
    let (mut scripts, mut modules) = (Vec::new(), Vec::new());
    for Lazy { name, is_module, bytes } in serde_json::from_str::<Vec<Lazy>>(list)? {
        let (text, rest) = texts.split_at_checked(bytes).ok_or_else(cut_short)?;
        texts = rest;
        if is_module { &mut modules } else { &mut scripts }.push((&*name.leak(), text));
    }
    Ok([scripts.leak(), modules.leak()])
}

/// What the snapshot depends on.
fn version() -> String {
    let platform = deno_runtime::BootstrapOptions::default().user_agent;
    digest::of(&[env!("CARGO_PKG_VERSION"), v8::VERSION_STRING, SOURCES[0], SOURCES[1], LAZY, &platform]).to_hex()[..16]
        .to_owned()
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

/// The same with what a snapshot holds besides.
fn host_for_snapshot() -> Extension {
    let mut host = host_with_source();
    let entry = "ext:vinext_host/snapshot.js";
    host.esm_files.to_mut().push(ExtensionFileSource::new(entry, ascii_str_include!("snapshot.js")));
    host.esm_entry_point = Some(entry);
    host
}

fn make(dir: &Path) -> io::Result<()> {
    let options = SnapshotOptions { v8_version: v8::VERSION_STRING, ..SnapshotOptions::default() };
    let output = create_runtime_snapshot(dir.join(HEAP), options, vec![host_for_snapshot()]);
    let (mut list, mut texts) = (Vec::new(), String::new());
    for file in output.lazy_extension_files {
        if output.consumed_lazy_specifiers.contains(&file.specifier) {
            continue;
        }
        let text = fs::read_to_string(&file.path)?;
        let (code, _) = deno_runtime::transpile::maybe_transpile_source(file.specifier.clone().into(), text.into())
            .map_err(|error| io::Error::other(error.to_string()))?;
        let is_module = matches!(file.kind, LazyExtensionFileKind::Esm);
        list.push(Lazy { name: file.specifier, is_module, bytes: code.as_str().len() });
        texts.push_str(code.as_str());
    }
    fs::write(dir.join(LAZY), format!("{}\n{texts}", serde_json::to_string(&list)?))
}
