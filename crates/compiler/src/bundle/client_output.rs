//! From the browser graph's chunks to what a page must name: URLs of scripts, and what each needs before it.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::groups::ReferenceGroup;
use super::virtual_modules::ENTRY_CLIENT;

/// A chunk, as far as loading it is concerned.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChunkFile {
    /// Path below the client's output directory: `_next/static/chunks/main-x.js`.
    pub(crate) file: String,
    /// The entry module it stands for.
    pub(crate) entry: Option<String>,
    /// Files it imports statically.
    pub(crate) imports: Vec<String>,
}

/// Scripts by role, as files below the client's output directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientScripts {
    /// The client entry.
    pub(crate) entry: String,
    /// What the entry imports.
    pub(crate) preload: Vec<String>,
    /// Reference id to its script and what that needs beyond the entry and its imports.
    pub(crate) references: BTreeMap<String, Vec<String>>,
    /// The same for what is imported by `import()`, by its id. What is part of another script is not listed.
    pub(crate) dynamic: BTreeMap<String, Vec<String>>,
}

/// Finds the scripts of the entry and of each reference group.
pub(crate) fn client_scripts(
    chunks: &[ChunkFile],
    groups: &[ReferenceGroup],
    dynamic: &BTreeMap<String, String>,
) -> ClientScripts {
    let by_file: FxHashMap<&str, &ChunkFile> = chunks.iter().map(|chunk| (chunk.file.as_str(), chunk)).collect();
    let by_entry: FxHashMap<&str, &ChunkFile> =
        chunks.iter().filter_map(|chunk| Some((chunk.entry.as_deref()?, chunk))).collect();
    let with_imports = |chunk: &ChunkFile| {
        let mut files = vec![chunk.file.clone()];
        let mut seen: FxHashSet<String> = files.iter().cloned().collect();
        let mut next = 0;
        while let Some(chunk) = files.get(next).and_then(|file| by_file.get(file.as_str())) {
            next += 1;
            for import in &chunk.imports {
                if seen.insert(import.clone()) {
                    files.push(import.clone());
                }
            }
        }
        files
    };
    let mut initial = by_entry.get(ENTRY_CLIENT).map(|chunk| with_imports(chunk)).unwrap_or_default();
    let mut references = BTreeMap::new();
    for group in groups {
        let Some(chunk) = by_entry.get(group.module.as_str()) else { continue };
        let files: Vec<String> = with_imports(chunk).into_iter().filter(|file| !initial.contains(file)).collect();
        references.extend(group.references.iter().map(|id| (id.clone(), files.clone())));
    }
    let dynamic = dynamic.iter().filter_map(|(id, module)| {
        let chunk = by_entry.get(module.as_str())?;
        Some((id.clone(), with_imports(chunk).into_iter().filter(|file| !initial.contains(file)).collect()))
    });
    let dynamic = dynamic.collect();
    if initial.is_empty() {
        return ClientScripts { references, dynamic, ..ClientScripts::default() };
    }
    let preload = initial.split_off(1);
    ClientScripts { entry: initial.swap_remove(0), preload, references, dynamic }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_needs_its_group_and_what_that_imports_beyond_the_entry() {
        let chunk = |file: &str, entry: Option<&str>, imports: &[&str]| ChunkFile {
            file: file.to_owned(),
            entry: entry.map(ToOwned::to_owned),
            imports: imports.iter().map(|&import| import.to_owned()).collect(),
        };
        let chunks = [
            chunk("main.js", Some("vinext:entry/client"), &["react.js"]),
            chunk("react.js", None, &[]),
            chunk("g.js", Some("vinext:refs/g"), &["main.js", "shared.js"]),
            chunk("shared.js", None, &["react.js", "deep.js"]),
            chunk("deep.js", None, &["g.js"]),
            chunk("chart.js", Some("/app/chart.tsx"), &["react.js", "deep.js"]),
        ];
        let group = ReferenceGroup {
            module: "vinext:refs/g".to_owned(),
            references: vec!["a".to_owned(), "b".to_owned()],
            source: String::new(),
        };
        let dynamic = [("c", "/app/chart.tsx"), ("part of g.js", "/app/other.tsx")];
        let dynamic = dynamic.map(|(id, module)| (id.to_owned(), module.to_owned())).into();
        let scripts = client_scripts(&chunks, &[group], &dynamic);
        assert_eq!(scripts.entry, "main.js");
        assert_eq!(scripts.preload, ["react.js"]);
        assert_eq!(scripts.references["a"], ["g.js", "shared.js", "deep.js"]);
        assert_eq!(scripts.references["a"], scripts.references["b"]);
        assert_eq!(scripts.dynamic.keys().collect::<Vec<_>>(), ["c"]);
        assert_eq!(scripts.dynamic["c"][..2], ["chart.js", "deep.js"]);
    }
}
