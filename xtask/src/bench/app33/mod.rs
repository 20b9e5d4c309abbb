//! The 33-route app: 31 pages and 2 route handlers that exercise the ordinary shapes of an App Router project
//! (nested layouts, client components, dynamic and catch-all segments, metadata templates) and nothing exotic, so that
//! every framework builds the same thing. It is generated, because the benchmark needs it at other sizes too; the
//! standard size is committed as `examples/thirty-three` for people to run.

mod pages;
mod prng;
mod scale;

use std::fs;
use std::io;
use std::path::Path;

/// One generated source file; the path is relative to the project root.
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { path: path.into(), text: text.trim_start_matches('\n').to_owned() }
    }
}

/// The sources of the app, with `extra` generated pages on top of its 33 routes.
pub(crate) fn sources(extra: usize) -> Vec<SourceFile> {
    let mut files = pages::sources();
    if extra > 0 {
        files.extend(scale::sources(extra));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Writes the sources below `dir`. What else is there (manifest, lockfile, configuration) is left alone.
pub(crate) fn write(dir: &Path, extra: usize) -> io::Result<usize> {
    let files = sources(extra);
    write_files(dir, &files)?;
    Ok(files.len())
}

/// Writes files below `dir`.
pub(crate) fn write_files(dir: &Path, files: &[SourceFile]) -> io::Result<()> {
    for file in files {
        let path = dir.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &file.text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::collections::BTreeSet;

    use super::*;

    fn count(files: &[SourceFile], name: &str) -> usize {
        files.iter().filter(|file| file.path.rsplit('/').next() == Some(name)).count()
    }

    #[test]
    fn it_has_31_pages_2_handlers_and_5_layouts() {
        let files = sources(0);
        assert_eq!(count(&files, "page.tsx"), 31);
        assert_eq!(count(&files, "route.ts"), 2);
        assert_eq!(count(&files, "layout.tsx"), 5);
        assert_eq!(files.iter().filter(|file| file.text.starts_with("\"use client\"")).count(), 3);
    }

    #[test]
    fn every_path_is_written_once() {
        let files = sources(40);
        assert_eq!(files.iter().map(|file| &file.path).collect::<BTreeSet<_>>().len(), files.len());
    }

    #[test]
    fn extra_pages_bring_their_widgets_and_modules() {
        let files = sources(80);
        assert_eq!(count(&files, "page.tsx"), 31 + 80);
        assert_eq!(files.iter().filter(|file| file.text.starts_with("\"use client\"")).count(), 3 + 10);
        assert_eq!(files.iter().filter(|file| file.path.ends_with(".js")).count(), 10);
    }

    #[test]
    fn the_committed_example_is_what_the_generator_writes() {
        let root = crate::workspace::root().join("examples/thirty-three");
        for file in sources(0) {
            let committed = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
            assert!(committed == file.text, "{} differs: run `cargo xtask app --out examples/thirty-three`", file.path);
        }
        let expected: BTreeSet<_> = sources(0).into_iter().map(|file| file.path).collect();
        let mut found = BTreeSet::new();
        let mut folders = vec![root.join("app")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        assert_eq!(found, expected);
    }
}
