//! Renders what is the same for everybody, into the build.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::server::{PrerenderError, Prerendered, RenderedPage};
use vinext_compiler::bundle::BuildOutput;
use vinext_router::{CanonicalPath, Route, RouteId, RouteTarget};

use super::progress::Progress;
use super::renderer::{Job, Made, Renderer, What};
use super::static_params::Listed;
use super::table::{Lifetime, Rendering};
use super::{ensure_static, rendering, static_params};
use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// How each route answers.
pub(super) type Renderings = BTreeMap<RouteId, Rendering>;

/// Renders what can be, notes in the manifest what cannot, and says how each route answers.
pub(super) async fn prerender(
    root: &Utf8Path,
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
    let renderer = Renderer::start(root, dir, manifest, env, candidates.len()).await?;
    let listed = renderer.list(&mut manifest.routes, output, in_parts, progress).await?;
    let mut jobs = jobs(&candidates, &listed);
    if in_parts {
        jobs.extend(shells(&candidates, &listed, |route| ensure_static::is_whole(route, output)));
    }
    let prerenderer = renderer.prerenderer(manifest)?;
    let keep = async |job: &Job, page: Result<Option<RenderedPage>, PrerenderError>| {
        let planted = match page {
            Ok(Some(page)) => page.plant(&manifest.build_id, folder.clone().into_std_path_buf()).await,
            Ok(None) => Ok(Prerendered::PerRequest),
            Err(error) => Err(error),
        };
        let failed = |error: PrerenderError| {
            let (path, file) = (job.what.to_string(), job.file.clone());
            CliError::Prerender { path, file, problem: error.to_string() }
        };
        planted.map_err(failed)
    };
    let made = renderer.render(&prerenderer, jobs, progress, keep).await;
    drop(prerenderer);
    renderer.end().await;
    Ok(renderings(manifest, output, &made?))
}

/// Removes a folder that need not be there.
pub(super) fn remove(folder: &Utf8Path) -> Result<(), CliError> {
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

/// The pages of routes, with those that were listed.
pub(super) fn jobs(routes: &[Route], listed: &BTreeMap<RouteId, Listed>) -> Vec<Job> {
    let mut jobs = Vec::new();
    for route in routes {
        let job = |what| Job { route: route.id.clone(), file: file_of(route), what };
        if route.id.is_not_found() {
            jobs.push(job(What::NotFound));
            continue;
        }
        let own;
        let paths = match listed.get(&route.id) {
            Some(listed) => listed.paths.as_slice(),
            None if route.pattern.is_dynamic() => continue,
            None => match route.pattern.to_string().parse::<CanonicalPath>() {
                Ok(path) => {
                    own = [path];
                    own.as_slice()
                }
                Err(_) => continue,
            },
        };
        jobs.extend(paths.iter().map(|path| job(What::Page(path.clone()))));
    }
    jobs
}

/// What pages with parameters show while none of these are known, or not all of them. Of `whole` routes nothing is shown
/// before the page is there.
fn shells(candidates: &[Route], listed: &BTreeMap<RouteId, Listed>, whole: impl Fn(&Route) -> bool) -> Vec<Job> {
    let nothing = Listed::default();
    let mut jobs = Vec::new();
    let has_shells = |route: &&Route| route.tree().is_some() && route.pattern.is_dynamic() && !whole(route);
    for route in candidates.iter().filter(has_shells) {
        let Route { id, pattern, .. } = route;
        let Listed { paths, shells } = listed.get(id).unwrap_or(&nothing);
        let mut refined: BTreeSet<CanonicalPath> = paths.iter().flat_map(|path| pattern.shell_paths(path)).collect();
        refined.extend(shells.iter().flat_map(|shell| pattern.shell_paths(shell).filter(move |above| above != shell)));
        for path in pattern.shell_path().iter().chain(shells) {
            let what = What::Shell { path: path.clone(), refined: refined.contains(path) };
            jobs.push(Job { route: id.clone(), file: file_of(route), what });
        }
    }
    jobs
}

/// The file of a route, for people.
fn file_of(route: &Route) -> String {
    route.file().map_or_else(|| route.id.to_string(), ToString::to_string)
}

/// Notes what came of the pages in the manifest, and says how each route answers.
pub(super) fn renderings(manifest: &mut Manifest, output: &BuildOutput, made: &BTreeMap<RouteId, Made>) -> Renderings {
    let mut dynamic = BTreeSet::new();
    let mut stored_handlers = BTreeSet::new();
    let mut shells = BTreeMap::new();
    let renderings = manifest.routes.iter().map(|route| {
        let is_handler = !matches!(route.target, RouteTarget::Page { .. });
        let pages = made.get(&route.id);
        let stored = pages.map(Made::stored_shells).unwrap_or_default();
        let is_dynamic = pages.is_some_and(|pages| pages.own.contains(&Prerendered::PerRequest));
        if is_handler && pages.is_some() && !is_dynamic {
            stored_handlers.insert(route.id.clone());
        }
        let rendering = match pages {
            Some(_) if is_dynamic => {
                dynamic.insert(route.id.clone());
                Rendering::Dynamic
            }
            Some(pages) if !stored.is_empty() || !pages.is_whole() => {
                if !stored.is_empty() {
                    shells.insert(route.id.clone(), stored);
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
    let shorter = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    pages.all().fold(Lifetime::default(), |least, page| match page {
        Prerendered::Stored { revalidate, expire, .. } => {
            Lifetime { revalidate: shorter(least.revalidate, *revalidate), expire: shorter(least.expire, *expire) }
        }
        Prerendered::Unstorable | Prerendered::PerRequest => least,
    })
}
