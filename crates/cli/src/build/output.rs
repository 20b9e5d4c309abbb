//! The build manifest, from what the router, the configuration and the compiler say.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use vinext_adapters::manifest::{
    ActionModule, Actions, BuildDir, ClientAssets, Manifest, ManifestError, MetadataAsset, ReferenceAssets,
    ServerConfig, ServerModules,
};
use vinext_compiler::bundle::{BuildOutput, ServerFunction};
use vinext_router::RouteGraph;

use super::entries::ServerFacts;
use crate::config::Config;
use crate::error::CliError;

/// The manifest of a finished build.
pub(super) fn manifest(
    graph: &RouteGraph,
    output: &BuildOutput,
    config: &Config,
    facts: &ServerFacts,
    metadata: BTreeMap<String, MetadataAsset>,
) -> Manifest {
    let references = output.references.iter().map(|(id, assets)| {
        let assets = ReferenceAssets { chunks: assets.chunks.clone(), css: assets.css.clone() };
        (id.clone(), assets)
    });
    Manifest {
        version: Manifest::VERSION,
        build_id: facts.build_id.clone(),
        app_dir: graph.app_dir.clone(),
        routes: graph.routes.clone(),
        server: ServerModules { rsc: output.rsc_entry.clone(), ssr: output.ssr_entry.clone() },
        client: ClientAssets {
            entry: output.client_entry.clone(),
            preload: output.preload.clone(),
            references: references.collect(),
        },
        css: output.css.clone(),
        metadata,
        actions: Actions { key: facts.action_key.base64.clone(), functions: functions(output) },
        proxy: facts.proxy.as_ref().map(|proxy| proxy.asset.clone()),
        dynamic: BTreeSet::new(),
        shells: BTreeMap::new(),
        stored_handlers: BTreeSet::new(),
        exported: config.export.as_ref().map(Into::into),
        config: ServerConfig {
            base_path: config.base_path.clone(),
            asset_prefix: config.asset_prefix.clone(),
            trailing_slash: config.trailing_slash,
            powered_by_header: config.powered_by_header,
            compress: config.compress,
            generate_etags: config.generate_etags,
            react_strict_mode: config.react_strict_mode,
            allowed_origins: config.allowed_origins.clone(),
            action_body_limit: config.action_body_limit,
            draft_secret: facts.action_key.draft_secret(&facts.build_id),
            skip_trailing_slash_redirect: config.skip_trailing_slash_redirect,
            proxy_timeout: config.proxy_timeout,
            proxy_body_limit: config.proxy_body_limit,
            proxy_sees_all: config.proxy_sees_all,
            config_routes: config.routes.clone(),
            cache_handler: config.caching.handler.clone(),
            cache_handlers: config.caching.handlers.clone(),
            cache_memory: config.caching.memory,
            page_timeout: u64::try_from(config.caching.page_timeout.as_millis()).unwrap_or(u64::MAX),
        },
    }
}

fn functions(output: &BuildOutput) -> BTreeMap<String, ActionModule> {
    let module =
        |function: &ServerFunction| ActionModule { module: function.chunk.clone(), routes: function.routes.clone() };
    output.actions.iter().map(|(id, function)| (id.clone(), module(function))).collect()
}

/// Writes the manifest: the last file of a build, so that there is none without everything else.
pub(super) fn write(out_dir: &Utf8Path, manifest: &Manifest) -> Result<(), CliError> {
    let dir = BuildDir::new(out_dir);
    manifest.write(&dir).map_err(|error| match error {
        ManifestError::Io { path, source } => CliError::Write { path, source },
        other => CliError::Write { path: dir.manifest(), source: std::io::Error::other(other) },
    })
}
