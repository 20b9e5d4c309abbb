//! `output: "export"`: the app as files, for hosts that do nothing but send them.

mod site;
mod unsupported;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use vinext_adapters::export::Draft;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::server::{PrerenderError, Prerendered, RenderedPage};
use vinext_compiler::BuildError;
use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::diagnostics::Diagnostic;
use vinext_router::{CanonicalPath, Route, RouteGraph, RouteTarget};

use self::site::{Contents, Site};
use super::entries::ServerFacts;
use super::prerender::{self, Renderings};
use super::progress::Progress;
use super::renderer::{Job, Renderer, What};
use crate::config::Config;
use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// Where an app is exported to.
pub(super) struct Target {
    /// The project.
    pub(super) root: Utf8PathBuf,
    /// The folder, relative to the project.
    pub(super) folder: Utf8PathBuf,
}

/// What of a project must not be in an export, nor around it: relative to the project.
const SOURCES: [&str; 8] = ["app", "src", "pages", "public", "node_modules", ".git", ".next", "package.json"];

impl Target {
    /// The folder `export` of the project, if nothing is lost when it is replaced.
    pub(super) fn new(root: &Utf8Path, export: &str, config: &Config) -> Result<Self, CliError> {
        // Without `.` in it.
        let folder: Utf8PathBuf = Utf8Path::new(export)
            .components()
            .filter(|component| matches!(component, camino::Utf8Component::Normal(_)))
            .collect();
        let sources = SOURCES.into_iter().chain([config.dist_dir.as_str()]);
        let is_near = |source: &str| folder.starts_with(source) || Utf8Path::new(source).starts_with(&folder);
        if let Some(source) = sources.into_iter().find(|source| is_near(source)) {
            return Err(CliError::ExportFolder { folder, source_folder: source.to_owned() });
        }
        Ok(Self { root: root.to_owned(), folder })
    }
}

/// Stops the build of what cannot be exported; says what is left out.
pub(super) fn check(
    graph: &RouteGraph,
    output: &BuildOutput,
    config: &Config,
    facts: &ServerFacts,
) -> Result<Vec<Diagnostic>, CliError> {
    let problems = unsupported::problems(graph, output);
    if !problems.is_empty() {
        return Err(CliError::Compile(BuildError::Source(problems)));
    }
    let mut warnings = unsupported::warnings(config, facts);
    let left_out = graph.routes.iter().filter_map(|route| unsupported::left_out(route, output));
    warnings.extend(left_out.map(|why| Diagnostic::warning(why).with_code("vinext::export")));
    Ok(warnings)
}

/// Renders everything into files, and puts them into the target in place of what is there.
pub(super) async fn export(
    root: &Utf8Path,
    dir: &BuildDir,
    manifest: &mut Manifest,
    output: &BuildOutput,
    env: &ProjectEnv,
    target: &Target,
    progress: &mut Progress,
) -> Result<(Renderings, Vec<Diagnostic>), CliError> {
    prerender::remove(&dir.prerendered())?;
    let routes: Vec<Route> = manifest.routes.iter().filter(|route| is_rendered(route, output)).cloned().collect();
    let renderer = Renderer::start(root, dir, manifest, env, routes.len()).await?;
    let listed = renderer.list(&mut manifest.routes, output, false, progress).await?;
    let is_unlisted = |route: &&Route| {
        route.pattern.is_dynamic() && listed.get(&route.id).is_none_or(|listed| listed.paths.is_empty())
    };
    let unlisted: Vec<_> =
        routes.iter().filter(is_unlisted).map(|route| unsupported::unlisted(route, output)).collect();
    if !unlisted.is_empty() {
        return Err(CliError::Compile(BuildError::Source(unlisted)));
    }

    let mut paths = BTreeSet::new();
    let mut jobs = prerender::jobs(&routes, &listed);
    // Of two routes with one path the first in order of precedence answers, as it does a request.
    jobs.retain(|job| paths.insert(job.what.to_string()));
    let assets = static_metadata(manifest)?;
    let out = target.root.join(&target.folder);
    let site = plan(manifest, &routes, &jobs, &assets, &out)?;
    let prerenderer = renderer.prerenderer(manifest)?;
    let keep = async |job: &Job, page: Result<Option<RenderedPage>, PrerenderError>| {
        let page = whole(page).map_err(|problem| {
            let (path, file) = (job.what.to_string(), job.file.clone());
            CliError::Export { path, file, problem }
        })?;
        written(&out, tokio::task::block_in_place(|| site.write(&job.what, &page)))?;
        Ok(Prerendered::stored_as(page.policy.as_ref()))
    };
    let made = renderer.render(&prerenderer, jobs, progress, keep).await?;
    drop(prerenderer);
    renderer.end().await;

    let copied = tokio::task::block_in_place(|| {
        site.write_redirects()?;
        site.copy_assets(&dir.client())?;
        for (path, file) in &assets {
            site.copy(&dir.resolve(file), path)?;
        }
        let hidden = site.copy_public(&target.root.join("public"))?;
        site.publish()?;
        Ok(hidden)
    });
    let hidden = written(&out, copied)?;
    let warnings = hidden.into_iter().map(|file| {
        Diagnostic::warning(format!("`public/{file}` is not exported: a file of that name, or below it, is the app's"))
            .with_code("vinext::export")
    });
    let warnings = warnings.collect();
    Ok((prerender::renderings(manifest, output, &made), warnings))
}

fn written<T>(out: &Utf8Path, result: std::io::Result<T>) -> Result<T, CliError> {
    result.map_err(|source| CliError::Write { path: out.to_owned(), source })
}

/// The page, or why there is none.
fn whole(page: Result<Option<RenderedPage>, PrerenderError>) -> Result<RenderedPage, String> {
    match page {
        Ok(Some(page)) if page.policy.as_ref().is_some_and(|policy| policy.rest.is_some()) => {
            Err("a part of it depends on the request".to_owned())
        }
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err("it depends on the request".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether a route is rendered into files.
fn is_rendered(route: &Route, output: &BuildOutput) -> bool {
    let is_copied = matches!(&route.target, RouteTarget::Metadata { file } if file.is_static);
    !is_copied && unsupported::left_out(route, output).is_none()
}

/// The metadata files that are sent as they are: where, and the copy in the build.
fn static_metadata(manifest: &Manifest) -> Result<Vec<(CanonicalPath, Utf8PathBuf)>, CliError> {
    let mut assets = Vec::new();
    for route in &manifest.routes {
        let RouteTarget::Metadata { file } = &route.target else { continue };
        let Some(asset) = manifest.metadata.get(route.id.as_str()) else { continue };
        let url = file.static_url();
        let path = CanonicalPath::from_segments(url.split('/').skip(1)).map_err(|error| CliError::Export {
            path: url.clone(),
            file: file.file.to_string(),
            problem: error.to_string(),
        })?;
        assets.push((path, asset.file.clone()));
    }
    Ok(assets)
}

/// Decides where everything goes, and begins the folder.
fn plan(
    manifest: &Manifest,
    routes: &[Route],
    jobs: &[Job],
    assets: &[(CanonicalPath, Utf8PathBuf)],
    out: &Utf8Path,
) -> Result<Site, CliError> {
    let pages: BTreeSet<_> = routes.iter().filter(|route| route.tree().is_some()).map(|route| &route.id).collect();
    let (pages, files): (Vec<_>, Vec<_>) = jobs.iter().partition(|job| pages.contains(&job.route));
    let path = |job: &'_ Job| match &job.what {
        What::Page(path) => Some(path.clone()),
        What::Shell { .. } | What::NotFound => None,
    };
    let contents = Contents {
        pages: pages.into_iter().filter_map(path).collect(),
        files: files.into_iter().filter_map(path).chain(assets.iter().map(|(path, _)| path.clone())).collect(),
        trailing_slash: manifest.config.trailing_slash,
        base_path: &manifest.config.base_path,
    };
    let draft = written(out, Draft::begin(out))?;
    Site::plan(&contents, draft).map_err(|problem| CliError::ExportPlan { problem })
}
