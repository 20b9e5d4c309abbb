//! What an export cannot do, found before anything is rendered: it has no server.

use std::collections::BTreeSet;

use camino::Utf8Path;
use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::diagnostics::Diagnostic;
use vinext_compiler::directives::{Dynamic, ModuleInfo, Revalidate, SegmentConfig};
use vinext_router::{RewriteDefinitions, Route, RouteGraph, RouteTarget};

use crate::build::entries::ServerFacts;
use crate::build::static_params::configs;
use crate::config::Config;

const CODE: &str = "vinext::export";
const EXPORT: &str = "`output: \"export\"`";

/// Everything that stops the build, one problem for each file and reason.
pub(super) fn problems(graph: &RouteGraph, output: &BuildOutput) -> Vec<Diagnostic> {
    let mut found = BTreeSet::new();
    for route in &graph.routes {
        found.extend(of_route(route, output));
    }
    for function in output.actions.values() {
        found.insert(Problem {
            what: format!("`{}` has a server function: Server Actions are not supported with static export", function.module),
            help: "there is no server that could run it: send what it is for to another server, with `fetch` in the browser",
        });
    }
    found.into_iter().map(|Problem { what, help }| Diagnostic::error(what).with_code(CODE).with_help(help)).collect()
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    what: String,
    help: &'static str,
}

fn of_route(route: &Route, output: &BuildOutput) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |what: String, help| problems.push(Problem { what, help });
    let own = route.file().map_or_else(|| route.id.to_string(), ToString::to_string);
    if route.intercepts.is_some() {
        let help = "no server could tell where a navigation comes from: show it with state of the page, or as a page of its own";
        add(format!("`{own}`: Intercepting routes are not supported with static export"), help);
        return problems;
    }
    for (file, config) in said(route, output) {
        if config.dynamic == Some(Dynamic::ForceDynamic) {
            let help = "nobody renders it for each request: take it out, or load what changes in the browser";
            add(format!("`dynamic = \"force-dynamic\"` of `{file}` cannot be used with {EXPORT}"), help);
        }
        if config.dynamic_params == Some(true) && route.pattern.is_dynamic() {
            let help = "nobody renders a path that is not listed: take it out";
            add(format!("`dynamicParams: true` of `{file}` cannot be used with {EXPORT}"), help);
        }
    }
    let Some(info) = answering(route, output) else { return problems };
    let asks_nobody = is_for_all(&info.config);
    let has_get = info.exports.iter().any(|name| name == "GET") || matches!(route.target, RouteTarget::Metadata { .. });
    if has_get && !asks_nobody && info.config.dynamic != Some(Dynamic::ForceDynamic) {
        let help = "say that its answer is the same for everybody: export const dynamic = \"force-static\"";
        add(
            format!(
                "`{own}`: export const dynamic = \"force-static\"/export const revalidate not configured, which {EXPORT} needs"
            ),
            help,
        );
    }
    problems
}

/// Whether a handler says that one answer is everybody's.
fn is_for_all(config: &SegmentConfig) -> bool {
    let is_kept = match config.revalidate {
        Some(Revalidate::Never) => true,
        Some(Revalidate::Seconds(seconds)) => seconds > 0.0,
        None => false,
    };
    is_kept || config.has_static_params || matches!(config.dynamic, Some(Dynamic::ForceStatic | Dynamic::Error))
}

/// The files of a route, with what they say of it.
fn said<'o>(route: &'o Route, output: &'o BuildOutput) -> impl Iterator<Item = (&'o Utf8Path, &'o SegmentConfig)> {
    let files: Vec<&Utf8Path> = match &route.target {
        RouteTarget::Page { tree } => tree.nodes().flat_map(|node| node.files.values().map(|file| &**file)).collect(),
        RouteTarget::Handler { .. } | RouteTarget::Metadata { .. } => route.file().into_iter().collect(),
    };
    files.into_iter().filter_map(|file| Some((file, &output.files.get(file.as_str())?.config)))
}

/// The module that answers for a route by itself: a handler, or one that makes a metadata file.
fn answering<'o>(route: &Route, output: &'o BuildOutput) -> Option<&'o ModuleInfo> {
    match &route.target {
        RouteTarget::Page { .. } => None,
        RouteTarget::Metadata { file } if file.is_static => None,
        RouteTarget::Handler { .. } | RouteTarget::Metadata { .. } => output.files.get(route.file()?.as_str()),
    }
}

/// Why a route is in no file, where that stops nothing.
pub(super) fn left_out(route: &Route, output: &BuildOutput) -> Option<String> {
    let file = route.file()?;
    if configs(route, output).iter().any(|config| config.revalidate == Some(Revalidate::Seconds(0.0))) {
        return Some(format!("`{file}` is not exported: `revalidate = 0` is for pages that are made for each request"));
    }
    let RouteTarget::Handler { .. } = &route.target else { return None };
    let others = ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"];
    let exports = &output.files.get(file.as_str())?.exports;
    let other = others.iter().find(|method| exports.iter().any(|name| name == *method))?;
    Some(format!("`{file}` is not exported: it answers {other}, and a file answers GET only"))
}

/// What an export leaves out that is not about one route.
pub(super) fn warnings(config: &Config, facts: &ServerFacts) -> Vec<Diagnostic> {
    let routes = &config.routes;
    let keys = [
        ("headers", routes.headers.is_empty()),
        ("redirects", routes.redirects.is_empty()),
        ("rewrites", routes.rewrites == RewriteDefinitions::default()),
    ];
    let keys = keys.iter().filter(|(_, is_empty)| !is_empty).map(|(key, _)| {
        Diagnostic::warning(format!("`{key}` of next.config will not automatically work with {EXPORT}"))
            .with_help("tell the host of the files the same, in its own configuration")
    });
    let proxy = facts.proxy.iter().map(|proxy| {
        Diagnostic::warning(format!("`{}` is not exported: {EXPORT} disables it", proxy.file))
            .with_help("a host of files asks nobody before it answers")
    });
    keys.chain(proxy).map(|warning| warning.with_code(CODE)).collect()
}

/// A route whose pages nobody has listed.
pub(super) fn unlisted(route: &Route, output: &BuildOutput) -> Diagnostic {
    let file = route.file().map_or_else(|| route.id.to_string(), ToString::to_string);
    let lists = configs(route, output).iter().any(|config| config.has_static_params);
    let what = if lists {
        format!(
            "`{file}` has no page: {} returned an empty array from \"generateStaticParams()\", and {EXPORT} needs one page at least",
            route.pattern
        )
    } else {
        format!("`{file}` is missing \"generateStaticParams()\" so {} cannot be used with {EXPORT}", route.pattern)
    };
    let help = "list every page that there is: export function generateStaticParams() { return [{ … }] }";
    Diagnostic::error(what).with_code(CODE).with_help(help)
}
