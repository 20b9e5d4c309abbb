//! Pages that are rendered before anybody asks for them.

use std::path::PathBuf;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use thiserror::Error;
use vinext_cache::{Clock as _, Entry, SeededStore, SystemClock};
use vinext_router::{CanonicalPath, Cleared, Decision, Pipeline, RequestHead, RouteMatch, Variant, Verdict};

use super::ServeError;
use super::storing::{self, Whole};
use crate::engine::{EngineRequest, JsEngine, Matched, PagePolicy, empty_body};
use crate::manifest::Manifest;

/// The host of a page that nobody has asked for.
const HOST: &str = "localhost";

/// What came of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prerendered {
    /// It is stored.
    Stored {
        /// The status that it will have.
        status: StatusCode,
        /// For how long it is good.
        policy: PagePolicy,
        /// Bytes of its body.
        bytes: usize,
        /// Whether it is everybody's as it is, or the rest is rendered for each request.
        is_whole: bool,
    },
    /// It is everybody's, but nothing that can be stored.
    Unstorable,
    /// It depends on the request.
    PerRequest,
}

/// Why there is no page.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrerenderError {
    /// The path leads to no page.
    #[error("no route answers `{0}`")]
    NoRoute(String),
    /// The page failed; its own error is in the log.
    #[error("{0}")]
    Render(String),
    /// The page answers with a status that stands for a failure.
    #[error("it answers with status {0}")]
    Status(StatusCode),
    /// The page cannot be written.
    #[error("it cannot be stored")]
    Write(#[source] std::io::Error),
}

/// Renders pages into a folder, where a [`NativeServer`](super::NativeServer) over that folder finds them.
pub struct Prerenderer {
    engine: Arc<dyn JsEngine>,
    pipeline: Pipeline,
    folder: PathBuf,
    build_id: String,
    base_path: String,
    trailing_slash: bool,
}

impl std::fmt::Debug for Prerenderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prerenderer").field("build_id", &self.build_id).finish_non_exhaustive()
    }
}

impl Prerenderer {
    /// Renders the pages of a build with `engine`, which knows that it builds, into `folder`: the seeds
    /// of a [`SeededStore`].
    ///
    /// # Errors
    ///
    /// The build's path rules cannot be used.
    pub fn new(manifest: &Manifest, engine: Arc<dyn JsEngine>, folder: PathBuf) -> Result<Self, ServeError> {
        // Neither the proxy nor what `next.config` does with requests has a say: there is no request.
        let pipeline = Pipeline::new(&manifest.graph(), manifest.config.path_rules()?);
        Ok(Self {
            engine,
            pipeline,
            folder,
            build_id: manifest.build_id.clone(),
            base_path: manifest.config.base_path.clone(),
            trailing_slash: manifest.config.trailing_slash,
        })
    }

    /// Renders the page at `path`, which is below the base path: its document, with which its payload is stored; or a
    /// handler's answer, or a metadata file.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render(&self, path: &CanonicalPath) -> Result<Prerendered, PrerenderError> {
        self.render_as(path, false).await
    }

    /// Renders what a route with parameters shows while they are not known. `path` has their names in their places.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render_shell(&self, path: &CanonicalPath) -> Result<Prerendered, PrerenderError> {
        self.render_as(path, true).await
    }

    async fn render_as(&self, path: &CanonicalPath, is_shell: bool) -> Result<Prerendered, PrerenderError> {
        let target = self.target(path);
        let header = |name: &str| (name == "host").then_some(HOST.as_bytes());
        let head = RequestHead { method: "GET", target: &target, header: &header };
        let Decision::Match(found) = self.pipeline.decide(&head, |_| Verdict::Next) else {
            return Err(PrerenderError::NoRoute(target));
        };
        let matched = if is_shell { Matched::shell(&found) } else { Matched::route(&found) };
        self.render_match(&found, matched).await
    }

    /// Renders the not-found page, which is one for all paths.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render_not_found(&self) -> Result<Prerendered, PrerenderError> {
        let found = self.pipeline.nowhere();
        self.render_match(&found, Matched::route(&found)).await
    }

    async fn render_match(&self, found: &Cleared<RouteMatch>, matched: Matched) -> Result<Prerendered, PrerenderError> {
        let target = self.target(found.path());
        let is_page = found.variant() == Variant::Html;
        let variant = if is_page { vinext_cache::Variant::Html } else { vinext_cache::Variant::Handler };
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, HeaderValue::from_static(HOST));
        let request = EngineRequest {
            method: Method::GET,
            url: format!("http://{HOST}{target}"),
            headers,
            body: empty_body(),
            matched,
            rest: None,
        };
        let key = storing::key(&self.build_id, found.route_id().as_str(), variant, found.path()).finish();
        let failed = |error: &dyn std::fmt::Display| PrerenderError::Render(error.to_string());
        let rendered = self.engine.handle(request).await.map_err(|error| failed(&error))?;
        if !rendered.shared {
            return Ok(Prerendered::PerRequest);
        }
        let whole = Whole::of(rendered).await.map_err(|error| failed(&error))?;
        if whole.status.is_server_error() {
            return Err(PrerenderError::Status(whole.status));
        }
        let (Some(policy), Some((response, stored))) = (whole.policy.clone(), whole.storable(&key)) else {
            return Ok(Prerendered::Unstorable);
        };
        let entry = Entry::prerendered(response, stored, SystemClock.now());
        let folder = self.folder.clone();
        let planted = tokio::task::spawn_blocking(move || SeededStore::plant(&folder, &key, &entry)).await;
        planted.map_err(|error| failed(&error))?.map_err(PrerenderError::Write)?;
        let is_whole = policy.rest.is_none();
        Ok(Prerendered::Stored { status: whole.status, policy, bytes: whole.bytes.len(), is_whole })
    }

    /// The one form of a page's path in this app.
    fn target(&self, path: &CanonicalPath) -> String {
        let path = match path.as_str() {
            "/" if !self.base_path.is_empty() => "",
            path => path,
        };
        let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        let slash = if self.trailing_slash && !path.ends_with('/') && !is_file { "/" } else { "" };
        format!("{}{path}{slash}", self.base_path)
    }
}
