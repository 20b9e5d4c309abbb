//! Whether a route is rendered once or for every request, as far as its files say so.

use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::directives::{Dynamic, Revalidate};
use vinext_router::{Route, RouteTarget};

use super::table::Rendering;

/// How `route` answers. A page that turns out to read the request is dynamic whatever its files said.
pub(super) fn of(route: &Route, output: &BuildOutput) -> Rendering {
    if let RouteTarget::Metadata { file } = &route.target {
        let made_per_request = !file.is_static && !file.has_ids && file.url.contains('[');
        return if made_per_request { Rendering::Dynamic } else { Rendering::Static };
    }
    let Some(tree) = route.tree() else { return Rendering::Dynamic };
    let configs: Vec<_> = tree
        .nodes()
        .flat_map(|node| node.files.values())
        .filter_map(|file| output.files.get(file.as_str()))
        .map(|info| &info.config)
        .collect();
    let said = || configs.iter().filter_map(|config| config.dynamic);
    let stance = said().rfind(|dynamic| *dynamic != Dynamic::ForceDynamic);
    // As Next does: a route of which one segment is dynamic is so, whatever those below say, and "auto" that is written
    // out is for every request.
    let per_request = stance == Some(Dynamic::Auto) || said().any(|dynamic| dynamic == Dynamic::ForceDynamic);
    let never_stored = configs.iter().any(|config| config.revalidate == Some(Revalidate::Seconds(0.0)));
    let listed = configs.iter().any(|config| config.has_static_params);
    let has_params = route.pattern.to_string().contains('[');
    let forced = matches!(stance, Some(Dynamic::ForceStatic | Dynamic::Error));
    if per_request || never_stored || (has_params && !listed && !forced) {
        Rendering::Dynamic
    } else {
        Rendering::Static
    }
}
