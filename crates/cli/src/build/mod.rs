//! `vinext build`: scan, analyse and bundle, compress, write the manifest.

pub(crate) mod action_key;
mod attempts;
mod engine;
mod ensure_static;
pub(crate) mod entries;
mod export;
mod handlers;
mod instrumentation;
mod metadata_files;
mod modules;
mod output;
mod pages;
mod precompress;
mod prerender;
pub(crate) mod progress;
mod proxy;
mod renderer;
mod rendering;
mod root_params;
mod static_params;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use vinext_adapters::manifest::BuildDir;
use vinext_compiler::bundle::{BuildOptions, BuildOutput, ClientEntries, RouteFiles};
use vinext_compiler::directives::Graph;
use vinext_router::{FileRole, Route, RouteGraph, RouteTarget};

use self::entries::{Reference, ServerFacts};
use self::progress::Progress;
use self::table::{Rendering, Row};
use crate::config::Config;
use crate::error::CliError;
use crate::project::env::ProjectEnv;
use crate::project::{Project, installed_version, react_fallback_dir, tsconfig};

/// Packages that every App Router project depends on.
const REQUIRED: [&str; 2] = ["react", "react-dom"];

/// A finished build, for the report.
#[derive(Debug)]
pub(crate) struct Built {
    /// Route table rows.
    pub(crate) rows: Vec<Row>,
    /// Compressed bytes that every page loads.
    pub(crate) shared_bytes: u64,
    /// Warnings of the compiler.
    pub(crate) warnings: Vec<vinext_compiler::diagnostics::Diagnostic>,
    /// The compiler's own clock.
    pub(crate) timings: vinext_compiler::bundle::Timings,
    /// Where the app was exported to, relative to the project.
    pub(crate) exported: Option<Utf8PathBuf>,
}

/// Builds `project` into its output folder.
pub(crate) async fn build(
    project: &Project,
    config: &Config,
    env: &ProjectEnv,
    progress: &mut Progress,
) -> Result<Built, CliError> {
    let app_dir = project.app_dir()?;
    tsconfig::check(&project.root)?;
    require_packages(&project.root)?;
    let extensions: Vec<&str> = config.page_extensions.iter().map(String::as_str).collect();
    let mut graph = vinext_router::scan_app(&project.root, &extensions)?;
    if !config.global_not_found {
        graph.remove_files(FileRole::GlobalNotFound);
    }
    metadata_files::find_ids(&project.root, &mut graph);
    let out_dir = project.root.join(&config.dist_dir);
    let target =
        config.export.as_deref().map(|folder| export::Target::new(&project.root, folder, config)).transpose()?;
    let action_key = action_key::find(&out_dir, env)?;
    let instrumentation =
        instrumentation::find(&project.root, &app_dir, &extensions, &config.instrumentation_client_inject)?;
    let proxy = proxy::find(&project.root, &app_dir, &extensions, &config.base())?;
    let facts = ServerFacts { build_id: build_id(), config: server_config(config), action_key, instrumentation, proxy };

    let options = compiler_options(project, config, env, &graph, &out_dir, &facts)?;
    let mut output = progress.phase("compiling", vinext_compiler::bundle::build(options)).await?;
    output.warnings.extend(pages::left_out(&graph.pages));
    output.warnings.extend(facts.proxy.as_ref().and_then(proxy::outdated));
    handlers::check(&graph, &output)?;
    ensure_static::check(&graph, &output)?;
    if target.is_some() {
        output.warnings.extend(export::check(&graph, &output, config, &facts)?);
    }

    let metadata = metadata_files::copy(&project.root, &out_dir, &graph)?;
    let mut manifest = output::manifest(&graph, &output, config, &facts, metadata);
    let dir = BuildDir::new(&out_dir);
    let renderings = if let Some(target) = &target {
        let (renderings, warnings) =
            export::export(&project.root, &dir, &mut manifest, &output, env, target, progress).await?;
        output.warnings.extend(warnings);
        renderings
    } else {
        compress(&dir, progress).await?;
        let in_parts = config.caching.components;
        prerender::prerender(&project.root, &dir, &mut manifest, &output, env, in_parts, progress).await?
    };
    output::write(&out_dir, &manifest)?;
    Ok(Built { exported: manifest.exported, ..report(&graph, output, &renderings) })
}

/// Adds the compressed copies that our own server sends.
async fn compress(dir: &BuildDir, progress: &mut Progress) -> Result<(), CliError> {
    let client = dir.client();
    progress
        .phase("compressing", async { tokio::task::block_in_place(|| precompress::precompress(&client)) })
        .await
        .map_err(|source| CliError::Write { path: client.clone(), source })
}

fn require_packages(root: &Utf8Path) -> Result<(), CliError> {
    let missing = REQUIRED.into_iter().find(|name| installed_version(root, name).is_none());
    missing.map_or(Ok(()), |name| {
        let listed = std::fs::read_to_string(root.join("package.json"))
            .is_ok_and(|manifest| manifest.contains(&format!("\"{name}\"")));
        let help = if listed {
            "package.json asks for it: run `npm install` (or your package manager's install)".to_owned()
        } else {
            format!("run `npm install {}`", REQUIRED.join(" "))
        };
        Err(CliError::MissingDependency { name, root: root.to_owned(), help })
    })
}

fn compiler_options(
    project: &Project,
    config: &Config,
    env: &ProjectEnv,
    graph: &RouteGraph,
    out_dir: &Utf8Path,
    facts: &ServerFacts,
) -> Result<BuildOptions, CliError> {
    let rsc_entry = entries::rsc(&project.root, graph, facts)?;
    let instrumented = facts.instrumentation.client.clone();
    let entries = Arc::new(move |scanned: &vinext_compiler::bundle::RscGraph| {
        let reference = |reference: &'_ vinext_compiler::bundle::ClientReference| {
            (reference.id.clone(), reference.module.clone(), reference.framework)
        };
        let all: Vec<_> = scanned.client_references.iter().map(reference).collect();
        let as_reference = |(id, module, _): &'_ (String, String, bool)| (id.clone(), module.clone());
        let pairs: Vec<_> = all.iter().map(as_reference).collect();
        let framework: Vec<_> = all.iter().filter(|(_, _, framework)| *framework).map(as_reference).collect();
        ClientEntries {
            ssr: entries::ssr(references(&pairs)),
            client: entries::client(references(&framework), &instrumented),
        }
    });
    let mut options = BuildOptions::new(&project.root, out_dir, Arc::new(modules::EmbeddedRuntime), rsc_entry, entries);
    options.next_modules = modules::next_modules();
    match root_params::source(graph) {
        Ok(source) => {
            options.next_modules.insert_for(Graph::Rsc, "next/root-params", root_params::MODULE);
            options.server_modules.insert(root_params::MODULE.to_owned(), source);
        }
        Err(why) => options.next_modules.refuse("next/root-params", why),
    }
    if config.caching.components {
        for graph in [Graph::Rsc, Graph::Ssr] {
            options.next_modules.insert_for(graph, "node:crypto", "vinext:runtime/server/node-crypto.ts");
        }
    }
    options.routes = graph.routes.iter().map(route_files).collect();
    options.defines = defines(config, env);
    options.action_salt = facts.action_key.salt();
    options.caches = config.caching.named();
    options.cache_components = config.caching.components;
    options.react_dir = react_fallback_dir();
    options.external_packages.clone_from(&config.server_external_packages);
    let prefix = if config.asset_prefix.is_empty() { &config.base_path } else { &config.asset_prefix };
    options.asset_prefix.clone_from(prefix);
    Ok(options)
}

fn references(pairs: &[(String, String)]) -> impl Iterator<Item = Reference<'_>> {
    pairs.iter().map(|(id, module)| Reference { id, module })
}

/// `process.env.X` expressions that are replaced by their values at build time.
fn defines(config: &Config, env: &ProjectEnv) -> BTreeMap<String, String> {
    let interrupts = ("__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS".to_owned(), config.auth_interrupts.to_string());
    let output = if config.export.is_some() { "export" } else { "" };
    let output = ("__NEXT_CONFIG_OUTPUT".to_owned(), output.to_owned());
    let components = ("__NEXT_CACHE_COMPONENTS".to_owned(), config.caching.components.to_string());
    let variables = env.public().into_iter().chain(config.env.clone()).chain([interrupts, output, components]);
    variables.map(|(name, value)| (format!("process.env.{name}"), Value::from(value).to_string())).collect()
}

fn route_files(route: &Route) -> RouteFiles {
    let files = match &route.target {
        RouteTarget::Handler { file } => vec![file.to_string()],
        RouteTarget::Metadata { file } if file.is_static => Vec::new(),
        RouteTarget::Metadata { file } => vec![file.file.to_string()],
        RouteTarget::Page { tree } => {
            tree.nodes().flat_map(|node| node.files.values().map(Utf8PathBuf::to_string)).collect()
        }
    };
    RouteFiles { id: route.id.to_string(), files }
}

fn server_config(config: &Config) -> Value {
    json!({
        "basePath": config.base_path,
        "trailingSlash": config.trailing_slash,
        "keepSlashes": config.skip_trailing_slash_redirect,
        "reactStrictMode": config.react_strict_mode,
        "htmlLimitedBots": config.html_limited_bots,
        "staleTimes": config.stale_times,
        "maxHeadersLength": config.max_headers_length,
        "cacheComponents": config.caching.components,
        "useCache": config.caching.functions,
        "cacheLife": config.caching.profiles,
        "expireTime": config.caching.expire_time,
        "useCacheTimeout": config.caching.function_timeout.as_secs_f64(),
    })
}

/// An id nobody can guess and two builds never share.
fn build_id() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&now.as_nanos().to_le_bytes());
    hasher.update(&std::process::id().to_le_bytes());
    hasher.finalize().to_hex()[..20].to_owned()
}

fn report(graph: &RouteGraph, output: BuildOutput, renderings: &prerender::Renderings) -> Built {
    let rows = graph
        .routes
        .iter()
        .filter(|route| route.intercepts.is_none())
        .map(|route| Row {
            pattern: if route.id.is_not_found() { "/_not-found".to_owned() } else { route.pattern.to_string() },
            rendering: renderings.get(&route.id).copied().unwrap_or(Rendering::Dynamic),
            first_load: route.tree().and_then(|_| output.first_load.get(route.id.as_str())).map(|load| load.gzip_bytes),
        })
        .collect();
    Built {
        rows,
        shared_bytes: output.shared.gzip_bytes,
        warnings: output.warnings,
        timings: output.timings,
        exported: None,
    }
}
