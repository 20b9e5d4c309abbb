//! The engine of a build at work: what it lists, and what it renders before anybody asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use futures_util::{StreamExt as _, stream};
use vinext_adapters::engine::JsEngine;
use vinext_adapters::manifest::{BuildDir, Manifest};
use vinext_adapters::native::engine::BUILD_TAG;
use vinext_adapters::native::server::{PrerenderError, Prerendered, Prerenderer, RenderedPage};
use vinext_cache::Cache;
use vinext_compiler::bundle::BuildOutput;
use vinext_router::{CanonicalPath, Route, RouteId};

use super::attempts::{self, ATTEMPTS};
use super::progress::{Progress, Steps};
use super::static_params::Listed;
use super::{engine, static_params};
use crate::error::CliError;
use crate::project::env::ProjectEnv;

/// How many pages one isolate renders at a time: a page that waits for its data leaves the CPU to others.
const PAGES_AT_A_TIME: usize = 8;

/// Something to render.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) route: RouteId,
    /// The file that answers, for people.
    pub(super) file: String,
    pub(super) what: What,
}

/// What is rendered of a route.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// The page at a path.
    Page(CanonicalPath),
    /// What pages show while their last parameters are not known: the path has the names in their places.
    Shell {
        path: CanonicalPath,
        /// There are pages of which more is known.
        refined: bool,
    },
    /// The page for what is not there.
    NotFound,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Page(path) => write!(f, "{path}"),
            Self::Shell { path, .. } => write!(f, "{path} (for any parameters)"),
            Self::NotFound => f.write_str("/_not-found"),
        }
    }
}

/// What came of a route's pages.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) own: Vec<Prerendered>,
    /// What they show while parameters are not known, by its path.
    pub(super) shells: BTreeMap<CanonicalPath, Prerendered>,
}

impl Made {
    pub(super) fn all(&self) -> impl Iterator<Item = &Prerendered> {
        self.own.iter().chain(self.shells.values())
    }

    /// The paths of the shells that are stored.
    pub(super) fn stored_shells(&self) -> BTreeSet<CanonicalPath> {
        let stored = self.shells.iter().filter(|(_, shell)| matches!(shell, Prerendered::Stored { .. }));
        stored.map(|(path, _)| path.clone()).collect()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.all().all(|page| !matches!(page, Prerendered::Stored { is_partial: true, .. }))
    }
}

/// The engine, with what it fetches.
pub(super) struct Renderer {
    engine: Arc<dyn JsEngine>,
    data: Cache,
    /// The app's own cache handlers.
    handlers: Option<crate::cache_handler::Running>,
    isolates: usize,
    /// How long a page may take.
    limit: Duration,
}

impl Renderer {
    /// Starts isolates for so many routes at most.
    pub(super) async fn start(
        root: &Utf8Path,
        dir: &BuildDir,
        manifest: &Manifest,
        env: &ProjectEnv,
        routes: usize,
    ) -> Result<Self, CliError> {
        let handlers = crate::cache_handler::start(root, dir, manifest, engine::variables(env), true).await?;
        let data = match handlers.as_ref().and_then(|running| running.cache.clone()) {
            Some(cache) => cache,
            None => crate::page_cache::data(dir, manifest.config.cache_memory)?,
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let isolates = cores.min(routes).max(1);
        let functions = handlers.as_ref().and_then(|running| running.functions.clone());
        let engine = engine::start(dir, manifest, env, isolates, data.clone(), functions).await?;
        Ok(Self {
            engine: Arc::new(engine),
            data,
            handlers,
            isolates,
            limit: Duration::from_millis(manifest.config.page_timeout),
        })
    }

    /// The paths that routes with parameters list. `in_parts`: pages are rendered as far as they are the same for everybody.
    pub(super) async fn list(
        &self,
        routes: &mut [Route],
        output: &BuildOutput,
        in_parts: bool,
        progress: &mut Progress,
    ) -> Result<BTreeMap<RouteId, Listed>, CliError> {
        progress
            .phase("collecting parameters", static_params::list(&*self.engine, routes, output, in_parts, self.limit))
            .await
    }

    /// What renders the pages of a build.
    pub(super) fn prerenderer(&self, manifest: &Manifest) -> Result<Prerenderer, CliError> {
        Prerenderer::new(manifest, Arc::clone(&self.engine)).map_err(|error| CliError::Engine { source: error.into() })
    }

    /// Renders pages; `keep` is told what came of each. `None` depends on the request.
    pub(super) async fn render(
        &self,
        prerenderer: &Prerenderer,
        jobs: Vec<Job>,
        progress: &mut Progress,
        keep: impl AsyncFn(&Job, Result<Option<RenderedPage>, PrerenderError>) -> Result<Prerendered, CliError>,
    ) -> Result<BTreeMap<RouteId, Made>, CliError> {
        let total = jobs.len();
        let work = async move |steps: Steps| {
            let rendered = stream::iter(jobs).map(async |job: Job| {
                let attempt = async || match &job.what {
                    What::Page(path) => prerenderer.render(path).await,
                    What::Shell { path, refined } => prerenderer.render_shell(path, *refined).await,
                    What::NotFound => prerenderer.render_not_found().await,
                };
                let again = |number| {
                    let limit = attempts::seconds(self.limit);
                    steps.warn(&format!("{} (attempt {number} of {ATTEMPTS}) took more than {limit}", job.what));
                };
                let made = match attempts::in_time(self.limit, attempt, again).await {
                    Some(page) => keep(&job, page).await,
                    None => Err(self.too_slow(&job)),
                };
                steps.done();
                (job, made)
            });
            let mut rendered = std::pin::pin!(rendered.buffer_unordered(self.isolates * PAGES_AT_A_TIME));
            let mut made: BTreeMap<RouteId, Made> = BTreeMap::new();
            while let Some((job, page)) = rendered.next().await {
                let pages = made.entry(job.route).or_default();
                match job.what {
                    What::Shell { path, .. } => drop(pages.shells.insert(path, page?)),
                    What::Page(_) | What::NotFound => pages.own.push(page?),
                }
            }
            Ok(made)
        };
        progress.counted("rendering pages", total, work).await
    }

    fn too_slow(&self, job: &Job) -> CliError {
        let (path, file, limit) = (job.what.to_string(), job.file.clone(), attempts::seconds(self.limit));
        CliError::PrerenderTimeout { path, file, limit, attempts: ATTEMPTS }
    }

    /// Ends the engine. What was fetched is the server's as well.
    pub(super) async fn end(self) {
        if let Ok(tag) = BUILD_TAG.parse() {
            self.data.invalidate(&tag);
        }
        self.engine.shutdown().await;
        // What was fetched is the server's as well. A cache that cannot be written has said so.
        drop(self.data.flush().await);
        if let Some(handlers) = self.handlers {
            handlers.end().await;
        }
    }
}
