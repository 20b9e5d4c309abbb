//! Pages and route handlers: from the store if they are there, else from the engine.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE, RETRY_AFTER, SET_COOKIE,
    VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use vinext_cache::{Cache, CacheKey, Entry, FillGuard, Freshness, Lookup};
use vinext_router::{Cleared, FLIGHT_HEADERS, RouteMatch, Variant};

use super::body::{self, Body};
use super::compress;
use super::draft::{self, Draft, draft};
use super::encoding::{Encoding, negotiate};
use super::question::Question;
use super::range;
use super::shells::Shells;
use super::static_files::matches_etag;
use super::storing::{self, PAYLOAD, REST, Shown, Whole, etag_of, head_of, rest_of};
use super::{ServeError, is_read, response, strip_reserved};
use crate::engine::{BodyError, Content, EngineError, EngineRequest, EngineResponse, JsEngine, Matched};
use crate::manifest::Manifest;

const CACHE_STATE: HeaderName = HeaderName::from_static("x-nextjs-cache");
/// Says that a payload is not all of the page.
const POSTPONED: HeaderName = HeaderName::from_static("x-nextjs-postponed");
const PRERENDER: HeaderName = HeaderName::from_static("x-nextjs-prerender");
const POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");

/// A request whose route is decided.
pub(super) struct PageRequest {
    pub(super) method: Method,
    /// Absolute.
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Content,
    pub(super) found: Cleared<RouteMatch>,
    /// The status of a page that was found for want of another.
    pub(super) status: Option<StatusCode>,
    /// The proxy has set cookies, which are among those of `headers`.
    pub(super) cookies_set: bool,
}

impl PageRequest {
    /// What its answer depends on.
    fn question(&self) -> Question<'_> {
        Question::about(&self.method, &self.headers, &self.found, self.status)
    }
}

/// Everything that the application answers.
#[derive(Clone)]
pub(super) struct Pages {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Arc<dyn JsEngine>,
    cache: Cache,
    build_id: String,
    base_path: String,
    powered_by: bool,
    compress: bool,
    etags: bool,
    draft_secret: String,
    /// How long a page may take that nobody waits for.
    renewal_limit: Duration,
    /// Route handlers that have turned out to answer everybody alike.
    shared_handlers: RwLock<HashSet<String>>,
    /// Routes that have turned out to be rendered for every request: nobody has to wait to learn it again.
    dynamic: RwLock<HashSet<String>>,
    shells: Option<Arc<Shells>>,
}

impl Pages {
    pub(super) fn new(engine: Arc<dyn JsEngine>, manifest: &Manifest, cache: Cache) -> Result<Self, ServeError> {
        let config = &manifest.config;
        let shared = Shared {
            engine: Arc::clone(&engine),
            cache,
            build_id: manifest.build_id.clone(),
            base_path: config.base_path.clone(),
            powered_by: config.powered_by_header,
            compress: config.compress,
            etags: config.generate_etags,
            draft_secret: config.draft_secret.clone(),
            renewal_limit: Duration::from_millis(config.page_timeout),
            shared_handlers: RwLock::new(manifest.stored_handlers.iter().map(ToString::to_string).collect()),
            dynamic: RwLock::new(manifest.dynamic.iter().map(ToString::to_string).collect()),
            shells: Shells::new(manifest, engine)?,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(super) async fn respond(&self, request: PageRequest) -> Response<Body> {
        let shared = &self.shared;
        let is_document = request.found.variant() == Variant::Html;
        let by_origin = request.found.is_interceptable() && request.found.variant() != Variant::Handler;
        let is_outdated = draft(&request.headers, &shared.draft_secret) == Draft::Outdated;
        let request = shared.for_all_paths(request);
        let mut response = match shared.key(&request) {
            Some(key) => shared.stored(key, request).await,
            None => Box::pin(shared.rendered(request)).await,
        };
        if is_outdated {
            forget_draft(response.headers_mut());
        }
        shared.dress(&mut response, is_document, by_origin);
        response
    }

    /// The answer to who asks for a document that is in memory, whole and fresh: what most requests of most sites come to.
    /// Whatever else has a say takes the longer way.
    pub(super) fn at_hand(&self, parts: &Parts, found: &Cleared<RouteMatch>) -> Option<Response<Body>> {
        let shared = &self.shared;
        let route = found.route_id();
        let is_plain = found.variant() == Variant::Html
            && is_read(&parts.method)
            && found.rewritten_from().is_none()
            && !found.is_intercepted()
            && !route.is_not_found()
            && !shared.is_dynamic(route.as_str())
            && draft(&parts.headers, &shared.draft_secret) == Draft::Off;
        if !is_plain {
            return None;
        }
        let key = storing::key(&shared.build_id, route.as_str(), vinext_cache::Variant::Html, found.path()).finish();
        let entry = shared.cache.try_lookup(&key).filter(|entry| rest_of(entry).is_none())?;
        let question = Question::about(&parts.method, &parts.headers, found, None);
        let mut response = shared.answer(&entry, &question, "HIT");
        shared.dress(&mut response, true, found.is_interceptable());
        Some(response)
    }
}

impl Shared {
    /// What each answer has besides, whatever has made it.
    fn dress(&self, response: &mut Response<Body>, is_document: bool, by_origin: bool) {
        if by_origin {
            response.headers_mut().append(VARY, HeaderValue::from_static("next-url"));
        }
        // Next says so of documents, and of redirects in a document's place.
        let kind = response.headers().get(CONTENT_TYPE);
        let is_rendered = kind.map_or_else(
            || {
                response.status() != StatusCode::METHOD_NOT_ALLOWED
                    && !response.headers().contains_key("x-action-redirect")
            },
            |kind| kind.as_bytes().starts_with(b"text/html"),
        );
        if self.powered_by && is_document && is_rendered {
            response.headers_mut().insert(POWERED_BY, HeaderValue::from_static("Next.js"));
        }
    }

    /// A not-found page that may be stored is one for all paths: that one is asked for, whatever was to be done there.
    fn for_all_paths(&self, mut request: PageRequest) -> PageRequest {
        let Some(found) = request.found.nowhere() else { return request };
        if !matches!(request.body, Content::Call(_)) && !is_read(&request.method) {
            (request.method, request.body) = (Method::GET, Content::none());
        }
        if self.key(&request).is_none() {
            return request;
        }
        let url = format!("{}{}{}", origin(&request.url), self.base_path, found.path());
        PageRequest { url, found, ..request }
    }

    /// The key of a request whose answer may be stored.
    fn key(&self, request: &PageRequest) -> Option<CacheKey> {
        let route = request.found.route_id().as_str();
        let is_known = request.found.variant() != Variant::Handler || self.is_shared_handler(route);
        if !is_known || self.is_dynamic(route) {
            return None;
        }
        self.key_of_shared(request)
    }

    /// The key of a request whose answer turns out to be the same for everybody.
    fn key_of_shared(&self, request: &PageRequest) -> Option<CacheKey> {
        let variant = match request.found.variant() {
            Variant::Html => vinext_cache::Variant::Html,
            Variant::Rsc => vinext_cache::Variant::Rsc,
            Variant::Handler => vinext_cache::Variant::Handler,
            _ => return None,
        };
        self.key_as(request, variant)
    }

    fn key_as(&self, request: &PageRequest, variant: vinext_cache::Variant) -> Option<CacheKey> {
        let route = request.found.route_id().as_str();
        if !is_read(&request.method) || draft(&request.headers, &self.draft_secret) == Draft::On {
            return None;
        }
        let mut key = storing::key(&self.build_id, route, variant, request.found.path());
        if let Some(asked) = request.found.rewritten_from() {
            // The page says that it is at the path that was asked for, and has its own query.
            let query = request.url.split_once('?').map_or("", |(_, query)| query);
            key = key.part(asked.as_str()).part(query);
        }
        if request.found.is_intercepted() {
            // The path says only where the navigation goes. The parameters say the rest, and nothing else of where it
            // came from reaches the page.
            for (name, value) in request.found.params().iter() {
                key = key.part(name).part(value.as_str());
            }
        }
        Some(key.finish())
    }

    fn is_shared_handler(&self, route: &str) -> bool {
        self.shared_handlers.read().unwrap_or_else(PoisonError::into_inner).contains(route)
    }

    fn is_dynamic(&self, route: &str) -> bool {
        self.dynamic.read().unwrap_or_else(PoisonError::into_inner).contains(route)
    }

    async fn stored(self: &Arc<Self>, key: CacheKey, request: PageRequest) -> Response<Body> {
        let mut shown = None;
        if let Some(whole) = self.whole(&request) {
            match Box::pin(self.payload(whole)).await {
                Payload::Stored(answer) => return *answer,
                Payload::PerRequest(rest) => {
                    let rest = match rest {
                        None => self.shell(&request.found).await.as_deref().and_then(rest_of),
                        known => known,
                    };
                    return Box::pin(self.rendered_after(rest, request)).await;
                }
                Payload::Elsewhere(in_its_place) => shown = in_its_place,
            }
        }
        let mut response = self.stored_alone(key, request).await;
        if let Some(shown) = shown.filter(|_| response.status() == StatusCode::OK) {
            *response.status_mut() = shown.status;
            if let Some(value) = shown.cache_control {
                response.headers_mut().insert(CACHE_CONTROL, value);
            }
        }
        response
    }

    /// What is stored under a key, or is now.
    async fn stored_alone(self: &Arc<Self>, key: CacheKey, request: PageRequest) -> Response<Body> {
        match self.cache.lookup(&key).await {
            Lookup::Hit(entry, None) => {
                let state = self.state(&entry);
                self.serve(&entry, request, state)
            }
            Lookup::Hit(entry, Some(guard)) => {
                self.renew(guard, reading_request_of(&request));
                self.serve(&entry, request, "STALE")
            }
            // Who waited for another's render may have learned from it.
            Lookup::Miss(guard) if self.is_dynamic(request.found.route_id().as_str()) => {
                drop(guard);
                Box::pin(self.rendered(request)).await
            }
            Lookup::Miss(guard) if request.found.variant() != Variant::Html => {
                Box::pin(self.fill(guard, request)).await
            }
            Lookup::Miss(guard) => match Box::pin(self.shell(&request.found)).await {
                // The page itself is rendered for this request, and for nobody else.
                Some(entry) => {
                    drop(guard);
                    self.serve(&entry, request, "HIT")
                }
                None => Box::pin(self.fill(guard, request)).await,
            },
        }
    }

    /// What can be shown at once of a page that is not stored.
    async fn shell(&self, found: &Cleared<RouteMatch>) -> Option<Arc<Entry>> {
        let is_own = found.rewritten_from().is_none() && !found.is_intercepted();
        self.shells.as_ref().filter(|_| is_own)?.find(&self.cache, found).await
    }

    /// The document with which a payload that is asked for is stored.
    fn whole(&self, request: &PageRequest) -> Option<WholePage> {
        let is_stored = request.found.variant() == Variant::Rsc && !request.found.is_intercepted();
        let key = is_stored.then(|| self.key_as(request, vinext_cache::Variant::Html))??;
        Some(WholePage { key, question: request.question().kept(), request: document_request(request) })
    }

    /// The payload of a page, where that is stored with its document: one render makes both, and both are as old.
    async fn payload(self: &Arc<Self>, whole: WholePage) -> Payload {
        let WholePage { key, question, request } = whole;
        match self.cache.lookup(&key).await {
            Lookup::Hit(entry, None) => {
                let state = self.state(&entry);
                self.payload_of(&entry, &question, state)
            }
            Lookup::Hit(entry, Some(guard)) => {
                self.renew(guard, request);
                self.payload_of(&entry, &question, "STALE")
            }
            // Who waited for another's render may have learned from it.
            Lookup::Miss(_) if self.is_dynamic(&question.route) => Payload::Elsewhere(None),
            Lookup::Miss(_) if self.shells.as_ref().is_some_and(|shells| shells.has(&question.route)) => {
                Payload::PerRequest(None)
            }
            Lookup::Miss(guard) => match self.engine.handle(request).await {
                Ok(rendered) if rendered.shared => match self.store(guard, rendered).await {
                    Ok(entry) => self.payload_of(&entry, &question, "MISS"),
                    Err(_) => Payload::Elsewhere(None),
                },
                Ok(rendered) => {
                    self.learn(&question.route, rendered.status);
                    Payload::Elsewhere(None)
                }
                Err(error) => Payload::Stored(Box::new(failure(&error))),
            },
        }
    }

    fn payload_of(&self, entry: &Entry, question: &Question<'_>, state: &'static str) -> Payload {
        let Some(stored) = entry.response() else { return Payload::Elsewhere(None) };
        match (stored.part(PAYLOAD), stored.part(REST)) {
            (None, _) => Payload::Elsewhere(Shown::of(stored)),
            // Who navigates wants all of it.
            (Some(_), Some(rest)) if !question.is_prefetch => Payload::PerRequest(Some(rest.clone())),
            (Some(_), rest) => {
                let mut answer = self.answer(entry, question, state);
                if rest.is_some() {
                    answer.headers_mut().insert(POSTPONED, HeaderValue::from_static("1"));
                }
                Payload::Stored(Box::new(answer))
            }
        }
    }

    /// Renders a stored page again, in nobody's way.
    fn renew(self: &Arc<Self>, guard: FillGuard, request: EngineRequest) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            // Another instance may have made it already.
            let Err(guard) = guard.find_elsewhere().await else { return };
            let whole = async {
                let rendered = shared.engine.handle(request).await.ok()?;
                if rendered.status.is_server_error() { None } else { Whole::of(rendered).await.ok() }
            };
            // What fails, or never comes, leaves the old entry, and somebody tries again a little later.
            match tokio::time::timeout(shared.renewal_limit, whole).await.ok().flatten() {
                Some(whole) => drop(whole.fill(guard)),
                None => guard.fail(),
            }
        });
    }

    /// A page has turned out to be rendered for every request.
    fn learn(&self, route: &str, status: StatusCode) {
        if status.is_success() || status == StatusCode::NOT_FOUND {
            self.dynamic.write().unwrap_or_else(PoisonError::into_inner).insert(route.to_owned());
        }
    }

    /// Renders a page that nobody has stored yet.
    async fn fill(self: &Arc<Self>, guard: FillGuard, request: PageRequest) -> Response<Body> {
        let question = request.question().kept();
        let again = (question.variant != Variant::Handler).then(|| reading_request_of(&request));
        let rendered = match self.engine.handle(reading_request(request)).await {
            Ok(rendered) => rendered,
            Err(error) => return failure(&error),
        };
        if rendered.shared {
            return match self.store(guard, rendered).await {
                Ok(entry) => match (again, rest_of(&entry)) {
                    (Some(request), Some(rest)) => {
                        self.finish(&entry, EngineRequest { rest: Some(rest), ..request }, &question)
                    }
                    _ => self.answer(&entry, &question, "MISS"),
                },
                Err(response) => *response,
            };
        }
        if question.variant == Variant::Handler {
            // Its next answer may be for everybody again.
            self.shared_handlers.write().unwrap_or_else(PoisonError::into_inner).remove(&*question.route);
        } else {
            self.learn(&question.route, rendered.status);
        }
        // Those who wait for the same page do so in vain.
        drop(guard);
        self.stream(rendered, &question)
    }

    async fn rendered(&self, request: PageRequest) -> Response<Body> {
        self.rendered_after(None, request).await
    }

    /// Renders for a request. `rest`: of a page that has a shell, so that it shows the same as that.
    async fn rendered_after(&self, rest: Option<Bytes>, request: PageRequest) -> Response<Body> {
        let question = request.question().kept();
        let is_handler = question.variant == Variant::Handler;
        let key = if is_handler && request.method == Method::GET { self.key_of_shared(&request) } else { None };
        match self.engine.handle(EngineRequest { rest, ..engine_request(request) }).await {
            Ok(rendered) if rendered.shared => self.keep(key, rendered, &question).await,
            Ok(rendered) => self.stream(rendered, &question),
            // A handler's client is a program, which wants no text.
            Err(EngineError::Render(_)) if is_handler => response::empty(StatusCode::INTERNAL_SERVER_ERROR),
            Err(error) => failure(&error),
        }
    }

    /// Stores what a handler has answered everybody with.
    async fn keep(&self, key: Option<CacheKey>, rendered: EngineResponse, question: &Question<'_>) -> Response<Body> {
        let Some(key) = key else { return self.stream(rendered, question) };
        self.shared_handlers.write().unwrap_or_else(PoisonError::into_inner).insert(question.route.to_string());
        match self.cache.lookup(&key).await {
            Lookup::Miss(guard) => match self.store(guard, rendered).await {
                Ok(entry) => self.answer(&entry, question, "MISS"),
                Err(response) => *response,
            },
            Lookup::Hit(..) => self.stream(rendered, question),
        }
    }

    /// Collects a body and stores it, or gives the response that could not be stored.
    async fn store(&self, guard: FillGuard, rendered: EngineResponse) -> Result<Arc<Entry>, Box<Response<Body>>> {
        let Ok(whole) = Whole::of(rendered).await else { return Err(Box::new(response::internal_error())) };
        if let Some(entry) = whole.fill(guard) {
            return Ok(entry);
        }
        let mut response = Response::new(body::full(whole.bytes));
        *response.status_mut() = whole.status;
        *response.headers_mut() = whole.headers;
        response.headers_mut().insert(CACHE_CONTROL, response::NO_STORE);
        Err(Box::new(response))
    }

    /// What is said of an entry that nobody has to make anew: somebody else may be at it.
    fn state(&self, entry: &Entry) -> &'static str {
        if self.cache.freshness(entry) == Freshness::Fresh { "HIT" } else { "STALE" }
    }

    fn serve(&self, entry: &Entry, request: PageRequest, state: &'static str) -> Response<Body> {
        match rest_of(entry) {
            Some(rest) if request.found.variant() != Variant::Rsc => {
                let question = request.question().kept();
                self.finish(entry, EngineRequest { rest: Some(rest), ..engine_request(request) }, &question)
            }
            _ => self.answer(entry, &request.question(), state),
        }
    }

    /// Sends the shell of a document at once, and what differs by request as it is rendered.
    fn finish(&self, entry: &Entry, request: EngineRequest, question: &Question<'_>) -> Response<Body> {
        let Some(stored) = entry.response() else { return response::internal_error() };
        let mut response = head_of(stored);
        *response.status_mut() = question.status_of(response.status());
        let shell = stored.body().clone();
        let engine = Arc::clone(&self.engine);
        let rest = async move {
            let rendered = engine.handle(request).await.map_err(|error| BodyError::Render(error.to_string()))?;
            Ok::<_, BodyError>(rendered.body)
        };
        self.streaming(&mut response, body::followed(shell, rest), question);
        response
    }

    /// Answers from a stored response.
    fn answer(&self, entry: &Entry, question: &Question<'_>, state: &'static str) -> Response<Body> {
        // Nothing but responses is kept under the keys of pages.
        let Some(stored) = entry.response() else { return response::internal_error() };
        let mut response = head_of(stored);
        let headers = response.headers_mut();
        headers.insert(CACHE_STATE, HeaderValue::from_static(state));
        if question.variant != Variant::Handler {
            headers.insert(PRERENDER, HeaderValue::from_static("1"));
        }
        let payload = stored.part(PAYLOAD).filter(|_| question.variant == Variant::Rsc);
        if payload.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/x-component"));
            // What the document needs.
            headers.remove(http::header::LINK);
        }
        let compressible = self.compress && compress::is_compressible(headers.get(CONTENT_TYPE));
        if compressible {
            headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        let whole = payload.unwrap_or_else(|| stored.body());
        let missing = question.known.as_ref().and_then(|known| known.left_out_of(whole));
        // What is sent of it depends on who asks: nobody has asked for just that before.
        if self.etags
            && missing.is_none()
            && let Some(etag) = etag_of(stored, payload.is_some())
        {
            headers.insert(ETAG, etag.clone());
            if response.status().is_success() && matches_etag(question.headers.get(IF_NONE_MATCH), &etag) {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return response;
            }
        }
        let accepts = |encoding| missing.is_none() || encoding == Encoding::Gzip;
        // A part of an encoded copy is of no use to who wants a part of the page.
        let wants_part =
            missing.is_none() && response.status() == StatusCode::OK && question.headers.contains_key(RANGE);
        let encoding = (compressible && !wants_part).then(|| negotiate(&question.headers, accepts)).flatten();
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        let bytes = match (missing, encoding) {
            (None, None) => whole.clone(),
            (None, Some(encoding)) => {
                let slot = usize::from(encoding == Encoding::Gzip) + 2 * usize::from(payload.is_some());
                stored.encoded(slot, |_| compress::whole(encoding, whole)).unwrap_or(whole).clone()
            }
            (Some(missing), None) => missing.into(),
            (Some(missing), Some(_)) => compress::once(&missing),
        };
        let bytes = if wants_part {
            let etag = response.headers().get(ETAG).cloned();
            let part = range::select(&question.headers, etag.as_ref(), bytes.len() as u64, &mut response);
            part.map_or_else(Bytes::new, |part| range::slice(&bytes, &part))
        } else {
            bytes
        };
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if !question.is_head {
            *response.body_mut() = body::full(bytes);
        }
        response
    }

    /// Sends a response as it is rendered.
    fn stream(&self, rendered: EngineResponse, question: &Question<'_>) -> Response<Body> {
        let EngineResponse { status, headers, body, .. } = rendered;
        let mut response = Response::new(body::empty());
        *response.status_mut() = question.status_of(status);
        *response.headers_mut() = headers;
        strip_reserved(response.headers_mut());
        self.streaming(&mut response, body.boxed_unsync(), question);
        response
    }

    /// Gives a response a body that is sent as it comes.
    fn streaming(&self, response: &mut Response<Body>, body: Body, question: &Question<'_>) {
        let status = response.status();
        let headers = response.headers_mut();
        let bodiless = question.is_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let compressible = self.compress
            && !headers.contains_key(CONTENT_ENCODING)
            && compress::is_compressible(headers.get(CONTENT_TYPE))
            && !no_transform(headers);
        if compressible {
            headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if bodiless {
            return;
        }
        // Gzip: brotli's better sizes cost more time than a page that is made once can spend.
        let gzip = compressible && negotiate(&question.headers, |encoding| encoding == Encoding::Gzip).is_some();
        *response.body_mut() = if gzip {
            let headers = response.headers_mut();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.remove(CONTENT_LENGTH);
            compress::streamed(body)
        } else {
            body
        };
    }
}

/// What a payload that is asked for comes to.
enum Payload {
    /// It is stored.
    Stored(Box<Response<Body>>),
    /// It differs by request; what a stored shell of it was made with.
    PerRequest(Option<Bytes>),
    /// It has to be asked for by itself: the document shows something in the page's place.
    Elsewhere(Option<Shown>),
}

/// A document whose payload is asked for.
struct WholePage {
    key: CacheKey,
    question: Question<'static>,
    request: EngineRequest,
}

/// The request for the document that a payload is stored with.
fn document_request(request: &PageRequest) -> EngineRequest {
    let mut headers = request.headers.clone();
    for name in FLIGHT_HEADERS {
        headers.remove(name);
    }
    let (method, url) = (Method::GET, request.url.clone());
    let matched = Matched::route(&request.found.document());
    EngineRequest { method, url, headers, body: Content::none(), matched, rest: None }
}

/// Scheme and host of an absolute URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

/// The request for what is stored: it has one form for reading. What HEAD leaves out is left out here.
fn reading_request(request: PageRequest) -> EngineRequest {
    let matched = Matched::route(&request.found);
    EngineRequest {
        method: Method::GET,
        url: request.url,
        headers: request.headers,
        body: Content::none(),
        matched,
        rest: None,
    }
}

/// The same, of a request that is needed for something else besides.
fn reading_request_of(request: &PageRequest) -> EngineRequest {
    let (url, headers) = (request.url.clone(), request.headers.clone());
    let matched = Matched::route(&request.found);
    EngineRequest { method: Method::GET, url, headers, body: Content::none(), matched, rest: None }
}

fn engine_request(request: PageRequest) -> EngineRequest {
    // A handler may answer HEAD in its own way, unless its answers are stored.
    if request.method == Method::HEAD && request.found.variant() != Variant::Handler {
        return reading_request(request);
    }
    let matched = if request.cookies_set && !is_read(&request.method) {
        Matched::with_cookies_set(&request.found)
    } else {
        Matched::route(&request.found)
    };
    let PageRequest { method, url, headers, body, .. } = request;
    EngineRequest { method, url, headers, body, matched, rest: None }
}

/// Has the browser forget a cookie of draft mode; what the application sets comes later and wins.
fn forget_draft(headers: &mut HeaderMap) {
    let own: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for value in draft::FORGET.into_iter().map(HeaderValue::from_static).chain(own) {
        headers.append(SET_COOKIE, value);
    }
}

fn no_transform(headers: &HeaderMap) -> bool {
    headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("no-transform"))
}

fn failure(error: &EngineError) -> Response<Body> {
    match error {
        EngineError::Overloaded | EngineError::Closed => {
            let mut response = response::plain(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        EngineError::Crashed(_) | EngineError::TimedOut { .. } | EngineError::Render(_) => response::internal_error(),
    }
}
