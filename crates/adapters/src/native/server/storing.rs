//! From a rendered response to what is stored of it, the keys that it is found by, and back to a response.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use vinext_cache::{CacheKey, CachePolicy, Entry, FillGuard, KeyBuilder, StorableResponse, Variant};
use vinext_router::{CanonicalPath, RouteId};

use super::body::{self, Body};
use super::strip_reserved;
use crate::engine::{BodyError, EngineResponse, PagePolicy};
use crate::native::policy::cache_policy;

/// The part of a stored document that is its Flight payload.
pub(in crate::native) const PAYLOAD: &str = "payload";

/// The part of a stored document that says what is left to do of it.
pub(in crate::native) const REST: &str = "rest";

/// A response whose body is whole.
pub(super) struct Whole {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    /// How it may be stored, if it may.
    pub(super) policy: Option<PagePolicy>,
}

impl Whole {
    /// Waits for the end of a response.
    pub(super) async fn of(mut rendered: EngineResponse) -> Result<Self, BodyError> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = rendered.body.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        let policy = rendered.cache.await.ok().flatten();
        let mut headers = rendered.headers;
        strip_reserved(&mut headers);
        Ok(Self { status: rendered.status, headers, bytes: bytes.freeze(), policy })
    }

    /// Stores it for whoever asked for it to be made, if it may be.
    pub(super) fn fill(&self, guard: FillGuard) -> Option<Arc<Entry>> {
        let (response, policy) = self.storable(guard.key())?;
        Some(guard.fill(response, policy))
    }

    /// What is stored of it under a key.
    pub(super) fn storable(&self, key: &CacheKey) -> Option<(StorableResponse, CachePolicy)> {
        let policy = self.policy.as_ref()?;
        let headers = self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let response = StorableResponse::new(self.status.as_u16(), headers, self.bytes.clone()).ok()?;
        // A document that shows something in a page's place has not the payload that the router asks for.
        let is_page = self.status == StatusCode::OK || key.route() == RouteId::NOT_FOUND;
        let payload = policy.payload.clone().filter(|_| is_page);
        let response = payload.into_iter().fold(response, |response, payload| response.with_part(PAYLOAD, payload));
        let rest = policy.rest.clone().into_iter();
        let response = rest.fold(response, |response, rest| response.with_part(REST, rest));
        let [revalidate, expire] = [policy.revalidate, policy.expire].map(|time| time.map(Duration::from_secs));
        Some((response, cache_policy(revalidate, expire, policy.tags.iter().map(String::as_str))))
    }
}

/// The beginning of the key of a route's response: for a page without further conditions, all of it.
pub(super) fn key(build_id: &str, route: &str, variant: Variant, path: &CanonicalPath) -> KeyBuilder {
    CacheKey::builder(route, variant).part(build_id).part(path.as_str())
}

/// What a stored document shows in a page's place, where it stands for a status: the payload has the same.
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) cache_control: Option<HeaderValue>,
}

impl Shown {
    pub(super) fn of(stored: &StorableResponse) -> Option<Self> {
        let head = head_of(stored);
        let status = head.status();
        let is_access = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        is_access.then(|| Self { status, cache_control: head.headers().get(CACHE_CONTROL).cloned() })
    }
}

/// What is left to do of a stored document.
pub(super) fn rest_of(entry: &Entry) -> Option<Bytes> {
    entry.response()?.part(REST).cloned()
}

/// What each answer from a stored response begins with, read once.
struct Head {
    status: StatusCode,
    headers: HeaderMap,
    /// The entity tags of the document and of its payload: both change with the entry.
    etags: [Option<HeaderValue>; 2],
}

impl Head {
    fn of(stored: &StorableResponse) -> Self {
        let status = StatusCode::from_u16(stored.status()).unwrap_or(StatusCode::OK);
        let pairs = stored.headers().iter();
        let read = |(name, value): &(String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        // Room for what each answer adds.
        let mut headers = HeaderMap::with_capacity(2 * pairs.len() + 8);
        for (name, value) in pairs.filter_map(read) {
            headers.append(name, value);
        }
        let inner = stored.etag().trim_matches('"');
        let etags = ["", "-p"].map(|part| HeaderValue::try_from(format!("W/\"{inner}{part}\"")).ok());
        Self { status, headers, etags }
    }
}

/// Does something with the head of a stored response.
fn with_head<T>(stored: &StorableResponse, action: impl FnOnce(&Head) -> T) -> T {
    match stored.prepared(Head::of) {
        Some(head) => action(head),
        // Somebody else has prepared something else.
        None => action(&Head::of(stored)),
    }
}

/// A stored response without its body.
pub(super) fn head_of(stored: &StorableResponse) -> Response<Body> {
    with_head(stored, |head| {
        let mut response = Response::new(body::empty());
        *response.status_mut() = head.status;
        response.headers_mut().clone_from(&head.headers);
        response
    })
}

/// The entity tag of a stored document, or of its payload.
pub(super) fn etag_of(stored: &StorableResponse, is_payload: bool) -> Option<HeaderValue> {
    with_head(stored, |head| head.etags[usize::from(is_payload)].clone())
}
