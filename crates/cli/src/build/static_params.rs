//! `generateStaticParams`: the paths that routes with parameters list.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use vinext_adapters::engine::{EngineRequest, JsEngine, Matched};
use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::directives::SegmentConfig;
use vinext_router::{CanonicalPath, FileRole, Route, RouteId, RouteTarget};

use super::attempts;
use crate::error::CliError;

/// The server module's answer.
#[derive(Deserialize)]
struct Answer {
    paths: Option<Vec<String>>,
    /// With the names of parameters that are not said in their places.
    #[serde(default)]
    shells: Vec<String>,
    error: Option<String>,
}

/// What a route lists.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) paths: Vec<CanonicalPath>,
    /// The paths of which the last parameters are not known; none of them is what is shown for all parameters.
    pub(super) shells: Vec<CanonicalPath>,
}

/// Whether the paths of a route have to be asked for.
pub(super) fn lists(route: &Route, output: &BuildOutput) -> bool {
    let says = || configs(route, output).iter().any(|config| config.has_static_params);
    route.pattern.is_dynamic() && route.intercepts.is_none() && (says() || lists_files(route))
}

/// Whether the files of a metadata module are all that its route has: no page's parameters are in its URLs.
fn lists_files(route: &Route) -> bool {
    matches!(&route.target, RouteTarget::Metadata { file } if file.has_ids) && route.pattern.param_names().count() == 1
}

/// Asks each of these routes for its paths, and notes them in those that have no others. `in_parts`: pages are rendered as
/// far as they are the same for everybody. `limit`: how long a route may take.
pub(super) async fn list(
    engine: &dyn JsEngine,
    routes: &mut [Route],
    output: &BuildOutput,
    in_parts: bool,
    limit: Duration,
) -> Result<BTreeMap<RouteId, Listed>, CliError> {
    let mut listed = BTreeMap::new();
    for route in routes.iter_mut().filter(|route| lists(route, output)) {
        let failed = |problem: String| CliError::StaticParams { route: route.pattern.to_string(), problem };
        let answer = tokio::time::timeout(limit, ask(engine, route)).await;
        let too_slow = |_| format!("it took more than {}", attempts::seconds(limit));
        let answer = answer.map_err(too_slow).flatten().map_err(failed)?;
        if let Some(problem) = answer.error {
            return Err(failed(problem));
        }
        let Some(paths) = answer.paths else { continue };
        if in_parts && paths.is_empty() && answer.shells.is_empty() {
            let problem =
                "with `cacheComponents` it must return at least one result: that page shows what its route reads";
            return Err(failed(problem.to_owned()));
        }
        let read = |path: String| path.parse().map_err(|_| failed(format!("`{path}` is no path of this app")));
        let read_all = |paths: Vec<String>| paths.into_iter().map(read).collect::<Result<Vec<CanonicalPath>, _>>();
        let (paths, shells) = (read_all(paths)?, read_all(answer.shells)?);
        if configs(route, output).iter().any(|config| config.dynamic_params == Some(false)) {
            route.listed = Some(paths.iter().map(|path| path.as_str().to_owned()).collect());
        }
        listed.insert(route.id.clone(), Listed { paths, shells });
    }
    Ok(listed)
}

/// What the files of a route say of it, from the root to the leaf.
pub(super) fn configs<'o>(route: &Route, output: &'o BuildOutput) -> Vec<&'o SegmentConfig> {
    let files = match &route.target {
        RouteTarget::Page { tree } => match tree.files.get(&FileRole::GlobalNotFound) {
            // It is a document of its own: none of the layouts is around it.
            Some(whole) => vec![whole],
            None => tree.nodes().flat_map(|node| node.files.values()).collect(),
        },
        RouteTarget::Handler { file } => vec![file],
        RouteTarget::Metadata { file } => vec![&file.file],
    };
    files.iter().filter_map(|file| output.files.get(file.as_str())).map(|info| &info.config).collect()
}

async fn ask(engine: &dyn JsEngine, route: &Route) -> Result<Answer, String> {
    let request = EngineRequest::internal(Matched::params(&route.id));
    let response = engine.handle(request).await.map_err(|error| error.to_string())?;
    let body = response.bytes().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&body).map_err(|error| error.to_string())
}
