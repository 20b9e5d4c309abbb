//! The runtime as the compiler sees it: sources by path, and which of them stands for which public module.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use vinext_compiler::bundle::{NextModules, RuntimeSources};
use vinext_compiler::directives::Graph;

use crate::runtime;

/// The runtime that is embedded in the binary.
#[derive(Debug)]
pub(super) struct EmbeddedRuntime;

impl RuntimeSources for EmbeddedRuntime {
    fn source(&self, path: &str) -> Option<Cow<'_, str>> {
        if let Some(folder) = runtime::folder() {
            return std::fs::read_to_string(folder.join(path)).ok().map(Cow::Owned);
        }
        runtime::source(path).map(Cow::Borrowed)
    }
}

/// The file that stands for a public module, per graph. A graph without one refuses the import.
#[derive(Debug, Deserialize)]
struct Files {
    rsc: Option<String>,
    ssr: Option<String>,
    client: Option<String>,
}

/// The table of `runtime/modules.json`.
pub(super) fn next_modules() -> NextModules {
    #[expect(clippy::expect_used, reason = "the table is part of the binary and a test reads it")]
    let table: BTreeMap<String, Files> =
        serde_json::from_str(&runtime::modules()).expect("runtime/modules.json names a file per graph");
    let mut modules = NextModules::default();
    for (specifier, files) in table {
        for (graph, file) in [(Graph::Rsc, files.rsc), (Graph::Ssr, files.ssr), (Graph::Client, files.client)] {
            if let Some(file) = file {
                modules.insert_for(graph, specifier.clone(), format!("vinext:runtime/{file}"));
            }
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_public_module_is_a_file_that_exists() {
        let table: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&runtime::modules()).unwrap();
        assert!(table.contains_key("next/link"));
        for (specifier, files) in table {
            for (graph, file) in files {
                assert!(runtime::source(&file).is_some(), "{specifier} in {graph}: no runtime/{file}");
            }
        }
    }

    #[test]
    fn the_table_maps_a_specifier_per_graph() {
        let modules = next_modules();
        assert!(modules.get(Graph::Client, "next/link").unwrap().starts_with("vinext:runtime/next/"));
    }
}
