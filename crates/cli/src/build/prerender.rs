//! Renders what is the same for everybody, into the build.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;
use futures_util::{StreamExt as _, stream};
use vinext_adapters::engine::JsEngine;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::engine::BUILD_TAG;
use vinext_adapters::native::server::{Prerendered, Prerenderer};
use vinext_compiler::bundle::BuildOutput;
use vinext_router::{CanonicalPath, Route, RouteId, RouteTarget};

use super::progress::{Progress, Steps};
use super::table::{Lifetime, Rendering};
use super::{engine, rendering, static_params};
use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// How many pages one isolate renders at a time: a page that waits for its data leaves the CPU to others.
const PAGES_AT_A_TIME: usize = 8;

/// How each route answers.
pub(super) type Renderings = BTreeMap<RouteId, Rendering>;

/// A page to render. The not-found page has no path.
struct Job {
    route: RouteId,
    path: Option<CanonicalPath>,
}

/// Renders what can be, notes in the manifest what cannot, and says how each route answers.
pub(super) async fn prerender(
    root: &Utf8Path,
    dir: &BuildDir,
    manifest: &mut Manifest,
    output: &BuildOutput,
    env: &ProjectEnv,
    progress: &mut Progress,
) -> Result<Renderings, CliError> {
    let candidates: Vec<Route> = manifest.routes.iter().filter(|route| is_candidate(route, output)).cloned().collect();
    let folder = dir.prerendered();
    remove(&folder)?;
    if candidates.is_empty() {
        return Ok(renderings(manifest, output, &BTreeMap::new()));
    }
    let handler = crate::cache_handler::start(root, dir, manifest, engine::variables(env)).await?;
    let data = match &handler {
        Some(handler) => handler.cache.clone(),
        None => crate::page_cache::data(dir, manifest.config.cache_memory)?,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let isolates = cores.min(candidates.len());
    let running = engine::start(dir, manifest, env, isolates, data.clone()).await?;
    let running: Arc<dyn JsEngine> = Arc::new(running);
    let listed =
        progress.phase("collecting parameters", static_params::list(&*running, &mut manifest.routes, output)).await?;
    let jobs = jobs(&candidates, &listed);
    let prerenderer = Prerenderer::new(manifest, Arc::clone(&running), folder.into_std_path_buf())
        .map_err(|error| CliError::Engine { source: error.into() })?;
    let made = progress.counted("rendering pages", jobs.len(), |steps| render(&prerenderer, jobs, isolates, steps));
    let made = made.await;
    if let Ok(tag) = BUILD_TAG.parse() {
        data.invalidate(&tag);
    }
    drop(prerenderer);
    running.shutdown().await;
    // What was fetched is the server's as well.
    match handler {
        Some(handler) => handler.end().await,
        // A cache that cannot be written has said so.
        None => drop(data.flush().await),
    }
    Ok(renderings(manifest, output, &made?))
}

fn remove(folder: &Utf8Path) -> Result<(), CliError> {
    match std::fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(CliError::Write { path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Whether something of a route may be rendered before anybody asks, or its paths have to be known.
fn is_candidate(route: &Route, output: &BuildOutput) -> bool {
    route.intercepts.is_none()
        && (static_params::lists(route, output)
            || (!route.pattern.is_dynamic() && rendering::may_be_static(route, output)))
}

fn jobs(candidates: &[Route], listed: &BTreeMap<RouteId, Vec<CanonicalPath>>) -> Vec<Job> {
    let mut jobs = Vec::new();
    for route in candidates {
        if route.id.is_not_found() {
            jobs.push(Job { route: route.id.clone(), path: None });
            continue;
        }
        let own;
        let paths = match listed.get(&route.id) {
            Some(paths) => paths.as_slice(),
            None if route.pattern.is_dynamic() => continue,
            None => match route.pattern.to_string().parse::<CanonicalPath>() {
                Ok(path) => {
                    own = [path];
                    own.as_slice()
                }
                Err(_) => continue,
            },
        };
        jobs.extend(paths.iter().map(|path| Job { route: route.id.clone(), path: Some(path.clone()) }));
    }
    jobs
}

/// What came of the pages of each route.
async fn render(
    prerenderer: &Prerenderer,
    jobs: Vec<Job>,
    isolates: usize,
    steps: Steps,
) -> Result<BTreeMap<RouteId, Vec<Prerendered>>, CliError> {
    let rendered = stream::iter(jobs).map(async |job: Job| {
        let made = match &job.path {
            Some(path) => prerenderer.render(path).await,
            None => prerenderer.render_not_found().await,
        };
        steps.done();
        (job, made)
    });
    let mut rendered = std::pin::pin!(rendered.buffer_unordered(isolates * PAGES_AT_A_TIME));
    let mut made: BTreeMap<RouteId, Vec<Prerendered>> = BTreeMap::new();
    while let Some((job, page)) = rendered.next().await {
        let page = page.map_err(|error| CliError::Prerender {
            path: job.path.map_or_else(|| "/_not-found".to_owned(), |path| path.to_string()),
            route: job.route.to_string(),
            problem: error.to_string(),
        })?;
        made.entry(job.route).or_default().push(page);
    }
    Ok(made)
}

fn renderings(manifest: &mut Manifest, output: &BuildOutput, made: &BTreeMap<RouteId, Vec<Prerendered>>) -> Renderings {
    let mut dynamic = BTreeSet::new();
    let mut stored_handlers = BTreeSet::new();
    let renderings = manifest.routes.iter().map(|route| {
        let is_handler = !matches!(route.target, RouteTarget::Page { .. });
        if is_handler && made.get(&route.id).is_some_and(|pages| !pages.contains(&Prerendered::PerRequest)) {
            stored_handlers.insert(route.id.clone());
        }
        let rendering = match made.get(&route.id) {
            Some(pages) if pages.contains(&Prerendered::PerRequest) => {
                dynamic.insert(route.id.clone());
                Rendering::Dynamic
            }
            Some(pages) if route.pattern.is_dynamic() => Rendering::Listed(lifetime(pages)),
            Some(pages) => Rendering::Static(lifetime(pages)),
            // Its paths are rendered when they are asked for, once.
            None if static_params::lists(route, output) || is_file_of_pages(route, output) => {
                Rendering::Listed(Lifetime::default())
            }
            None => unrendered(route),
        };
        // From the first time on, it is asked for at the path in question.
        if route.id.is_not_found() && rendering == Rendering::Dynamic {
            dynamic.insert(route.id.clone());
        }
        (route.id.clone(), rendering)
    });
    let renderings = renderings.collect();
    manifest.dynamic = dynamic;
    manifest.stored_handlers = stored_handlers;
    renderings
}

/// Whether it is one of several metadata files of each page of a route.
fn is_file_of_pages(route: &Route, output: &BuildOutput) -> bool {
    matches!(&route.target, RouteTarget::Metadata { file } if file.has_ids) && rendering::may_be_static(route, output)
}

fn unrendered(route: &Route) -> Rendering {
    let is_static = match &route.target {
        RouteTarget::Metadata { file } => file.is_static,
        RouteTarget::Page { .. } | RouteTarget::Handler { .. } => false,
    };
    if is_static { Rendering::Static(Lifetime::default()) } else { Rendering::Dynamic }
}

/// The shortest of the pages' lifetimes.
fn lifetime(pages: &[Prerendered]) -> Lifetime {
    let policies = || {
        pages.iter().filter_map(|page| match page {
            Prerendered::Stored { policy, .. } => Some(policy),
            Prerendered::Unstorable | Prerendered::PerRequest => None,
        })
    };
    Lifetime {
        revalidate: policies().filter_map(|policy| policy.revalidate).min(),
        expire: policies().filter_map(|policy| policy.expire).min(),
    }
}
