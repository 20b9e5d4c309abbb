//! The map from URL paths to files.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use http::HeaderValue;
use vinext_router::CanonicalPath;

use super::representation::Representation;
use crate::native::server::content_type::{content_type, is_compressible};
use crate::native::server::negotiation::Coding;

/// Names of files below this contain a hash of their content.
const IMMUTABLE: &str = "/_next/static/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, max-age=0");

/// Every static file by its URL path below the base path.
pub(in crate::native::server) struct StaticIndex {
    files: HashMap<Box<str>, StaticFile>,
}

/// One file and its compressed copies.
pub(super) struct StaticFile {
    pub(super) content_type: HeaderValue,
    pub(super) cache_control: HeaderValue,
    pub(super) modified: Option<SystemTime>,
    /// Whether it shrinks.
    pub(super) compressible: bool,
    pub(super) identity: Representation,
    pub(super) brotli: Option<Representation>,
    pub(super) gzip: Option<Representation>,
}

/// How much memory files may take.
#[derive(Debug, Clone, Copy)]
pub(in crate::native::server) struct MemoryLimits {
    /// Larger files are read from disk for every request.
    pub(in crate::native::server) file: u64,
    /// All files together; those that do not fit are read from disk.
    pub(in crate::native::server) total: u64,
}

/// A file that was found.
struct Found {
    path: Utf8PathBuf,
    len: u64,
    modified: Option<SystemTime>,
}

impl StaticIndex {
    /// Walks the folders; where both have a file, the first folder's is served. A folder that is not there is empty.
    pub(in crate::native::server) fn build(folders: &[&Utf8Path], compress: bool, limits: MemoryLimits) -> io::Result<Self> {
        let mut files = HashMap::new();
        let mut budget = limits.total;
        for folder in folders {
            let found = walk(folder)?;
            let mut paths: Vec<&CanonicalPath> = found.keys().collect();
            // Which files get to stay in memory does not depend on the file system's order.
            paths.sort_unstable();
            for path in paths {
                let key = path.as_str();
                if !files.contains_key(key) && !is_copy_in_build(key, &found) {
                    let file = StaticFile::new(path, &found, compress, limits.file, &mut budget);
                    files.extend(file.map(|file| (key.into(), file)));
                }
            }
        }
        Ok(Self { files })
    }

    pub(super) fn get(&self, path: &CanonicalPath) -> Option<&StaticFile> {
        self.files.get(path.as_str())
    }

    /// Whether only a file could answer this path.
    pub(in crate::native::server) fn owns(path: &CanonicalPath) -> bool {
        path.as_str().starts_with(IMMUTABLE)
    }
}

/// In a build, `a.js.br` is `a.js` and not a file of its own. In `public/` it may be a download.
fn is_copy_in_build(path: &str, found: &HashMap<CanonicalPath, Found>) -> bool {
    let original = path.strip_suffix(".br").or_else(|| path.strip_suffix(".gz"));
    path.starts_with(IMMUTABLE)
        && original.and_then(|path| path.parse().ok()).is_some_and(|path: CanonicalPath| found.contains_key(&path))
}

impl StaticFile {
    fn new(
        path: &CanonicalPath,
        found: &HashMap<CanonicalPath, Found>,
        compress: bool,
        file_limit: u64,
        budget: &mut u64,
    ) -> Option<Self> {
        let file = found.get(path)?;
        let content_type = content_type(&file.path);
        let compressible = is_compressible(&content_type);
        let mut represent = |file: &Found, coding| {
            let in_memory = file.len <= file_limit && file.len <= *budget;
            if in_memory {
                *budget -= file.len;
            }
            Representation::new(file.path.clone(), file.len, coding, in_memory)
        };
        let identity = represent(file, Coding::Identity);
        let mut copy = |suffix: &str, coding| {
            let copy = format!("{path}.{suffix}").parse::<CanonicalPath>().ok().and_then(|copy| found.get(&copy));
            match copy {
                _ if !compressible => None,
                // A copy that is older than the file is a copy of something else.
                Some(copy) if copy.modified >= file.modified => Some(represent(copy, coding)),
                _ if compress => identity.compressed(coding),
                _ => None,
            }
        };
        Some(Self {
            brotli: copy("br", Coding::Brotli),
            gzip: copy("gz", Coding::Gzip),
            content_type: HeaderValue::try_from(content_type).ok()?,
            cache_control: if path.as_str().starts_with(IMMUTABLE) { FOREVER } else { REVALIDATE },
            modified: file.modified,
            compressible,
            identity,
        })
    }
}

/// Every file below `root`, by its path as a URL has it.
fn walk(root: &Utf8Path) -> io::Result<HashMap<CanonicalPath, Found>> {
    let mut found = HashMap::new();
    // Links are followed, as the developer put them there; a folder that is its own descendant is entered once.
    let mut entered = HashSet::new();
    let mut pending = vec![(root.to_owned(), Vec::<String>::new())];
    while let Some((folder, segments)) = pending.pop() {
        let Ok(real) = folder.canonicalize_utf8() else { continue };
        if !entered.insert(real) {
            continue;
        }
        for entry in folder.as_std_path().read_dir()? {
            let entry = entry?;
            // A name that is not UTF-8 has no URL.
            let (Ok(name), Ok(path)) = (entry.file_name().into_string(), Utf8PathBuf::try_from(entry.path())) else {
                continue;
            };
            // A link that leads nowhere.
            let Ok(metadata) = path.metadata() else { continue };
            let mut segments = segments.clone();
            segments.push(name);
            if metadata.is_dir() {
                pending.push((path, segments));
            } else if metadata.is_file()
                && let Ok(url) = CanonicalPath::from_segments(&segments)
            {
                found.insert(url, Found { path, len: metadata.len(), modified: metadata.modified().ok() });
            }
        }
    }
    Ok(found)
}
