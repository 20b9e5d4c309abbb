//! What a build gives back.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::ClientReference;
use crate::diagnostics::Diagnostic;
use crate::directives::ModuleInfo;

/// The files that a client reference needs in the browser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceAssets {
    /// URLs of scripts: first the one that exports the module as `m_<id>`, then what it imports. Empty for the
    /// framework's own references, which the client entry brings along.
    pub chunks: Vec<String>,
    /// URLs of stylesheets, in the order they apply.
    pub css: Vec<String>,
}

/// Where a server function is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFunction {
    /// The chunk that registers it, relative to the folder of `rsc_entry`.
    pub chunk: String,
    /// The module that has it, relative to the root.
    pub module: Utf8PathBuf,
    /// The ids of the routes from which it can be called.
    pub routes: Vec<String>,
}

/// What a browser fetches on a first visit of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstLoad {
    /// URLs of scripts.
    pub chunks: Vec<String>,
    /// Their size compressed with gzip.
    pub gzip_bytes: u64,
}

/// How long one graph took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GraphTimings {
    /// From the start of the build to the start of this graph.
    pub started_at: Duration,
    /// Loading, parsing and transforming every module.
    pub scan: Duration,
    /// Linking, tree shaking, chunking and printing.
    pub generate: Duration,
    /// Writing files.
    pub write: Duration,
}

/// How long a build took, for a span table. Graphs overlap, so their times do not add up to `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The react-server graph.
    pub rsc: GraphTimings,
    /// The server-rendering graph.
    pub ssr: GraphTimings,
    /// The browser graph.
    pub client: GraphTimings,
    /// Stylesheets, assets and sizes, after the graphs.
    pub assets: Duration,
    /// Everything.
    pub total: Duration,
}

/// A finished build. URLs start with the asset prefix; paths are below the output directory.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BuildOutput {
    /// `server/rsc/index.js`, relative to the output directory.
    pub rsc_entry: Utf8PathBuf,
    /// `server/ssr/index.js`, relative to the output directory.
    pub ssr_entry: Utf8PathBuf,
    /// URL of the script that starts the client.
    pub client_entry: String,
    /// URLs of the scripts which the client entry imports.
    pub preload: Vec<String>,
    /// Client references by id.
    pub references: BTreeMap<String, ReferenceAssets>,
    /// Client references as the rsc graph found them.
    pub client_references: Vec<ClientReference>,
    /// The server functions that the app can call, by id.
    pub actions: BTreeMap<String, ServerFunction>,
    /// Segment file (relative to the root) to the stylesheets reachable from it, in the order they apply.
    pub css: BTreeMap<String, Vec<String>>,
    /// Route id to what a first visit loads.
    pub first_load: BTreeMap<String, FirstLoad>,
    /// Route file (relative to the root) to its directive, exports and segment configuration.
    pub files: BTreeMap<String, ModuleInfo>,
    /// What every route loads: the client entry and its preloads.
    pub shared: FirstLoad,
    /// What was questionable but did not stop the build.
    pub warnings: Vec<Diagnostic>,
    /// Time by phase.
    pub timings: Timings,
}
