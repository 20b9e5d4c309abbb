//! How modules are found and read: the build's own files, packages that were left out of the bundle, and the
//! configuration file with what it imports.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use deno_ast::diagnostics::Diagnostic as _;
use deno_ast::{
    EmitOptions, ImportsNotUsedAsValues, MediaType, ParseDiagnostic, ParseParams, SourceMapOption, TranspileError,
    TranspileModuleOptions, TranspileOptions,
};
use deno_core::url::Url;
use deno_core::{
    FastString, ModuleLoadOptions, ModuleLoadReferrer, ModuleLoadResponse, ModuleLoader, ModuleResolveResponse,
    ModuleSource, ModuleSourceCode, ModuleSpecifier, ModuleType, ResolutionKind, SourceCodeCacheInfo,
};
use deno_error::JsErrorBox;
use deno_resolver::npm::{
    ByonmInNpmPackageChecker, ByonmNpmResolver, ByonmNpmResolverCreateOptions, DenoInNpmPackageChecker, NpmResolver,
};
use deno_runtime::deno_node::{NodeExtInitServices, NodeRequireLoader};
use deno_runtime::deno_permissions::PermissionsContainer;
use node_resolver::cache::NodeResolutionSys;
use node_resolver::errors::PackageJsonLoadError;
use node_resolver::{
    DenoIsBuiltInNodeModuleChecker, NodeResolution, NodeResolutionKind, NodeResolver, NodeResolverOptions,
    PackageJsonResolver, ResolutionMode,
};
use sys_traits::impls::RealSys;

use super::code_cache::CodeCache;
use super::watchdog::Heartbeat;

type Resolver = NodeResolver<DenoInNpmPackageChecker, DenoIsBuiltInNodeModuleChecker, NpmResolver<RealSys>, RealSys>;

/// Node's resolution rules over the file system.
#[derive(Clone)]
pub(super) struct Node {
    resolver: Arc<Resolver>,
    packages: Arc<PackageJsonResolver<RealSys>>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").finish_non_exhaustive()
    }
}

impl Node {
    pub(super) fn new() -> Self {
        let packages = Arc::new(PackageJsonResolver::new(RealSys, None));
        let sys = NodeResolutionSys::new(RealSys, None);
        let npm = NpmResolver::Byonm(Arc::new(ByonmNpmResolver::new(ByonmNpmResolverCreateOptions {
            root_node_modules_dir: None,
            search_stop_dir: None,
            sys: sys.clone(),
            pkg_json_resolver: Arc::clone(&packages),
        })));
        let checker = DenoInNpmPackageChecker::Byonm(ByonmInNpmPackageChecker);
        let resolver = Arc::new(NodeResolver::new(
            checker,
            DenoIsBuiltInNodeModuleChecker,
            npm,
            Arc::clone(&packages),
            sys,
            NodeResolverOptions::default(),
        ));
        Self { resolver, packages }
    }

    /// What `deno_node` needs for `require`.
    pub(super) fn services(&self) -> NodeExtInitServices<DenoInNpmPackageChecker, NpmResolver<RealSys>, RealSys> {
        NodeExtInitServices {
            node_require_loader: std::rc::Rc::new(self.clone()),
            node_resolver: Arc::clone(&self.resolver),
            pkg_json_resolver: Arc::clone(&self.packages),
            sys: RealSys,
        }
    }

    /// Whether Node would run this file as `CommonJS`.
    fn is_commonjs(&self, path: &Path) -> bool {
        match path.extension().and_then(std::ffi::OsStr::to_str) {
            Some("cjs" | "cts" | "node") => true,
            Some("mjs" | "mts" | "ts" | "tsx") => false,
            _ => {
                let package = self.packages.get_closest_package_json(path).ok().flatten();
                package.is_none_or(|package| package.typ != "module")
            }
        }
    }
}

impl NodeRequireLoader for Node {
    fn ensure_read_permission<'a>(
        &self,
        _permissions: &mut PermissionsContainer,
        path: Cow<'a, Path>,
    ) -> Result<Cow<'a, Path>, JsErrorBox> {
        Ok(path)
    }

    fn load_text_file_lossy(&self, path: &Path) -> Result<FastString, JsErrorBox> {
        let bytes = std::fs::read(path).map_err(JsErrorBox::from_err)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned().into())
    }

    fn is_maybe_cjs(&self, specifier: &Url) -> Result<bool, PackageJsonLoadError> {
        Ok(specifier.to_file_path().is_ok_and(|path| self.is_commonjs(&path)))
    }

    fn is_maybe_cjs_from_require(&self, specifier: &Url) -> Result<bool, PackageJsonLoadError> {
        self.is_maybe_cjs(specifier)
    }
}

/// Loads modules from the file system.
#[derive(Debug)]
pub(super) struct FileLoader {
    node: Node,
    code: CodeCache,
    /// Of the isolate that loads.
    heartbeat: Arc<Heartbeat>,
    /// Source maps of the TypeScript that was loaded, by its URL.
    maps: RefCell<HashMap<String, Vec<u8>>>,
}

impl FileLoader {
    pub(super) fn new(node: Node, code: CodeCache, heartbeat: Arc<Heartbeat>) -> Self {
        Self { node, code, heartbeat, maps: RefCell::default() }
    }

    fn read(&self, specifier: &ModuleSpecifier) -> Result<ModuleSource, JsErrorBox> {
        let path =
            specifier.to_file_path().map_err(|()| JsErrorBox::type_error(format!("cannot import {specifier}")))?;
        let text = std::fs::read_to_string(&path)
            .map_err(|error| JsErrorBox::generic(format!("cannot read {}: {error}", path.display())))?;
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        if extension == "json" {
            let code = ModuleSourceCode::String(text.into());
            return Ok(ModuleSource::new(ModuleType::Json, code, specifier, None));
        }
        let code: FastString = if matches!(extension, "ts" | "mts") {
            self.javascript(specifier, text)?.into()
        } else if self.node.is_commonjs(&path) && !looks_like_esm(&text) {
            commonjs(&path).into()
        } else {
            text.into()
        };
        let known = self.code.find(specifier, code.as_str());
        Ok(ModuleSource::new(ModuleType::JavaScript, ModuleSourceCode::String(code), specifier, known))
    }

    /// TypeScript without its types; what is thrown in it is to have the lines of the file.
    fn javascript(&self, specifier: &ModuleSpecifier, text: String) -> Result<String, JsErrorBox> {
        let parsed = deno_ast::parse_module(ParseParams {
            specifier: specifier.clone(),
            text: text.into(),
            media_type: MediaType::from_specifier(specifier),
            capture_tokens: false,
            scope_analysis: false,
            maybe_syntax: None,
        })
        .map_err(|error| syntax_error(&error))?;
        let options =
            TranspileOptions { imports_not_used_as_values: ImportsNotUsedAsValues::Remove, ..Default::default() };
        let emit = EmitOptions { source_map: SourceMapOption::Separate, inline_sources: false, ..Default::default() };
        let transpiled = parsed
            .transpile(&options, &TranspileModuleOptions::default(), &emit)
            .map_err(|error| match &error {
                TranspileError::ParseErrors(errors) if !errors.0.is_empty() => syntax_error(&errors.0[0]),
                other => JsErrorBox::generic(other.to_string()),
            })?
            .into_source();
        if let Some(map) = transpiled.source_map {
            self.maps.borrow_mut().insert(specifier.to_string(), map.into_bytes());
        }
        Ok(transpiled.text)
    }
}

/// In the words of what is thrown: what is wrong, and where.
fn syntax_error(found: &ParseDiagnostic) -> JsErrorBox {
    let file = found.specifier().to_file_path().unwrap_or_else(|()| found.specifier().path().into());
    let place = found.display_position();
    let (line, column) = (place.line_number, place.column_number);
    JsErrorBox::generic(format!("{} ({}:{line}:{column})", found.message(), file.display()))
}

/// Node's own second look at a `.js` file without `"type"`: syntax that only a module can have.
fn looks_like_esm(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("export ") || line.starts_with("export{") || line.starts_with("import ")
    })
}

/// A module around a `CommonJS` file.
fn commonjs(path: &Path) -> String {
    let path = serde_json::Value::from(path.to_string_lossy());
    format!(
        "import {{ createRequire }} from \"node:module\";\nexport default createRequire(import.meta.url)({path});\n"
    )
}

impl ModuleLoader for FileLoader {
    fn resolve(&self, specifier: &str, referrer: &str, _kind: ResolutionKind) -> ModuleResolveResponse {
        let is_path = specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with('/');
        if is_path || specifier.contains(':') {
            let url = deno_core::resolve_import(specifier, referrer).map_err(JsErrorBox::from_err)?;
            // Node and bundlers let TypeScript leave the extension out.
            return Ok(with_extension(url));
        }
        let referrer = Url::parse(referrer).map_err(|error| JsErrorBox::generic(error.to_string()))?;
        let resolution = self
            .node
            .resolver
            .resolve(specifier, &referrer, ResolutionMode::Import, NodeResolutionKind::Execution)
            .map_err(|error| JsErrorBox::generic(error.to_string()))?;
        match resolution {
            NodeResolution::BuiltIn(name) => {
                let name = if name.starts_with("node:") { name } else { format!("node:{name}") };
                Url::parse(&name).map_err(|error| JsErrorBox::generic(error.to_string()))
            }
            NodeResolution::Module(target) => target.into_url().map_err(|error| JsErrorBox::generic(error.to_string())),
        }
    }

    fn load(
        &self,
        specifier: &ModuleSpecifier,
        _referrer: Option<&ModuleLoadReferrer>,
        _options: ModuleLoadOptions,
    ) -> ModuleLoadResponse {
        ModuleLoadResponse::Sync(self.read(specifier))
    }

    fn get_source_map(&self, file_name: &str) -> Option<Cow<'_, [u8]>> {
        self.maps.borrow().get(file_name).cloned().map(Cow::Owned)
    }

    /// Asked before a part of the platform is evaluated. The process would end with an isolate that is stopped meanwhile:
    /// so that begins with the whole of its time.
    fn get_code_cache(&self, specifier: &ModuleSpecifier, source: &str) -> Option<SourceCodeCacheInfo> {
        if specifier.scheme() != "file" {
            self.heartbeat.renew();
        }
        self.code.find(specifier, source)
    }

    fn code_cache_ready(
        &self,
        specifier: ModuleSpecifier,
        hash: u64,
        code: &[u8],
    ) -> Pin<Box<dyn Future<Output = ()>>> {
        self.code.keep(&specifier, hash, code);
        Box::pin(std::future::ready(()))
    }
}

fn with_extension(url: Url) -> Url {
    let Ok(path) = url.to_file_path() else { return url };
    if path.is_file() {
        return url;
    }
    ["ts", "mts", "js", "mjs", "json"]
        .into_iter()
        .map(|extension| {
            let mut name = path.clone().into_os_string();
            name.push(".");
            name.push(extension);
            std::path::PathBuf::from(name)
        })
        .find(|candidate| candidate.is_file())
        .and_then(|found| Url::from_file_path(found).ok())
        .unwrap_or(url)
}
