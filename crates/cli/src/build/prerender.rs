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

/// Something to render.
struct Job {
    route: RouteId,
    what: What,
}

/// What is rendered of a route.
enum What {
    /// The page at a path.
    Page(CanonicalPath),
    /// What pages show while their parameters are not known: the path has the names in their places.
    Shell(CanonicalPath),
    /// The page for what is not there.
    NotFound,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Page(path) => write!(f, "{path}"),
            Self::Shell(path) => write!(f, "{path} (for any parameters)"),
            Self::NotFound => f.write_str("/_not-found"),
        }
    }
}

/// What came of a route's pages.
#[derive(Default)]
struct Made {
    own: Vec<Prerendered>,
    /// What they show while the parameters are not known.
    shell: Option<Prerendered>,
}

impl Made {
    fn all(&self) -> impl Iterator<Item = &Prerendered> {
        self.own.iter().chain(&self.shell)
    }

    fn has_shell(&self) -> bool {
        matches!(self.shell, Some(Prerendered::Stored { .. }))
    }

    fn is_whole(&self) -> bool {
        self.all().all(|page| !matches!(page, Prerendered::Stored { is_whole: false, .. }))
    }
}

/// Renders what can be, notes in the manifest what cannot, and says how each route answers.
pub(super) async fn prerender(
    dir: &BuildDir,
    manifest: &mut Manifest,
    output: &BuildOutput,
    env: &ProjectEnv,
    in_parts: bool,
    progress: &mut Progress,
) -> Result<Renderings, CliError> {
    let is_candidate = |route: &&Route| is_candidate(route, output, in_parts);
    let candidates: Vec<Route> = manifest.routes.iter().filter(is_candidate).cloned().collect();
    let folder = dir.prerendered();
    remove(&folder)?;
    if candidates.is_empty() {
        return Ok(renderings(manifest, output, &BTreeMap::new()));
    }
    let data = crate::page_cache::data(dir)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let isolates = cores.min(candidates.len());
    let running = engine::start(dir, manifest, env, isolates, data.clone()).await?;
    let running: Arc<dyn JsEngine> = Arc::new(running);
    let listed = progress
        .phase("collecting parameters", static_params::list(&*running, &mut manifest.routes, output, in_parts))
        .await?;
    let mut jobs = jobs(&candidates, &listed);
    if in_parts {
        jobs.extend(shells(&candidates));
    }
    let prerenderer = Prerenderer::new(manifest, Arc::clone(&running), folder.into_std_path_buf())
        .map_err(|error| CliError::Engine { source: error.into() })?;
    let made = progress.counted("rendering pages", jobs.len(), |steps| render(&prerenderer, jobs, isolates, steps));
    let made = made.await;
    if let Ok(tag) = BUILD_TAG.parse() {
        data.invalidate(&tag);
    }
    // What was fetched is the server's as well. A cache that cannot be written has said so.
    let _ = data.flush().await;
    drop(prerenderer);
    running.shutdown().await;
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
/// `in_parts`: pages are rendered as far as they are.
fn is_candidate(route: &Route, output: &BuildOutput, in_parts: bool) -> bool {
    let is_open = match &route.target {
        _ if !in_parts => !route.pattern.is_dynamic() && rendering::may_be_static(route, output),
        RouteTarget::Page { .. } => true,
        RouteTarget::Handler { .. } => !route.pattern.is_dynamic() && rendering::reads(route, output),
        RouteTarget::Metadata { .. } => !route.pattern.is_dynamic() && rendering::may_be_static(route, output),
    };
    route.intercepts.is_none() && (static_params::lists(route, output) || is_open)
}

fn jobs(candidates: &[Route], listed: &BTreeMap<RouteId, Vec<CanonicalPath>>) -> Vec<Job> {
    let mut jobs = Vec::new();
    for route in candidates {
        if route.id.is_not_found() {
            jobs.push(Job { route: route.id.clone(), what: What::NotFound });
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
        jobs.extend(paths.iter().map(|path| Job { route: route.id.clone(), what: What::Page(path.clone()) }));
    }
    jobs
}

/// What pages with parameters show while these are not known.
fn shells(candidates: &[Route]) -> impl Iterator<Item = Job> {
    let pages = candidates.iter().filter(|route| route.tree().is_some() && route.pattern.is_dynamic());
    pages.filter_map(|route| {
        let path = route.pattern.shell_path()?;
        Some(Job { route: route.id.clone(), what: What::Shell(path) })
    })
}

/// What came of the pages of each route.
async fn render(
    prerenderer: &Prerenderer,
    jobs: Vec<Job>,
    isolates: usize,
    steps: Steps,
) -> Result<BTreeMap<RouteId, Made>, CliError> {
    let rendered = stream::iter(jobs).map(async |job: Job| {
        let made = match &job.what {
            What::Page(path) => prerenderer.render(path).await,
            What::Shell(path) => prerenderer.render_shell(path).await,
            What::NotFound => prerenderer.render_not_found().await,
        };
        steps.done();
        (job, made)
    });
    let mut rendered = std::pin::pin!(rendered.buffer_unordered(isolates * PAGES_AT_A_TIME));
    let mut made: BTreeMap<RouteId, Made> = BTreeMap::new();
    while let Some((job, page)) = rendered.next().await {
        let page = page.map_err(|error| CliError::Prerender {
            path: job.what.to_string(),
            route: job.route.to_string(),
            problem: error.to_string(),
        })?;
        let pages = made.entry(job.route).or_default();
        match job.what {
            What::Shell(_) => pages.shell = Some(page),
            What::Page(_) | What::NotFound => pages.own.push(page),
        }
    }
    Ok(made)
}

fn renderings(manifest: &mut Manifest, output: &BuildOutput, made: &BTreeMap<RouteId, Made>) -> Renderings {
    let mut dynamic = BTreeSet::new();
    let mut stored_handlers = BTreeSet::new();
    let mut shells = BTreeSet::new();
    let renderings = manifest.routes.iter().map(|route| {
        let is_handler = !matches!(route.target, RouteTarget::Page { .. });
        let pages = made.get(&route.id);
        let is_dynamic = pages.is_some_and(|pages| pages.own.contains(&Prerendered::PerRequest));
        if is_handler && pages.is_some() && !is_dynamic {
            stored_handlers.insert(route.id.clone());
        }
        let rendering = match pages {
            Some(_) if is_dynamic => {
                dynamic.insert(route.id.clone());
                Rendering::Dynamic
            }
            Some(pages) if pages.has_shell() || !pages.is_whole() => {
                if pages.has_shell() {
                    shells.insert(route.id.clone());
                }
                Rendering::Partial(lifetime(pages))
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
    manifest.shells = shells;
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
fn lifetime(pages: &Made) -> Lifetime {
    let policies = || {
        pages.all().filter_map(|page| match page {
            Prerendered::Stored { policy, .. } => Some(policy),
            Prerendered::Unstorable | Prerendered::PerRequest => None,
        })
    };
    Lifetime {
        revalidate: policies().filter_map(|policy| policy.revalidate).min(),
        expire: policies().filter_map(|policy| policy.expire).min(),
    }
}
