//! What a graph knows about its modules when its scan is over.

use arcstr::ArcStr;
use rustc_hash::FxHashMap;

use crate::directives::ModuleInfo;

/// One module: what it imports, and what it says about itself.
#[derive(Debug, Default)]
pub(crate) struct ModuleRecord {
    /// Ids of modules imported statically, in source order.
    pub(crate) imports: Vec<ArcStr>,
    /// Ids of modules imported by `import()`, in source order.
    pub(crate) dynamic_imports: Vec<ArcStr>,
    /// Directive, exports and segment configuration; `None` for modules that are not source code.
    pub(crate) info: Option<ModuleInfo>,
}

/// A scanned graph.
#[derive(Debug, Default)]
pub(crate) struct ModuleGraph {
    /// Modules by id: absolute path, or a name of ours.
    pub(crate) modules: FxHashMap<ArcStr, ModuleRecord>,
}

impl ModuleGraph {
    /// The module with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&ModuleRecord> {
        self.modules.get(id)
    }
}
