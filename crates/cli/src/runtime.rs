//! The framework's TypeScript, embedded in the binary.
//!
//! The compiler asks for a file by its path below `runtime/`; the table is written by `build.rs`, so a file that exists
//! in the folder is in the binary and nothing has to be listed twice.

use std::borrow::Cow;
use std::path::PathBuf;

/// Every runtime source, sorted by path.
static SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runtime_sources.rs"));

/// Which runtime file stands for which public module (`next/link`), per graph.
static MODULES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/modules.json"));

/// Where the runtime is read from instead, for those who work on it: an edit then needs no new binary. Releases only
/// know their own.
pub(crate) fn folder() -> Option<PathBuf> {
    if cfg!(debug_assertions) { std::env::var_os("VINEXT_RUNTIME").map(PathBuf::from) } else { None }
}

/// The text of `runtime/modules.json`.
pub(crate) fn modules() -> Cow<'static, str> {
    folder()
        .and_then(|folder| std::fs::read_to_string(folder.join("modules.json")).ok())
        .map_or(Cow::Borrowed(MODULES), Cow::Owned)
}

/// The source of the runtime file at `path`, relative to `runtime/`.
pub(crate) fn source(path: &str) -> Option<&'static str> {
    let index = SOURCES.binary_search_by_key(&path, |&(name, _)| name).ok()?;
    SOURCES.get(index).map(|&(_, source)| source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_found_by_its_path() {
        assert!(SOURCES.is_sorted());
        for (path, text) in SOURCES {
            assert_eq!(source(path), Some(*text));
        }
        assert_eq!(source("server/entry.nope"), None);
    }
}
