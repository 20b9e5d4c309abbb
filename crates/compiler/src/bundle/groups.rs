//! Client references that the same routes use travel in one script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reach::{ClientReference, RscGraph};
use super::virtual_modules::{ENTRY_CLIENT, REFS};

/// One `vinext:refs/<name>` module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferenceGroup {
    /// `vinext:refs/<name>`.
    pub(crate) module: String,
    /// Ids of the references in it.
    pub(crate) references: Vec<String>,
    /// Its text.
    pub(crate) source: String,
}

/// Groups the app's references by the set of routes that reach them. The framework's own are left out: the client
/// entry has them.
pub(crate) fn group_references(graph: &RscGraph) -> Vec<ReferenceGroup> {
    let mut by_routes: BTreeMap<&[String], Vec<&ClientReference>> = BTreeMap::new();
    for reference in graph.client_references.iter().filter(|reference| !reference.framework) {
        let routes = graph.routes_using.get(&reference.id).map_or(&[][..], Vec::as_slice);
        by_routes.entry(routes).or_default().push(reference);
    }
    by_routes.into_values().map(|references| group(&references)).collect()
}

fn group(references: &[&ClientReference]) -> ReferenceGroup {
    let mut hasher = blake3::Hasher::new();
    // What the entry and the groups share belongs to the entry, which every page has loaded. Saying that each group
    // imports the entry makes the bundler put it there instead of into one more file.
    let mut source = format!("import {};\n", quoted(ENTRY_CLIENT));
    for reference in references {
        hasher.update(reference.id.as_bytes());
        let _ = writeln!(source, "export * as m_{} from {};", reference.id, quoted(&reference.module));
    }
    let name = &hasher.finalize().to_hex()[..16];
    ReferenceGroup {
        module: format!("{REFS}{name}"),
        references: references.iter().map(|reference| reference.id.clone()).collect(),
        source,
    }
}

/// A JavaScript string literal.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(id: &str, framework: bool) -> ClientReference {
        ClientReference {
            id: id.to_owned(),
            path: format!("{id}.tsx"),
            module: format!("/r/{id}.tsx"),
            exports: vec!["default".to_owned()],
            framework,
        }
    }

    #[test]
    fn references_of_the_same_routes_share_a_group_and_the_frameworks_have_none() {
        let routes = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let graph = RscGraph {
            client_references: vec![
                reference("a", false),
                reference("b", false),
                reference("c", false),
                reference("f", true),
            ],
            routes_using: BTreeMap::from([
                ("a".to_owned(), routes(&["/x", "/y"])),
                ("b".to_owned(), routes(&["/x"])),
                ("c".to_owned(), routes(&["/x", "/y"])),
                ("f".to_owned(), routes(&["/x"])),
            ]),
            ..RscGraph::default()
        };
        let groups = group_references(&graph);
        let ids: Vec<_> = groups.iter().map(|group| group.references.clone()).collect();
        assert_eq!(ids, [routes(&["b"]), routes(&["a", "c"])]);
        assert!(groups[1].source.contains("export * as m_a from \"/r/a.tsx\";\n"));
        assert!(groups[0].module.starts_with("vinext:refs/"));
        assert_ne!(groups[0].module, groups[1].module);
    }
}
