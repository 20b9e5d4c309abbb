//! What can be reached from what: which route uses which client references, and which stylesheets apply to a file.

use std::collections::BTreeMap;

use arcstr::ArcStr;
use camino::Utf8Path;
use rustc_hash::FxHashSet;

use super::options::RouteFiles;
use super::record::ModuleGraph;
use super::virtual_modules::is_virtual;
use crate::css::is_stylesheet;
use crate::directives::{Directive, ModuleInfo, reference_id};
use crate::path_id::path_id;

/// A module that says `"use client"` and is imported by server code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientReference {
    /// Its id in Flight rows.
    pub id: String,
    /// Its name: relative to the project root, or to `node_modules`, or `vinext:runtime/…`.
    pub path: String,
    /// What to import it by: an absolute path, or `vinext:runtime/…`.
    pub module: String,
    /// What it exports.
    pub exports: Vec<String>,
    /// Whether it is the framework's own, which the client entry imports itself.
    pub framework: bool,
}

/// What the scan of the react-server graph found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RscGraph {
    /// Client references, in the order of their paths.
    pub client_references: Vec<ClientReference>,
    /// Reference id to the ids of the routes that reach it.
    pub routes_using: BTreeMap<String, Vec<String>>,
    /// Route file (relative to the root) to its directive, exports and segment configuration.
    pub files: BTreeMap<String, ModuleInfo>,
}

impl RscGraph {
    /// Reads the client references and their routes out of a scanned graph.
    pub(crate) fn of(graph: &ModuleGraph, root: &Utf8Path, routes: &[RouteFiles]) -> Self {
        let mut client_references: Vec<ClientReference> = graph
            .modules
            .iter()
            .filter_map(|(id, module)| {
                let info = module.info.as_ref().filter(|info| is_client(info))?;
                let path = path_id(root, id);
                Some(ClientReference {
                    id: reference_id(&path),
                    path,
                    module: id.to_string(),
                    exports: info.exports.iter().map(ToString::to_string).collect(),
                    framework: is_virtual(id),
                })
            })
            .collect();
        client_references.sort_by(|a, b| a.path.cmp(&b.path));

        let mut routes_using: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut files = BTreeMap::new();
        for route in routes {
            let roots: Vec<ArcStr> = route.files.iter().map(|file| file_id(root, file)).collect();
            for (file, id) in route.files.iter().zip(&roots) {
                if let Some(info) = graph.get(id).and_then(|module| module.info.as_ref()) {
                    files.entry(file.clone()).or_insert_with(|| info.clone());
                }
            }
            for id in reachable(graph, &roots) {
                if graph.get(&id).and_then(|module| module.info.as_ref()).is_some_and(is_client) {
                    routes_using.entry(reference_id(&path_id(root, &id))).or_default().push(route.id.clone());
                }
            }
        }
        Self { client_references, routes_using, files }
    }
}

fn is_client(info: &ModuleInfo) -> bool {
    info.directive == Some(Directive::UseClient)
}

/// The module id of a route's file: its real path, as the resolver gives it.
pub(crate) fn file_id(root: &Utf8Path, file: &str) -> ArcStr {
    let path = root.join(file);
    path.canonicalize_utf8().unwrap_or(path).into_string().into()
}

/// Every module reachable from `roots`, by static and dynamic imports.
pub(crate) fn reachable(graph: &ModuleGraph, roots: &[ArcStr]) -> Vec<ArcStr> {
    let mut seen = FxHashSet::default();
    let mut order = Vec::new();
    let mut stack: Vec<ArcStr> = roots.iter().rev().cloned().collect();
    while let Some(id) = stack.pop() {
        let Some(module) = graph.get(&id) else { continue };
        if !seen.insert(id.clone()) {
            continue;
        }
        order.push(id);
        stack.extend(module.dynamic_imports.iter().rev().chain(module.imports.iter().rev()).cloned());
    }
    order
}

/// The stylesheets that a server file brings along, in the order they apply: as its imports are evaluated, going on in
/// the client's graph wherever the server's ends at a client reference. Those behind an `import()` come last.
pub(crate) fn stylesheets(rsc: &ModuleGraph, client: &ModuleGraph, file: &ArcStr) -> Vec<ArcStr> {
    let mut walk = Walk { rsc, client, seen: FxHashSet::default(), sheets: Vec::new() };
    walk.visit(Side::Server, file);
    walk.sheets
}

/// The stylesheets of a client module, in the order they apply.
pub(crate) fn client_stylesheets(client: &ModuleGraph, module: &ArcStr) -> Vec<ArcStr> {
    let mut walk = Walk { rsc: client, client, seen: FxHashSet::default(), sheets: Vec::new() };
    walk.visit(Side::Client, module);
    walk.sheets
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Server,
    Client,
}

struct Walk<'a> {
    rsc: &'a ModuleGraph,
    client: &'a ModuleGraph,
    seen: FxHashSet<(Side, ArcStr)>,
    sheets: Vec<ArcStr>,
}

impl Walk<'_> {
    fn visit(&mut self, side: Side, root: &ArcStr) {
        let mut later = vec![(side, root.clone())];
        let mut next = 0;
        while let Some((side, id)) = later.get(next).cloned() {
            next += 1;
            self.statics(side, id, &mut later);
        }
    }

    /// Depth first along static imports; dynamic ones are put off. Not recursive: import chains get long.
    fn statics(&mut self, side: Side, root: ArcStr, later: &mut Vec<(Side, ArcStr)>) {
        let mut stack = vec![(side, root)];
        while let Some((side, id)) = stack.pop() {
            if is_stylesheet(&id) {
                if !self.sheets.contains(&id) {
                    self.sheets.push(id);
                }
                continue;
            }
            if !self.seen.insert((side, id.clone())) {
                continue;
            }
            let graph = match side {
                Side::Server => self.rsc,
                Side::Client => self.client,
            };
            let Some(module) = graph.get(&id) else { continue };
            if side == Side::Server && module.info.as_ref().is_some_and(is_client) {
                stack.push((Side::Client, id));
                continue;
            }
            stack.extend(module.imports.iter().rev().map(|import| (side, import.clone())));
            later.extend(module.dynamic_imports.iter().map(|import| (side, import.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::bundle::record::ModuleRecord;

    fn graph(modules: &[(&str, &[&str], &[&str], bool)]) -> ModuleGraph {
        let modules = modules.iter().map(|&(id, imports, dynamic, client)| {
            let info = ModuleInfo { directive: client.then_some(Directive::UseClient), ..ModuleInfo::default() };
            let ids = |list: &[&str]| list.iter().map(|id| ArcStr::from(*id)).collect();
            (ArcStr::from(id), ModuleRecord { imports: ids(imports), dynamic_imports: ids(dynamic), info: Some(info) })
        });
        ModuleGraph { modules: modules.collect() }
    }

    #[test]
    fn stylesheets_follow_evaluation_order_and_cross_into_the_client_graph() {
        let rsc = graph(&[
            ("/page", &["/reset.css", "/button", "/card", "/page.css"], &["/lazy"], false),
            ("/button", &[], &[], true),
            ("/card", &["/card.css", "/reset.css"], &[], false),
            ("/lazy", &["/lazy.css"], &[], false),
        ]);
        let client = graph(&[
            ("/button", &["/icon", "/button.css"], &["/popup"], false),
            ("/icon", &["/icon.css", "/button"], &[], false),
            ("/popup", &["/popup.css"], &[], false),
        ]);
        let sheets = stylesheets(&rsc, &client, &ArcStr::from("/page"));
        assert_eq!(
            sheets,
            ["/reset.css", "/icon.css", "/button.css", "/card.css", "/page.css", "/lazy.css", "/popup.css"]
        );
        assert_eq!(client_stylesheets(&client, &ArcStr::from("/button")), ["/icon.css", "/button.css", "/popup.css"]);
    }

    #[test]
    fn a_reference_belongs_to_every_route_that_reaches_it_even_through_a_dynamic_import() {
        let rsc = graph(&[
            ("/r/layout", &["/r/nav"], &[], false),
            ("/r/nav", &[], &[], true),
            ("/r/a", &["/r/shared"], &[], false),
            ("/r/b", &[], &["/r/shared"], false),
            ("/r/shared", &["/r/counter"], &[], false),
            ("/r/counter", &[], &[], true),
        ]);
        let route = |id: &str, files: &[&str]| RouteFiles {
            id: id.to_owned(),
            files: files.iter().map(|&file| file.to_owned()).collect(),
        };
        let found = RscGraph::of(
            &rsc,
            Utf8Path::new("/r"),
            &[route("/a", &["layout", "a"]), route("/b", &["layout", "b"]), route("/c", &["layout"])],
        );
        let paths: Vec<_> = found.client_references.iter().map(|reference| reference.path.as_str()).collect();
        assert_eq!(paths, ["counter", "nav"]);
        assert_eq!(found.routes_using[&reference_id("counter")], ["/a", "/b"]);
        assert_eq!(found.routes_using[&reference_id("nav")], ["/a", "/b", "/c"]);
    }
}
