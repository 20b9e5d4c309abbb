//! Lists the files of an app on disk. This is all the crate does with the file system.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::{ScanError, ScanErrors};
use crate::graph::RouteGraph;

/// Scans the project in `root`: its `app` or `src/app` folder. See [`scan`](crate::scan).
///
/// Symbolic links are followed; private folders (`_name`) of the app and `node_modules` are not entered.
pub fn scan_app<E: AsRef<str>>(root: &Utf8Path, page_extensions: &[E]) -> Result<RouteGraph, ScanErrors> {
    let mut walk = Walk { root, files: Vec::new(), entered: HashSet::new(), errors: Vec::new() };
    for folder in ["app", "src/app", "pages", "src/pages"] {
        walk.enter(Utf8PathBuf::from(folder));
    }
    let Walk { files, mut errors, .. } = walk;
    match super::scan(&files, page_extensions) {
        Ok(graph) if errors.is_empty() => Ok(graph),
        Ok(_) => Err(ScanErrors::new(errors)),
        Err(scan_errors) => {
            errors.extend(scan_errors.into_iter().map(|error| match error {
                ScanError::NoAppDir { .. } => ScanError::NoAppDir { root: root.to_owned() },
                error => error,
            }));
            Err(ScanErrors::new(errors))
        }
    }
}

struct Walk<'a> {
    root: &'a Utf8Path,
    files: Vec<Utf8PathBuf>,
    /// Real paths of linked folders, each entered once: a link may lead back up.
    entered: HashSet<PathBuf>,
    errors: Vec<ScanError>,
}

impl Walk<'_> {
    fn enter(&mut self, top: Utf8PathBuf) {
        if !self.root.join(&top).is_dir() {
            return;
        }
        let mut pending = vec![top];
        while let Some(folder) = pending.pop() {
            match self.list(&folder) {
                Ok(below) => pending.extend(below),
                Err(source) => self.errors.push(ScanError::Io { path: folder, source }),
            }
        }
    }

    /// Notes the files of one folder, relative to the root, and returns the folders in it.
    fn list(&mut self, folder: &Utf8Path) -> std::io::Result<Vec<Utf8PathBuf>> {
        let mut below = Vec::new();
        let is_pages = folder.starts_with("pages") || folder.starts_with("src/pages");
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let mut kind = entry.file_type()?;
            let linked = kind.is_symlink();
            if linked {
                // A dangling link is not a file.
                let Ok(target) = fs::metadata(entry.path()) else { continue };
                kind = target.file_type();
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                // A file of such a name has no meaning; a folder of it could hold pages that would silently be missing.
                if kind.is_dir() {
                    self.errors.push(ScanError::NotUtf8 {
                        parent: folder.to_owned(),
                        name: name.to_string_lossy().into_owned(),
                    });
                }
                continue;
            };
            // Not `Utf8Path::join`, which writes the system's separator.
            let path = Utf8PathBuf::from(format!("{folder}/{name}"));
            if !kind.is_dir() {
                self.files.push(path);
            } else if (!name.starts_with('_') || is_pages)
                && name != "node_modules"
                && (!linked || self.entered.insert(entry.path().canonicalize()?))
            {
                below.push(path);
            }
        }
        Ok(below)
    }
}
