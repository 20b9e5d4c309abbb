//! `build-manifest.json`: what a build says of itself to whatever runs it.
//!
//! The command line writes it, servers and deployments read it. Its `version` changes when an old reader would
//! misunderstand a new manifest; unknown keys are no reason for that and are ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use vinext_router::{
    CanonicalPath, ConfigRouteDefinitions, ConfigRouteError, PathError, PathRules, ProxyMatcher, Route, RouteGraph,
    RouteId, SourceDefinition, TrailingSlash,
};

/// A build.
///
/// ```
/// use vinext_adapters::manifest::Manifest;
///
/// let manifest = Manifest::parse(r#"{
///   "version": 1, "buildId": "b1", "routes": [],
///   "server": { "rsc": "server/rsc/index.js", "ssr": "server/ssr/index.js" },
///   "client": { "entry": "/_next/static/chunks/main.js" },
///   "config": { "trailingSlash": true }
/// }"#)?;
/// assert!(manifest.config.trailing_slash && manifest.config.compress);
///
/// let newer = Manifest::parse(r#"{ "version": 2 }"#).unwrap_err();
/// assert_eq!(newer.to_string(), "the build has manifest version 2, this program reads version 1");
/// # Ok::<(), vinext_adapters::manifest::ManifestError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`Manifest::VERSION`].
    pub version: u32,
    /// Names this build; no two builds share it.
    pub build_id: String,
    /// The folder the routes were found in, relative to the project root.
    #[serde(default = "default_app_dir")]
    pub app_dir: Utf8PathBuf,
    /// The routes.
    pub routes: Vec<Route>,
    /// The modules that JavaScript runs on the server.
    pub server: ServerModules,
    /// What the browser loads.
    pub client: ClientAssets,
    /// Stylesheet URLs in import order, by the source file that imports them.
    #[serde(default)]
    pub css: BTreeMap<String, Vec<String>>,
    /// The metadata files that are sent as they are, by the id of their route.
    #[serde(default)]
    pub metadata: BTreeMap<String, MetadataAsset>,
    /// The functions that browsers may call.
    #[serde(default)]
    pub actions: Actions,
    /// What is asked before a route answers, if there is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyAsset>,
    /// Routes that the build has found to depend on the request: nobody tries to store their answers.
    #[serde(default)]
    pub dynamic: BTreeSet<RouteId>,
    /// Of routes with parameters, the paths of what they show while some or all of these are not known
    /// ([`vinext_router::RoutePattern::shell_paths`]).
    #[serde(default)]
    pub shells: BTreeMap<RouteId, BTreeSet<CanonicalPath>>,
    /// Route handlers whose answers the build has stored.
    #[serde(default)]
    pub stored_handlers: BTreeSet<RouteId>,
    /// The folder that the app was exported to, relative to the project: it is for a host of files, not for a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exported: Option<Utf8PathBuf>,
    /// The keys of `next.config` that matter after the build.
    #[serde(default)]
    pub config: ServerConfig,
}

/// Server functions ("Server Actions"): the closed set of what a request may call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Actions {
    /// What seals the values that functions capture, in base64. Secret.
    pub key: String,
    /// The functions by id.
    pub functions: BTreeMap<String, ActionModule>,
}

/// The app's `proxy` (or `middleware`), which is in the server module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProxyAsset {
    /// Which requests it is asked about; `None` is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matcher: Option<Vec<SourceDefinition>>,
}

impl ProxyAsset {
    /// The compiled matcher.
    ///
    /// # Errors
    ///
    /// A pattern that cannot be used.
    pub fn matcher(&self, base_path: &CanonicalPath) -> Result<ProxyMatcher, ConfigRouteError> {
        self.matcher.as_deref().map_or_else(|| Ok(ProxyMatcher::all()), |items| ProxyMatcher::new(items, base_path))
    }
}

/// Where a server function is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionModule {
    /// The module that registers it, relative to the server module.
    pub module: String,
    /// The routes that have it.
    pub routes: Vec<String>,
}

/// Paths of the server's entry modules, relative to the build folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerModules {
    /// The server module: routes, pages, handlers.
    pub rsc: Utf8PathBuf,
    /// The module that renders client components to HTML.
    pub ssr: Utf8PathBuf,
}

/// URLs of the browser's modules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientAssets {
    /// The module that hydrates a document.
    pub entry: String,
    /// The chunks that the entry imports.
    #[serde(default)]
    pub preload: Vec<String>,
    /// The chunks of each client reference, by its id.
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceAssets>,
}

/// What the browser loads for one client reference.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferenceAssets {
    /// URLs of the chunk and of what it imports.
    pub chunks: Vec<String>,
    /// URLs of its stylesheets.
    #[serde(default)]
    pub css: Vec<String>,
}

/// An icon, a share image or another metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataAsset {
    /// The copy, relative to the build folder.
    pub file: Utf8PathBuf,
    /// Its media type.
    pub content_type: String,
}

/// The keys of `next.config` that a server obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches of next.config")]
pub struct ServerConfig {
    /// The path below which the app lives; empty for none.
    pub base_path: String,
    /// `assetPrefix`: what stands before `/_next/` in the URLs of files; empty for the base path.
    pub asset_prefix: String,
    /// Whether a page's URL ends with a slash.
    pub trailing_slash: bool,
    /// Leave slashes at the end of a URL as they are.
    pub skip_trailing_slash_redirect: bool,
    /// Send `x-powered-by`.
    pub powered_by_header: bool,
    /// Compress responses.
    pub compress: bool,
    /// Send an `etag` with pages whose whole body is known.
    pub generate_etags: bool,
    /// Hydrate in React's strict mode.
    pub react_strict_mode: bool,
    /// Hosts besides the app's own from which server functions may be called; `*` is one label, `**` several.
    pub allowed_origins: Vec<String>,
    /// How many bytes the body of a call may have.
    pub action_body_limit: usize,
    /// The value of draft mode's cookie: who has it sees drafts. Secret.
    pub draft_secret: String,
    /// Milliseconds for which a server that requests are passed on to may be silent; `None` for ever.
    pub proxy_timeout: Option<u64>,
    /// How many bytes of a body the proxy may read.
    pub proxy_body_limit: usize,
    /// `skipProxyUrlNormalize`: the proxy sees how payloads are asked for.
    pub proxy_sees_all: bool,
    /// `headers`, `redirects` and `rewrites`.
    pub config_routes: ConfigRouteDefinitions,
    /// The module of the app's `cacheHandler`: relative to the project, or absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_handler: Option<Utf8PathBuf>,
    /// The modules of the app's `cacheHandlers` by the names of their caches: relative to the project, or absolute.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cache_handlers: BTreeMap<String, Utf8PathBuf>,
    /// `cacheMaxMemorySize`: bytes of memory for what is stored.
    pub cache_memory: u64,
    /// `staticPageGenerationTimeout`: milliseconds that a page may take that nobody waits for.
    pub page_timeout: u64,
}

/// Next's own limit of a minute.
pub const PAGE_TIMEOUT: u64 = 60_000;

/// Next's own limit of 50 MB.
pub const CACHE_MEMORY: u64 = 50 * 1024 * 1024;

/// Next's own limit of 1 MB.
pub const ACTION_BODY_LIMIT: usize = 1024 * 1024;

/// Next's own limit of 10 MB.
pub const PROXY_BODY_LIMIT: usize = 10 * 1024 * 1024;

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            asset_prefix: String::new(),
            trailing_slash: false,
            skip_trailing_slash_redirect: false,
            powered_by_header: true,
            compress: true,
            generate_etags: true,
            react_strict_mode: true,
            allowed_origins: Vec::new(),
            action_body_limit: ACTION_BODY_LIMIT,
            draft_secret: String::new(),
            proxy_timeout: Some(30_000),
            proxy_body_limit: PROXY_BODY_LIMIT,
            proxy_sees_all: false,
            config_routes: ConfigRouteDefinitions::default(),
            cache_handler: None,
            cache_handlers: BTreeMap::new(),
            cache_memory: CACHE_MEMORY,
            page_timeout: PAGE_TIMEOUT,
        }
    }
}

impl ServerConfig {
    /// How paths are written in this app.
    pub fn path_rules(&self) -> Result<PathRules, PathError> {
        let slash = match (self.skip_trailing_slash_redirect, self.trailing_slash) {
            (true, _) => TrailingSlash::AsSent,
            (false, true) => TrailingSlash::Always,
            (false, false) => TrailingSlash::Never,
        };
        PathRules::new(&self.base_path, slash)?.with_asset_prefix(&self.asset_prefix)
    }
}

/// Why there is no manifest.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The folder has no manifest: there is no build, or it did not finish.
    #[error("there is no build in `{dir}`")]
    Missing {
        /// The build folder.
        dir: Utf8PathBuf,
    },
    /// The file cannot be read or written.
    #[error("cannot access `{path}`")]
    Io {
        /// The manifest.
        path: Utf8PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A build of another version of this program.
    #[error("the build has manifest version {found}, this program reads version {}", Manifest::VERSION)]
    Version {
        /// The version that was found.
        found: u64,
    },
    /// Not a manifest.
    #[error("the build manifest is damaged")]
    Damaged(#[from] serde_json::Error),
}

fn default_app_dir() -> Utf8PathBuf {
    Utf8PathBuf::from("app")
}

impl Manifest {
    /// The version that this crate reads and writes.
    pub const VERSION: u32 = 1;

    /// Reads the text of a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        /// The version comes first: another one's other keys may mean anything.
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }
        let Head { version } = serde_json::from_str(text)?;
        if version != u64::from(Self::VERSION) {
            return Err(ManifestError::Version { found: version });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Reads the manifest of the build in `dir`.
    pub fn read(dir: &BuildDir) -> Result<Self, ManifestError> {
        let path = dir.manifest();
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ManifestError::Missing { dir: dir.root().to_owned() })
            }
            Err(source) => Err(ManifestError::Io { path, source }),
        }
    }

    /// Writes the manifest of the build in `dir`. It appears whole or not at all, so that its presence means a finished
    /// build.
    pub fn write(&self, dir: &BuildDir) -> Result<(), ManifestError> {
        let path = dir.manifest();
        let draft = path.with_extension(format!("json.{}", std::process::id()));
        let write = || {
            std::fs::write(&draft, serde_json::to_vec(self)?)?;
            std::fs::rename(&draft, &path)
        };
        write().map_err(|source| ManifestError::Io { path: path.clone(), source })
    }

    /// The routes as a graph.
    #[must_use]
    pub fn graph(&self) -> RouteGraph {
        RouteGraph::new(self.app_dir.clone(), self.routes.clone())
    }

    /// The data members of the `Host` that the server module is initialised with.
    #[must_use]
    pub fn host(&self) -> Value {
        let references = self.client.references.iter().map(|(id, assets)| {
            // React's form is pairs of a chunk's id and its file; here both are the URL.
            let chunks: Vec<&String> = assets.chunks.iter().flat_map(|chunk| [chunk, chunk]).collect();
            (id.clone(), json!({ "id": id, "chunks": chunks, "name": "*", "css": assets.css }))
        });
        let modules =
            self.actions.functions.iter().map(|(id, action)| (id.clone(), Value::from(action.module.as_str())));
        json!({
            "actions": {
                "key": self.actions.key,
                "modules": modules.collect::<serde_json::Map<_, _>>(),
                "allowedOrigins": self.config.allowed_origins,
            },
            "draftSecret": self.config.draft_secret,
            "clientReferences": references.collect::<serde_json::Map<_, _>>(),
            "css": self.css,
            "bootstrap": { "module": self.client.entry, "preload": self.client.preload },
            "building": false,
            "dynamicRoutes": self.dynamic,
            "cacheHandlers": self.config.cache_handlers.keys().collect::<Vec<_>>(),
        })
    }
}

/// The folder of a build and what is where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildDir(Utf8PathBuf);

impl BuildDir {
    /// The build in this folder.
    #[must_use]
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        Self(root.into())
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.0
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> Utf8PathBuf {
        self.0.join("build-manifest.json")
    }

    /// The folder of the files that are served as they are, below their URL paths.
    #[must_use]
    pub fn client(&self) -> Utf8PathBuf {
        self.0.join("client")
    }

    /// The pages that the build has rendered; never written to after it.
    #[must_use]
    pub fn prerendered(&self) -> Utf8PathBuf {
        self.0.join("prerendered")
    }

    /// What is stored while the app is served, and data that outlives a build.
    #[must_use]
    pub fn cache(&self) -> Utf8PathBuf {
        self.0.join("cache")
    }

    /// What the engine has made of the server's scripts: as old as they are.
    #[must_use]
    pub fn code(&self) -> Utf8PathBuf {
        self.0.join("server/code")
    }

    /// A path of the manifest, which is relative to the build.
    #[must_use]
    pub fn resolve(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.0.join(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn manifest() -> Manifest {
        let graph =
            vinext_router::scan(["app/layout.tsx", "app/blog/[slug]/page.tsx", "app/api/route.ts"], &["tsx", "ts"]);
        Manifest {
            version: Manifest::VERSION,
            build_id: "b".to_owned(),
            app_dir: "app".into(),
            routes: graph.unwrap().routes,
            server: ServerModules { rsc: "server/rsc/index.js".into(), ssr: "server/ssr/index.js".into() },
            client: ClientAssets {
                entry: "/_next/static/chunks/main.js".to_owned(),
                preload: vec!["/_next/static/chunks/react.js".to_owned()],
                references: BTreeMap::from([(
                    "abc".to_owned(),
                    ReferenceAssets {
                        chunks: vec!["/c.js".to_owned(), "/d.js".to_owned()],
                        css: vec!["/c.css".to_owned()],
                    },
                )]),
            },
            css: BTreeMap::new(),
            metadata: BTreeMap::new(),
            actions: Actions::default(),
            proxy: None,
            dynamic: BTreeSet::new(),
            stored_handlers: BTreeSet::new(),
            shells: BTreeMap::new(),
            exported: None,
            config: ServerConfig::default(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let dir = BuildDir::new(Utf8Path::from_path(folder.path()).unwrap());
        manifest().write(&dir).unwrap();
        assert_eq!(Manifest::read(&dir).unwrap(), manifest());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_folder_without_a_build_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let dir = BuildDir::new(Utf8Path::from_path(folder.path()).unwrap());
        assert!(matches!(Manifest::read(&dir), Err(ManifestError::Missing { .. })));
    }

    #[test]
    fn another_version_is_refused_whatever_else_it_says() {
        assert!(matches!(Manifest::parse(r#"{"version":7,"routes":"?"}"#), Err(ManifestError::Version { found: 7 })));
        assert!(matches!(Manifest::parse("{}"), Err(ManifestError::Damaged(_))));
    }

    #[test]
    fn the_host_gets_chunks_in_pairs() {
        let host = manifest().host();
        let reference =
            json!({ "id": "abc", "chunks": ["/c.js", "/c.js", "/d.js", "/d.js"], "name": "*", "css": ["/c.css"] });
        assert_eq!(host["clientReferences"]["abc"], reference);
        assert_eq!(host["bootstrap"]["module"], "/_next/static/chunks/main.js");
    }

    #[test]
    fn slashes_follow_the_configuration() {
        let rules = |trailing_slash, skip_trailing_slash_redirect| {
            let config = ServerConfig { trailing_slash, skip_trailing_slash_redirect, ..ServerConfig::default() };
            config.path_rules().unwrap().trailing_slash
        };
        assert_eq!(rules(false, false), TrailingSlash::Never);
        assert_eq!(rules(true, false), TrailingSlash::Always);
        assert_eq!(rules(true, true), TrailingSlash::AsSent);
    }
}
