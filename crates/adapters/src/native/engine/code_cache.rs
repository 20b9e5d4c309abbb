//! What V8 has made of scripts before: an isolate that finds it does not parse them again.
//!
//! There is a file for each script, named after a digest of its address and its text. V8 takes nothing that another V8, or
//! one with other flags, has made.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use deno_core::{ModuleSpecifier, SourceCodeCacheInfo};

use super::digest;

/// The folders in which it is kept. Without one, scripts are compiled at each start.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeCache {
    /// Of the web platform's scripts: as old as the snapshot beside them.
    pub(super) platform: Option<PathBuf>,
    /// Of the app's: as old as its build.
    pub(super) app: Option<PathBuf>,
}

impl CodeCache {
    /// What there is of a script. `None`: nothing is to be kept of it either.
    pub(super) fn find(&self, script: &ModuleSpecifier, text: &str) -> Option<SourceCodeCacheInfo> {
        let folder = self.folder(script)?;
        let hash = hash_of(script, text);
        let data = fs::read(file(folder, hash)).ok().map(Cow::Owned);
        Some(SourceCodeCacheInfo { hash, data })
    }

    /// Keeps what V8 has made of a script. A folder that cannot be written costs time at the next start, and nothing else.
    pub(super) fn keep(&self, script: &ModuleSpecifier, hash: u64, code: &[u8]) {
        let Some(folder) = self.folder(script) else { return };
        let file = file(folder, hash);
        // Isolates that start together write the same under names of their own.
        let temporary = file.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&temporary, code));
        if written.and_then(|()| fs::rename(&temporary, &file)).is_err() {
            let _ = fs::remove_file(&temporary);
        }
    }

    fn folder(&self, script: &ModuleSpecifier) -> Option<&Path> {
        // QuickJS makes nothing that could be kept.
        let folder = if script.scheme() == "file" { &self.app } else { &self.platform };
        folder.as_deref().filter(|_| cfg!(not(feature = "quickjs")))
    }
}

fn file(folder: &Path, hash: u64) -> PathBuf {
    folder.join(format!("{hash:016x}"))
}

fn hash_of(script: &ModuleSpecifier, text: &str) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest::of(&[script.as_str(), text]).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
#[cfg(not(feature = "quickjs"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn script(address: &str) -> ModuleSpecifier {
        ModuleSpecifier::parse(address).unwrap()
    }

    #[test]
    fn what_is_kept_is_found_by_address_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache { platform: Some(folder.path().join("platform")), app: Some(folder.path().join("app")) };
        for address in ["ext:a.js", "node:b", "file:///c.js"] {
            let found = cache.find(&script(address), "text").unwrap();
            assert_eq!(found.data, None);
            cache.keep(&script(address), found.hash, address.as_bytes());
            let found = cache.find(&script(address), "text").unwrap();
            assert_eq!(found.data.as_deref(), Some(address.as_bytes()));
            assert_eq!(cache.find(&script(address), "taxt").unwrap().data, None, "as long, and another text");
        }
        let count = |name: &str| fs::read_dir(folder.path().join(name)).unwrap().count();
        assert_eq!((count("platform"), count("app")), (2, 1));
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let cache = CodeCache::default();
        assert!(cache.find(&script("file:///c.js"), "text").is_none());
        cache.keep(&script("file:///c.js"), 1, b"code");
        let file = tempfile::NamedTempFile::new().unwrap();
        let cache = CodeCache { app: Some(file.path().join("no folder")), platform: None };
        cache.keep(&script("file:///c.js"), 1, b"code");
        assert_eq!(cache.find(&script("file:///c.js"), "text").unwrap().data, None);
    }
}
