//! Whether a route is rendered once or for every request.

use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::directives::{Dynamic, Revalidate};
use vinext_router::{Route, RouteTarget};

use super::static_params::configs;

/// Whether the files of a route leave it open that one answer is everybody's: whether it is worth rendering it before
/// anybody asks.
pub(super) fn may_be_static(route: &Route, output: &BuildOutput) -> bool {
    let configs = configs(route, output);
    let said = || configs.iter().filter_map(|config| config.dynamic);
    let stance = said().rfind(|dynamic| *dynamic != Dynamic::ForceDynamic);
    // As Next does: a route of which one segment is dynamic is so, whatever those below say, and "auto" that is written
    // out is for every request.
    let per_request = stance == Some(Dynamic::Auto) || said().any(|dynamic| dynamic == Dynamic::ForceDynamic);
    let never_stored = configs.iter().any(|config| config.revalidate == Some(Revalidate::Seconds(0.0)));
    if per_request || never_stored {
        return false;
    }
    match &route.target {
        RouteTarget::Page { .. } => true,
        // A file that is sent as it is needs no rendering.
        RouteTarget::Metadata { file } => !file.is_static,
        RouteTarget::Handler { .. } => {
            matches!(stance, Some(Dynamic::ForceStatic | Dynamic::Error))
                || configs.iter().any(|config| config.revalidate.is_some())
        }
    }
}

/// Whether a route handler answers `GET`.
pub(super) fn reads(route: &Route, output: &BuildOutput) -> bool {
    let RouteTarget::Handler { file } = &route.target else { return false };
    output.files.get(file.as_str()).is_some_and(|info| info.exports.iter().any(|name| name == "GET"))
}
