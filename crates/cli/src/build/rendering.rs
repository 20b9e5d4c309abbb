//! Whether a route is rendered once or for every request.

use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::directives::{Dynamic, Revalidate};
use vinext_router::{Route, RouteTarget};

use super::static_params::configs;

/// Whether the files of a route leave it open that one answer is everybody's: whether it is worth rendering it before
/// anybody asks.
pub(super) fn may_be_static(route: &Route, output: &BuildOutput) -> bool {
    let configs = configs(route, output);
    let dynamic = configs.iter().rev().find_map(|config| config.dynamic);
    let is_forced = matches!(dynamic, Some(Dynamic::ForceStatic | Dynamic::Error));
    let is_renewed = configs.iter().any(|config| config.revalidate.is_some());
    if dynamic == Some(Dynamic::ForceDynamic)
        || configs.iter().any(|config| config.revalidate == Some(Revalidate::Seconds(0.0)))
    {
        return false;
    }
    match &route.target {
        RouteTarget::Page { .. } => true,
        // A file that is sent as it is needs no rendering.
        RouteTarget::Metadata { file } => !file.is_static && !file.has_ids,
        RouteTarget::Handler { .. } => is_forced || is_renewed,
    }
}
