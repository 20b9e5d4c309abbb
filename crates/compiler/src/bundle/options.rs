//! What a build is given.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::RscGraph;
use crate::directives::Graph;

/// Whether the output is for users or for the edit loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// `NODE_ENV` is `production`; client code is minified.
    #[default]
    Production,
    /// `NODE_ENV` is `development`; nothing is minified.
    Development,
}

impl Mode {
    pub(crate) fn node_env(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// Where the framework's own modules come from: `vinext:runtime/<path>` is `source("<path>")`.
///
/// A map from path to text is one:
///
/// ```
/// use std::collections::BTreeMap;
/// use vinext_compiler::bundle::RuntimeSources;
///
/// let sources = BTreeMap::from([("client/entry.ts".to_owned(), "export {};".to_owned())]);
/// assert_eq!(sources.source("client/entry.ts").as_deref(), Some("export {};"));
/// assert_eq!(sources.source("missing.ts"), None);
/// ```
pub trait RuntimeSources: fmt::Debug + Send + Sync {
    /// The text of the module at `path`, relative to the runtime's root: `server/entry.ts`.
    fn source(&self, path: &str) -> Option<Cow<'_, str>>;
}

impl RuntimeSources for BTreeMap<String, String> {
    fn source(&self, path: &str) -> Option<Cow<'_, str>> {
        self.get(path).map(|text| Cow::Borrowed(text.as_str()))
    }
}

/// Which module stands for `next/link` and its siblings, per graph.
///
/// ```
/// use vinext_compiler::bundle::NextModules;
/// use vinext_compiler::directives::Graph;
///
/// let mut modules = NextModules::default();
/// modules.insert("next/link", "vinext:runtime/next/link.tsx");
/// modules.insert_for(Graph::Rsc, "next/headers", "vinext:runtime/next/headers.ts");
/// assert_eq!(modules.get(Graph::Client, "next/link.js"), Some("vinext:runtime/next/link.tsx"));
/// assert_eq!(modules.get(Graph::Client, "next/headers"), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct NextModules {
    shared: BTreeMap<String, String>,
    per_graph: [BTreeMap<String, String>; 3],
    refused: BTreeMap<String, String>,
}

impl NextModules {
    /// Maps `specifier` to `module` in every graph.
    pub fn insert(&mut self, specifier: impl Into<String>, module: impl Into<String>) {
        self.shared.insert(specifier.into(), module.into());
    }

    /// Maps `specifier` to `module` in one graph; stronger than [`Self::insert`].
    pub fn insert_for(&mut self, graph: Graph, specifier: impl Into<String>, module: impl Into<String>) {
        self.per_graph[index(graph)].insert(specifier.into(), module.into());
    }

    /// Makes every import of `specifier` an error that says `why`: what the app would have to change first.
    pub fn refuse(&mut self, specifier: impl Into<String>, why: impl Into<String>) {
        self.refused.insert(specifier.into(), why.into());
    }

    /// Why `specifier` cannot be imported in this app.
    pub(crate) fn refusal(&self, specifier: &str) -> Option<&str> {
        self.refused.get(specifier.strip_suffix(".js").unwrap_or(specifier)).map(String::as_str)
    }

    /// The module that `specifier` means in `graph`. `next/link.js` is `next/link`, as packages in strict ESM write it,
    /// and `next/dist/x/index.js` is `next/dist/x`.
    #[must_use]
    pub fn get(&self, graph: Graph, specifier: &str) -> Option<&str> {
        let find = |name: &str| self.per_graph[index(graph)].get(name).or_else(|| self.shared.get(name));
        let bare = specifier.strip_suffix(".js").unwrap_or(specifier);
        find(specifier).or_else(|| find(bare)).or_else(|| find(bare.strip_suffix("/index")?)).map(String::as_str)
    }

    /// Whether `specifier` exists in any graph.
    pub(crate) fn is_known(&self, specifier: &str) -> bool {
        [Graph::Rsc, Graph::Ssr, Graph::Client].into_iter().any(|graph| self.get(graph, specifier).is_some())
    }
}

fn index(graph: Graph) -> usize {
    match graph {
        Graph::Rsc => 0,
        Graph::Ssr => 1,
        Graph::Client => 2,
    }
}

/// The files that render one route: its page or handler, and every layout and boundary above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteFiles {
    /// The route's id: `/blog/[slug]/page`.
    pub id: String,
    /// Its files relative to the project root, root first: `app/layout.tsx`, `app/blog/[slug]/page.tsx`.
    pub files: Vec<String>,
}

/// Sources of the two entries that can be written only when the client references are known.
#[derive(Debug, Clone, Default)]
pub struct ClientEntries {
    /// The text of `vinext:entry/ssr`.
    pub ssr: String,
    /// The text of `vinext:entry/client`.
    pub client: String,
}

/// Writes the ssr and client entries for a scanned rsc graph.
pub type EntriesOf = Arc<dyn Fn(&RscGraph) -> ClientEntries + Send + Sync>;

/// Everything a build depends on. [`BuildOptions::new`] takes what has no default.
#[derive(Clone)]
#[non_exhaustive]
pub struct BuildOptions {
    /// The project's directory.
    pub root: Utf8PathBuf,
    /// Where `server/` and `client/` are written. Both are emptied first.
    pub out_dir: Utf8PathBuf,
    /// The framework's modules.
    pub runtime: Arc<dyn RuntimeSources>,
    /// What `next/*` means.
    pub next_modules: NextModules,
    /// The text of `vinext:entry/rsc`.
    pub rsc_entry: String,
    /// Writes the other two entries.
    pub entries: EntriesOf,
    /// Further modules of the react-server graph that are written for this app, by id.
    pub server_modules: BTreeMap<String, String>,
    /// The routes, for per-route chunks, stylesheets and sizes.
    pub routes: Vec<RouteFiles>,
    /// Expressions to replace by a JavaScript expression: `process.env.NEXT_PUBLIC_API` -> `"\"https://…\""`.
    pub defines: BTreeMap<String, String>,
    /// Production or development.
    pub mode: Mode,
    /// A directory whose `node_modules` has `react-server-dom-webpack`, used when the app has none.
    pub react_dir: Option<Utf8PathBuf>,
    /// Packages that server code imports at run time instead of bundling.
    pub external_packages: Vec<String>,
    /// What stands before `/_next/static` in a URL: a base path or a CDN's origin, without a slash at the end.
    pub asset_prefix: String,
    /// What the ids of server functions depend on besides their names. Secret, so that nobody can guess an id.
    pub action_salt: String,
    /// The caches that `"use cache: name"` may name besides `default`, `remote` and `private`; `None` refuses the
    /// directive.
    pub caches: Option<Vec<String>>,
    /// Whether pages are rendered as far as they are the same for everybody, and the rest per request.
    pub cache_components: bool,
    /// What a string such as `(tsconfig.json)` names relative to the root; `None` looks for `tsconfig.json`, then
    /// `jsconfig.json`.
    pub tsconfig: Option<Utf8PathBuf>,
}

impl BuildOptions {
    /// Options for a production build of the project in `root`.
    #[must_use]
    pub fn new(
        root: impl Into<Utf8PathBuf>,
        out_dir: impl Into<Utf8PathBuf>,
        runtime: Arc<dyn RuntimeSources>,
        rsc_entry: impl Into<String>,
        entries: EntriesOf,
    ) -> Self {
        Self {
            root: root.into(),
            out_dir: out_dir.into(),
            runtime,
            next_modules: NextModules::default(),
            rsc_entry: rsc_entry.into(),
            entries,
            server_modules: BTreeMap::new(),
            routes: Vec::new(),
            defines: BTreeMap::new(),
            mode: Mode::default(),
            react_dir: None,
            external_packages: Vec::new(),
            asset_prefix: String::new(),
            action_salt: String::new(),
            caches: None,
            cache_components: false,
            tsconfig: None,
        }
    }
}

impl fmt::Debug for BuildOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuildOptions")
            .field("root", &self.root)
            .field("out_dir", &self.out_dir)
            .field("mode", &self.mode)
            .field("routes", &self.routes.len())
            .finish_non_exhaustive()
    }
}
