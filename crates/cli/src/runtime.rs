//! The framework's TypeScript, embedded in the binary.
//!
//! The compiler asks for a file by its path below `runtime/`; the table is written by `build.rs`, so a file that exists
//! in the folder is in the binary and nothing has to be listed twice.

/// Every runtime source, sorted by path.
static SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runtime_sources.rs"));

/// Which runtime file stands for which public module (`next/link`), per graph.
pub(crate) static MODULES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/modules.json"));

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
