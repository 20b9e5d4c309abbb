//! The generated entry modules of the three graphs (docs/contracts.md, section 2).
//!
//! They are data turned into imports: every string goes through JSON escaping, so a file name can hold anything.

use std::fmt::Write as _;

use camino::Utf8Path;
use serde_json::{Value, json};
use vinext_router::{MetadataFile, Route, RouteGraph, RouteTarget, SegmentTree};

use super::action_key::ActionKey;
use super::instrumentation::Instrumentation;
use super::metadata_files;
use super::proxy::Proxy;
use crate::error::CliError;

/// What the rsc entry tells the server besides its routes.
#[derive(Debug, Clone)]
pub(crate) struct ServerFacts {
    /// The build's id.
    pub(crate) build_id: String,
    /// The part of `next.config` that rendering reads.
    pub(crate) config: Value,
    /// What ids of server functions and the values that these capture depend on.
    pub(crate) action_key: ActionKey,
    /// What runs when the app starts.
    pub(crate) instrumentation: Instrumentation,
    /// What is asked before a route answers.
    pub(crate) proxy: Option<Proxy>,
}

/// `vinext:entry/rsc`: the route table, with a lazy import for every file.
pub(crate) fn rsc(root: &Utf8Path, graph: &RouteGraph, facts: &ServerFacts) -> Result<String, CliError> {
    let mut out = String::from("import { createServer } from \"vinext:runtime/server/entry.ts\";\n");
    let _ = writeln!(
        out,
        "export default createServer({{ buildId: {}, config: {},",
        Value::from(facts.build_id.as_str()),
        facts.config
    );
    if let Some(file) = &facts.instrumentation.server {
        out.push_str("instrumentation: ");
        write_file(&mut out, root, file);
        out.push_str(",\n");
    }
    if let Some(proxy) = &facts.proxy {
        out.push_str("proxy: ");
        write_file(&mut out, root, &proxy.file);
        out.push_str(",\n");
    }
    out.push_str("routes: {\n");
    for route in &graph.routes {
        let _ = write!(out, "{}: ", Value::from(route.id.as_str()));
        write_route(&mut out, root, route)?;
        out.push_str(",\n");
    }
    out.push_str("} });\n");
    Ok(out)
}

fn write_route(out: &mut String, root: &Utf8Path, route: &Route) -> Result<(), CliError> {
    let pattern = Value::from(route.pattern.to_string());
    match &route.target {
        RouteTarget::Page { tree } => {
            let _ = write!(out, "{{ kind: \"page\", pattern: {pattern}, tree: ");
            write_tree(out, root, tree)?;
        }
        RouteTarget::Handler { file } => {
            let _ = write!(out, "{{ kind: \"handler\", pattern: {pattern}, file: ");
            write_file(out, root, file);
        }
        RouteTarget::Metadata { file } => {
            let _ = write!(out, "{{ kind: \"metadata\", pattern: {pattern}, file: ");
            write_metadata(out, root, file)?;
        }
    }
    out.push_str(" }");
    Ok(())
}

fn write_metadata(out: &mut String, root: &Utf8Path, file: &MetadataFile) -> Result<(), CliError> {
    out.push_str("{ ");
    for (key, value) in metadata_files::facts(root, file)? {
        let _ = write!(out, "{key}: {value}, ");
    }
    if !file.is_static {
        let _ = write!(out, "load: () => import({})", Value::from(root.join(&file.file).as_str()));
    }
    out.push_str(" }");
    Ok(())
}

fn write_tree(out: &mut String, root: &Utf8Path, node: &SegmentTree) -> Result<(), CliError> {
    let _ = write!(out, "{{ segment: {}, files: {{", Value::from(node.segment.as_str()));
    for (role, file) in &node.files {
        let _ = write!(out, " {}: ", json!(role));
        write_file(out, root, file);
        out.push(',');
    }
    out.push_str(" },");
    if !node.metadata.is_empty() {
        out.push_str(" metadata: [");
        for file in &node.metadata {
            write_metadata(out, root, file)?;
            out.push(',');
        }
        out.push_str("],");
    }
    out.push_str(" slots: {");
    for (name, branch) in &node.slots {
        let _ = write!(out, " {}: ", Value::from(name.as_str()));
        write_tree(out, root, branch)?;
        out.push(',');
    }
    out.push_str(" } }");
    Ok(())
}

fn write_file(out: &mut String, root: &Utf8Path, file: &Utf8Path) {
    let path = Value::from(root.join(file).as_str());
    let _ = write!(out, "{{ id: {}, load: () => import({path}) }}", Value::from(file.as_str()));
}

/// A client reference as an entry needs it: its id and what to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// The reference id.
    pub(crate) id: &'a str,
    /// The module to import: an absolute path or a `vinext:runtime/` id.
    pub(crate) module: &'a str,
}

/// `vinext:entry/ssr`: every client reference, loaded when the Flight stream first names it.
pub(crate) fn ssr<'a>(references: impl IntoIterator<Item = Reference<'a>>) -> String {
    let mut out = String::from("import { createSsr } from \"vinext:runtime/server/ssr.ts\";\n");
    out.push_str("export default createSsr({ references: {\n");
    for reference in references {
        let _ = writeln!(out, "{}: () => import({}),", Value::from(reference.id), Value::from(reference.module));
    }
    out.push_str("} });\n");
    out
}

/// `vinext:entry/client`: the app's instrumentation, which runs before everything else, and the framework's own
/// references, registered before hydration needs them.
pub(crate) fn client<'a>(framework: impl IntoIterator<Item = Reference<'a>>, instrumentation: &[String]) -> String {
    let mut out = String::new();
    let mut registrations = String::new();
    if !instrumentation.is_empty() {
        for (index, module) in instrumentation.iter().enumerate() {
            let _ = writeln!(out, "import * as i{index} from {};", Value::from(module.as_str()));
        }
        out.push_str("import { observeTransitions } from \"vinext:runtime/client/instrumentation.ts\";\n");
        let names: Vec<_> = (0..instrumentation.len()).map(|index| format!("i{index}")).collect();
        let _ = writeln!(registrations, "observeTransitions([{}]);", names.join(", "));
    }
    out.push_str("import { hydrate, registerReference } from \"vinext:runtime/client/entry.tsx\";\n");
    for (index, reference) in framework.into_iter().enumerate() {
        let _ = writeln!(out, "import * as r{index} from {};", Value::from(reference.module));
        let _ = writeln!(registrations, "registerReference({}, r{index});", Value::from(reference.id));
    }
    out.push_str(&registrations);
    out.push_str("hydrate();\n");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_rsc_entry_imports_every_file_of_every_route() {
        let graph = vinext_router::scan(
            ["app/layout.tsx", "app/page.tsx", "app/blog/[slug]/page.tsx", "app/api/route.ts"],
            &["tsx", "ts"],
        )
        .unwrap();
        let facts = ServerFacts {
            build_id: "b\"1".to_owned(),
            config: json!({ "basePath": "" }),
            action_key: ActionKey::default(),
            instrumentation: Instrumentation { server: Some("instrumentation.ts".into()), client: Vec::new() },
            proxy: None,
        };
        let code = rsc(Utf8Path::new("/project"), &graph, &facts).unwrap();
        for file in ["app/layout.tsx", "app/page.tsx", "app/blog/[slug]/page.tsx", "app/api/route.ts"] {
            assert!(code.contains(&format!("import(\"/project/{file}\")")), "{file}\n{code}");
        }
        assert!(code.contains(r#"buildId: "b\"1""#), "{code}");
        assert!(code.contains("import(\"/project/instrumentation.ts\")"), "{code}");
    }

    #[test]
    fn references_are_imported_by_id() {
        let reference = Reference { id: "abc", module: "/project/app/counter.tsx" };
        assert!(ssr([reference.clone()]).contains(r#""abc": () => import("/project/app/counter.tsx"),"#));
        let code = client([reference], &[]);
        assert!(code.contains("import * as r0 from \"/project/app/counter.tsx\";"), "{code}");
        assert!(code.ends_with("registerReference(\"abc\", r0);\nhydrate();\n"), "{code}");
    }

    #[test]
    fn instrumentation_is_imported_before_everything_else() {
        let code = client([], &["/project/first.ts".to_owned(), "@monitor/browser".to_owned()]);
        assert!(
            code.starts_with("import * as i0 from \"/project/first.ts\";\nimport * as i1 from \"@monitor/browser\";\n"),
            "{code}"
        );
        assert!(code.contains("observeTransitions([i0, i1]);"), "{code}");
        assert!(!client([], &[]).contains("instrumentation"));
    }
}
