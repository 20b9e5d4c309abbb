//! `next/root-params`: a function per dynamic segment that lies above a root layout.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vinext_router::{FileRole, RouteGraph, SegmentTree};

/// The id of the generated module.
pub(super) const MODULE: &str = "vinext:root-params";

/// The text of the module, or what keeps it from being written.
pub(super) fn source(graph: &RouteGraph) -> Result<String, String> {
    let mut out = String::from("import { rootParam } from \"vinext:runtime/server/root-params.ts\";\n");
    for name in names(graph) {
        if !is_identifier(&name) {
            return Err(format!(
                "the folder `[{name}]` lies above a root layout, and no function can be called `{name}`: rename it"
            ));
        }
        let _ = writeln!(out, "export const {name} = () => rootParam(\"{name}\");");
    }
    Ok(out)
}

/// The names of all root parameters.
fn names(graph: &RouteGraph) -> BTreeSet<String> {
    let trees = graph.routes.iter().filter_map(|route| route.tree());
    trees.flat_map(above_root_layout).collect()
}

fn above_root_layout(tree: &SegmentTree) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(tree);
    while let Some(node) = next {
        names.extend(param(&node.segment).map(str::to_owned));
        if node.files.contains_key(&FileRole::Layout) {
            return names;
        }
        next = node.slots.get(SegmentTree::CHILDREN);
    }
    Vec::new()
}

/// The name in `[name]`, `[...name]` and `[[...name]]`.
fn param(segment: &str) -> Option<&str> {
    let inner = segment.strip_prefix('[')?.strip_suffix(']')?;
    let inner = inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(inner);
    Some(inner.strip_prefix("...").unwrap_or(inner))
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_' || first == '$')
        && characters.all(|character| character.is_alphanumeric() || character == '_' || character == '$')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_dynamic_segment_above_a_root_layout_has_a_function() {
        let files = [
            "app/[lang]/[tenant]/layout.tsx",
            "app/[lang]/[tenant]/page.tsx",
            "app/[lang]/[tenant]/item/[id]/layout.tsx",
            "app/[lang]/[tenant]/item/[id]/page.tsx",
            "app/(docs)/docs/[...path]/layout.tsx",
            "app/(docs)/docs/[...path]/page.tsx",
            "app/(plain)/layout.tsx",
            "app/(plain)/plain/[id]/page.tsx",
        ];
        let graph = vinext_router::scan(files, &["tsx"]).unwrap();
        assert_eq!(names(&graph).into_iter().collect::<Vec<_>>(), ["lang", "path", "tenant"]);
        assert!(source(&graph).unwrap().contains("export const lang = () => rootParam(\"lang\");"));
    }

    #[test]
    fn a_name_that_is_no_identifier_is_told() {
        let graph = vinext_router::scan(["app/[my-lang]/layout.tsx", "app/[my-lang]/page.tsx"], &["tsx"]).unwrap();
        assert!(source(&graph).unwrap_err().contains("[my-lang]"));
    }

    #[test]
    fn names_are_read_out_of_all_kinds_of_segments() {
        assert_eq!(["[a]", "[...b]", "[[...c]]", "d", "(e)"].map(param), [Some("a"), Some("b"), Some("c"), None, None]);
        assert!(is_identifier("lang_2") && !is_identifier("my-lang") && !is_identifier("2x"));
    }
}
