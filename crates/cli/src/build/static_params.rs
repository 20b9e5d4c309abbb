//! `generateStaticParams` where it decides what there is: routes whose `dynamicParams` is `false`.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use serde::Deserialize;
use vinext_adapters::engine::{EngineRequest, JsEngine as _, Matched};
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::engine::{V8Engine, V8Options};
use vinext_compiler::bundle::BuildOutput;
use vinext_router::{CanonicalPath, Route, RouteTarget};

use crate::engine::{cache_dir, snapshot_maker};
use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// What a build may take, which runs nobody else's code.
const HEAP: usize = 4 * 1024 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_mins(1);

/// The server module's answer.
#[derive(Deserialize)]
struct Answer {
    paths: Option<Vec<String>>,
    error: Option<String>,
}

/// Notes in each closed route the paths that it lists.
pub(super) async fn list(
    dir: &BuildDir,
    manifest: &mut Manifest,
    output: &BuildOutput,
    env: &ProjectEnv,
) -> Result<(), CliError> {
    let closed: Vec<usize> = (0..manifest.routes.len()).filter(|at| is_closed(&manifest.routes[*at], output)).collect();
    if closed.is_empty() {
        return Ok(());
    }
    let mut variables = env.variables.clone();
    variables.insert("NODE_ENV".to_owned(), "production".to_owned());
    variables.insert("NEXT_RUNTIME".to_owned(), "nodejs".to_owned());
    let options = V8Options {
        isolates: 1,
        heap_limit: HEAP,
        cpu_limit: PATIENCE,
        queue: 1,
        cache_dir: cache_dir(),
        snapshot: snapshot_maker(),
        rsc: dir.resolve(&manifest.server.rsc).into_std_path_buf(),
        ssr: dir.resolve(&manifest.server.ssr).into_std_path_buf(),
        host: manifest.host(),
        env: variables,
        logger: Arc::new(crate::engine::log),
        invalidator: Arc::new(|_tags, _expire| {}),
    };
    let engine = V8Engine::start(options).await.map_err(|error| CliError::Engine { source: error.into() })?;
    for at in closed {
        let route = &mut manifest.routes[at];
        let failed = |problem: String| CliError::StaticParams { route: route.pattern.to_string(), problem };
        let answer = ask(&engine, route).await.map_err(failed)?;
        if let Some(problem) = answer.error {
            return Err(failed(problem));
        }
        let Some(paths) = answer.paths else { continue };
        let canonical: Result<Vec<_>, _> = paths
            .iter()
            .map(|path| path.parse::<CanonicalPath>().map(|path| path.as_str().to_owned()).map_err(|_| path))
            .collect();
        route.listed = Some(canonical.map_err(|path| failed(format!("`{path}` is no path of this app")))?);
    }
    engine.shutdown().await;
    Ok(())
}

/// Whether only listed paths exist: every file of the route may say so, and one lists them.
fn is_closed(route: &Route, output: &BuildOutput) -> bool {
    let files: Vec<&Utf8PathBuf> = match &route.target {
        RouteTarget::Page { tree } => tree.nodes().flat_map(|node| node.files.values()).collect(),
        RouteTarget::Handler { file } => vec![file],
        RouteTarget::Metadata { .. } => return false,
    };
    let configs = || files.iter().filter_map(|file| output.files.get(file.as_str())).map(|info| &info.config);
    route.pattern.is_dynamic()
        && route.intercepts.is_none()
        && configs().any(|config| config.dynamic_params == Some(false))
        && configs().any(|config| config.has_static_params)
}

async fn ask(engine: &V8Engine, route: &Route) -> Result<Answer, String> {
    let request = EngineRequest::internal(Matched::params(&route.id));
    let response = engine.handle(request).await.map_err(|error| error.to_string())?;
    let body = response.bytes().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&body).map_err(|error| error.to_string())
}
