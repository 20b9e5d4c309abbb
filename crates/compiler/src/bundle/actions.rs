//! Server functions of a build: which there are, where they are, and which routes have them.
//!
//! The set is closed. A function that nothing of the app can call is not in it, so no request can call it either.

use std::collections::BTreeMap;

use arcstr::ArcStr;
use camino::Utf8Path;
use rolldown::BundleOutput;
use rolldown_common::ModuleId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::options::RouteFiles;
use super::output::ServerFunction;
use super::reach::{RscGraph, file_id, reachable};
use super::record::{ModuleGraph, ModuleRecord};
use super::write;
use crate::directives::{Directive, ModuleInfo};

/// Files whose functions browsers may call, and that no server module imports.
pub(crate) fn unseen_server_files(client: &ModuleGraph, rsc: &ModuleGraph) -> Vec<ArcStr> {
    let mut unseen: Vec<ArcStr> = client
        .modules
        .iter()
        .filter(|(id, module)| is_server_file(module) && rsc.get(id).is_none())
        .map(|(id, _)| id.clone())
        .collect();
    unseen.sort();
    unseen
}

/// The entry with further modules that can be loaded.
pub(crate) fn with_server_files(entry: &str, files: &[ArcStr]) -> String {
    let import = |file: &ArcStr| format!("() => import({})", serde_json::Value::from(file.as_str()));
    let imports: Vec<_> = files.iter().map(import).collect();
    format!("{entry}\nglobalThis.__vinext_server_files = [{}];\n", imports.join(", "))
}

fn is_server_file(module: &ModuleRecord) -> bool {
    module.info.as_ref().is_some_and(|info| matches!(info.directive, Some(Directive::UseServer | Directive::UseCache)))
}

/// What decides about server functions.
pub(crate) struct ServerGraphs<'a> {
    pub(crate) root: &'a Utf8Path,
    pub(crate) rsc: &'a ModuleGraph,
    pub(crate) client: &'a ModuleGraph,
    pub(crate) routes: &'a [RouteFiles],
    pub(crate) references: &'a RscGraph,
}

impl ServerGraphs<'_> {
    /// The functions that the app can call, by id. `others` are the bundles in which client components are.
    pub(crate) fn functions(&self, rsc: &BundleOutput, others: &[&BundleOutput]) -> BTreeMap<String, ServerFunction> {
        let has_functions = |module: &&ModuleRecord| module.info.as_ref().is_some_and(|info| !info.actions.is_empty());
        if self.rsc.modules.values().find(has_functions).is_none() {
            return BTreeMap::new();
        }
        let imported = self.imported_names();
        let owners = self.owners();
        let in_client =
            |id: &str| others.iter().any(|bundle| write::chunks(bundle).any(|chunk| chunk.code.contains(id)));
        let mut functions = BTreeMap::new();
        for chunk in write::chunks(rsc) {
            for id in chunk.modules.keys.iter().map(ModuleId::as_arc_str) {
                let Some(info) = self.rsc.get(id).and_then(|module| module.info.as_ref()) else { continue };
                for action in &info.actions {
                    let is_named = !action.is_cached && (action.is_inline || imported.uses(id, &action.name));
                    let is_used = is_named || in_client(&action.id);
                    if is_used {
                        let routes = owners.get(id).cloned().unwrap_or_default();
                        let module = Utf8Path::new(id.as_str());
                        let module = module.strip_prefix(self.root).unwrap_or(module).to_owned();
                        let function = ServerFunction { chunk: chunk.filename.to_string(), module, routes };
                        functions.insert(action.id.clone(), function);
                    }
                }
            }
        }
        functions
    }

    /// The names that server code asks of each file.
    fn imported_names(&self) -> ImportedNames<'_> {
        let mut names: FxHashMap<&ArcStr, FxHashSet<&str>> = FxHashMap::default();
        for module in self.rsc.modules.values() {
            let Some(info) = &module.info else { continue };
            for import in &module.imports {
                names.entry(import).or_default().extend(info.imported_names.iter().map(String::as_str));
            }
            for import in &module.dynamic_imports {
                names.entry(import).or_default().insert("*");
            }
        }
        ImportedNames(names)
    }

    /// The routes from which each module with functions is reached, through server and client code.
    fn owners(&self) -> FxHashMap<ArcStr, Vec<String>> {
        let mut owners: FxHashMap<ArcStr, Vec<String>> = FxHashMap::default();
        let mut add = |module: ArcStr, route: &str| {
            let routes = owners.entry(module).or_default();
            if routes.last().is_none_or(|last| last != route) {
                routes.push(route.to_owned());
            }
        };
        let by_reference: Vec<(&str, Vec<ArcStr>)> = self
            .references
            .client_references
            .iter()
            .map(|reference| {
                let reached = reachable(self.client, &[ArcStr::from(reference.module.as_str())]);
                let files = reached.into_iter().filter(|id| self.client.get(id).is_some_and(is_server_file));
                (reference.id.as_str(), files.collect())
            })
            .collect();
        for route in self.routes {
            let roots: Vec<ArcStr> = route.files.iter().map(|file| file_id(self.root, file)).collect();
            for id in reachable(self.rsc, &roots) {
                let info = self.rsc.get(&id).and_then(|module| module.info.as_ref());
                if info.is_some_and(|info: &ModuleInfo| !info.actions.is_empty()) {
                    add(id, &route.id);
                }
            }
            for (reference, files) in &by_reference {
                let is_used = self.references.routes_using.get(*reference);
                if is_used.is_some_and(|routes| routes.contains(&route.id)) {
                    for file in files {
                        add(file.clone(), &route.id);
                    }
                }
            }
        }
        owners
    }
}

/// Names by the file that they are asked of.
struct ImportedNames<'a>(FxHashMap<&'a ArcStr, FxHashSet<&'a str>>);

impl ImportedNames<'_> {
    fn uses(&self, file: &ArcStr, name: &str) -> bool {
        self.0.get(file).is_some_and(|names| names.contains(name) || names.contains("*"))
    }
}
