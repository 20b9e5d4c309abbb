//! Pages that are rendered before anybody asks for them.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use thiserror::Error;
use vinext_cache::{Clock as _, Entry, FillGuard, SeededStore, SystemClock};
use vinext_router::{CanonicalPath, Cleared, Decision, Pipeline, RequestHead, RouteId, RouteMatch, Variant, Verdict};

use super::ServeError;
use super::storing::{self, Whole};
use crate::engine::{Content, EngineRequest, JsEngine, Matched, PagePolicy};
use crate::manifest::Manifest;

/// The host of a page that nobody has asked for.
const HOST: &str = "localhost";

/// A page that was rendered before anybody has asked for it: its document, or a handler's answer, or a metadata file.
#[derive(Debug, Clone)]
pub struct RenderedPage {
    /// The route that answers.
    pub route: RouteId,
    /// Where, below the base path.
    pub path: CanonicalPath,
    /// Whether it is a page, not a handler's answer or a metadata file.
    pub is_page: bool,
    /// The status that it has.
    pub status: StatusCode,
    /// The headers that it has.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// For how long it is good, and the payload that a document was rendered from. `None` if it may not be stored.
    pub policy: Option<PagePolicy>,
}

/// What came of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prerendered {
    /// It is stored. A build remembers this of each of its pages, so it is small.
    Stored {
        /// After how many seconds it is made anew. `None`: never.
        revalidate: Option<u64>,
        /// After how many seconds it is not served any more. `None`: never.
        expire: Option<u64>,
        /// Whether the rest of it is rendered for each request.
        is_partial: bool,
    },
    /// It is everybody's, but nothing that can be stored.
    Unstorable,
    /// It depends on the request.
    PerRequest,
}

impl Prerendered {
    /// What is stored as `policy` says; without one, nothing is.
    #[must_use]
    pub fn stored_as(policy: Option<&PagePolicy>) -> Self {
        policy.map_or(Self::Unstorable, |PagePolicy { revalidate, expire, rest, .. }| Self::Stored {
            revalidate: *revalidate,
            expire: *expire,
            is_partial: rest.is_some(),
        })
    }
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

impl RenderedPage {
    /// Where the page leads, if it leads elsewhere.
    #[must_use]
    pub fn leads_to(&self) -> Option<&str> {
        let location = self.headers.get(http::header::LOCATION).filter(|_| self.status.is_redirection());
        location.and_then(|location| location.to_str().ok())
    }

    /// Writes the page into `folder`, where a [`NativeServer`](super::NativeServer) of this build finds it through a
    /// [`SeededStore`] over that folder.
    ///
    /// # Errors
    ///
    /// [`PrerenderError::Write`].
    pub async fn plant(self, build_id: &str, folder: PathBuf) -> Result<Prerendered, PrerenderError> {
        let variant = if self.is_page { vinext_cache::Variant::Html } else { vinext_cache::Variant::Handler };
        let key = storing::key(build_id, self.route.as_str(), variant, &self.path).finish();
        let whole = self.whole();
        let Some((response, stored)) = whole.storable(&key) else { return Ok(Prerendered::Unstorable) };
        let made = Prerendered::stored_as(whole.policy.as_ref());
        let entry = Entry::prerendered(response, stored, SystemClock.now());
        let planted = tokio::task::spawn_blocking(move || SeededStore::plant(&folder, &key, &entry)).await;
        let planted = planted.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        planted.map_err(PrerenderError::Write)?;
        Ok(made)
    }

    /// Stores the page for whoever asked for it to be made.
    pub(super) fn fill(self, guard: FillGuard) {
        drop(self.whole().fill(guard));
    }

    fn whole(self) -> Whole {
        Whole { status: self.status, headers: self.headers, bytes: self.body, policy: self.policy }
    }
}

/// Renders the pages of a build.
pub struct Prerenderer {
    engine: Arc<dyn JsEngine>,
    pipeline: Pipeline,
    base_path: String,
    trailing_slash: bool,
}

impl std::fmt::Debug for Prerenderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prerenderer").field("base_path", &self.base_path).finish_non_exhaustive()
    }
}

impl Prerenderer {
    /// Renders with `engine`, which knows that it builds.
    ///
    /// # Errors
    ///
    /// The build's path rules cannot be used.
    pub fn new(manifest: &Manifest, engine: Arc<dyn JsEngine>) -> Result<Self, ServeError> {
        // Neither the proxy nor what `next.config` does with requests has a say: there is no request.
        let pipeline = Pipeline::new(&manifest.graph(), manifest.config.path_rules()?);
        let config = &manifest.config;
        Ok(Self { engine, pipeline, base_path: config.base_path.clone(), trailing_slash: config.trailing_slash })
    }

    /// Renders the page at `path`, which is below the base path. `None`: it depends on the request.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render(&self, path: &CanonicalPath) -> Result<Option<RenderedPage>, PrerenderError> {
        self.render_as(path, Matched::route).await
    }

    /// Renders what a route with parameters shows while the last of them, or all, are not known. `path` has their names in
    /// their places. `None`: that depends on the request, or it is nothing, which only `refined` may be: there are pages of
    /// which more is known.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render_shell(
        &self,
        path: &CanonicalPath,
        refined: bool,
    ) -> Result<Option<RenderedPage>, PrerenderError> {
        self.render_as(path, |found| Matched::shell(found, refined)).await
    }

    async fn render_as(
        &self,
        path: &CanonicalPath,
        matched: impl FnOnce(&Cleared<RouteMatch>) -> Matched,
    ) -> Result<Option<RenderedPage>, PrerenderError> {
        let found = self.find(path)?;
        self.rendered(&found, matched(&found)).await
    }

    fn find(&self, path: &CanonicalPath) -> Result<Cleared<RouteMatch>, PrerenderError> {
        let target = self.target(path);
        let header = |name: &str| (name == "host").then_some(HOST.as_bytes());
        let head = RequestHead { method: "GET", target: &target, header: &header };
        match self.pipeline.decide(&head, |_| Verdict::Next) {
            Decision::Match(found) => Ok(found),
            _ => Err(PrerenderError::NoRoute(target)),
        }
    }

    /// Renders the not-found page, which is one for all paths. `None`: it depends on the request.
    ///
    /// # Errors
    ///
    /// [`PrerenderError`].
    pub async fn render_not_found(&self) -> Result<Option<RenderedPage>, PrerenderError> {
        let found = self.pipeline.nowhere();
        self.rendered(&found, Matched::route(&found)).await
    }

    async fn rendered(
        &self,
        found: &Cleared<RouteMatch>,
        matched: Matched,
    ) -> Result<Option<RenderedPage>, PrerenderError> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, HeaderValue::from_static(HOST));
        let request = EngineRequest {
            method: Method::GET,
            url: format!("http://{HOST}{}", self.target(found.path())),
            headers,
            body: Content::none(),
            matched,
            rest: None,
        };
        let failed = |error: &dyn std::fmt::Display| PrerenderError::Render(error.to_string());
        let rendered = self.engine.handle(request).await.map_err(|error| failed(&error))?;
        if !rendered.shared {
            return Ok(None);
        }
        let Whole { status, headers, bytes, policy } = Whole::of(rendered).await.map_err(|error| failed(&error))?;
        if status.is_server_error() {
            return Err(PrerenderError::Status(status));
        }
        Ok(Some(RenderedPage {
            route: found.route_id().clone(),
            path: found.path().clone(),
            is_page: found.variant() == Variant::Html,
            status,
            headers,
            body: bytes,
            policy,
        }))
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
