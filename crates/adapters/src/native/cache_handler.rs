//! The app's own `cacheHandler`, as a store.
//!
//! It runs in an engine of its own with one isolate: its module's state is one, as in Next's process. This side knows entries
//! and keys; what Next's handlers get to see of them is JavaScript's business (contract 9).

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use vinext_cache::{
    BoxFuture, CacheKey, Demand, Entry, Mark, MemoryStore, Stamp, StorableResponse, Store, StoreError, Subject,
    TagSource, Timestamp, Value, Variant,
};

use super::engine::{BUILD_TAG, USE_CACHE};
use super::policy::cache_policy;
use super::server::{PAYLOAD, REST};
use crate::engine::JsEngine;

const NAME: &str = "cacheHandler";

/// The parts of an entry, as JavaScript calls them.
const HTML: &str = "html";
const RSC: &str = "rsc";
const BODY: &str = "body";
const DATA: &str = "data";

/// Asks the handler that an engine runs.
#[derive(Clone)]
pub struct CacheHandler {
    engine: Arc<dyn JsEngine>,
    /// What `"use cache"` keeps: as in Next, this handler is not asked for it.
    functions: Arc<MemoryStore>,
}

impl std::fmt::Debug for CacheHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CacheHandler").finish_non_exhaustive()
    }
}

/// What the handler is asked.
#[derive(Debug, Serialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Question<'q> {
    Get {
        key: &'q str,
        kind: Kind,
        /// What can outdate it besides its own tags.
        tags: Vec<&'q str>,
        revalidate: Option<f64>,
    },
    Set {
        key: &'q str,
        kind: Kind,
        times: Times,
        status: u16,
        headers: &'q [(String, String)],
        tags: Vec<&'q str>,
        only_for_build: bool,
        /// The parts of the request's body, and their lengths.
        parts: Vec<(&'q str, usize)>,
    },
    Revalidate {
        tag: &'q str,
        /// `None`: it is gone at once.
        stale: Option<Stale>,
    },
}

/// It is shown until it is gone, in seconds; `None` is never.
#[derive(Debug, Serialize)]
struct Stale {
    expire: Option<f64>,
}

/// Next's word for what a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    AppPage,
    AppRoute,
    Fetch,
}

impl Kind {
    fn of(key: &CacheKey) -> Self {
        match key.variant() {
            Variant::Data => Self::Fetch,
            Variant::Handler => Self::AppRoute,
            _ => Self::AppPage,
        }
    }
}

/// For how long something is good, in seconds, and when its making began, in microseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Times {
    revalidate: Option<f64>,
    expire: Option<f64>,
    begun: Option<u64>,
}

/// What the handler has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    /// Milliseconds since the epoch.
    last_modified: f64,
    times: Times,
    status: u16,
    headers: Vec<(String, String)>,
    tags: Vec<String>,
    parts: Vec<(String, usize)>,
}

impl CacheHandler {
    /// The handler that `engine` was started for, with so many bytes of memory for what it is not asked for.
    #[must_use]
    pub fn new(engine: Arc<dyn JsEngine>, memory: u64) -> Self {
        Self { engine, functions: Arc::new(MemoryStore::new(memory)) }
    }

    /// Asks, and gives the bytes of the answer if there is one.
    async fn ask(&self, question: &Question<'_>, body: Bytes) -> Result<Option<Bytes>, StoreError> {
        let question = serde_json::to_value(question).map_err(|error| StoreError::Refused(error.to_string()))?;
        super::engine::ask(&*self.engine, &question, body).await.map_err(StoreError::Unavailable)
    }

    async fn look(&self, key: &CacheKey, demand: &Demand<'_>) -> Result<Option<Arc<Entry>>, StoreError> {
        if key.route() == USE_CACHE {
            return self.functions.get(key).await;
        }
        let question = Question::Get {
            key: &name(key),
            kind: Kind::of(key),
            tags: demand.tags().iter().map(vinext_cache::Tag::as_str).collect(),
            revalidate: demand.revalidate_time().map(|time| time.as_secs_f64()),
        };
        let Some(bytes) = self.ask(&question, Bytes::new()).await? else { return Ok(None) };
        entry(key, bytes).map(|entry| Some(Arc::new(entry)))
    }

    async fn keep(&self, key: &CacheKey, entry: &Arc<Entry>) -> Result<(), StoreError> {
        if key.route() == USE_CACHE {
            return self.functions.set(key, entry).await;
        }
        let parts = parts(key, entry);
        let mut body = BytesMut::with_capacity(parts.iter().map(|(_, bytes)| bytes.len()).sum());
        for (_, bytes) in &parts {
            body.extend_from_slice(bytes);
        }
        let policy = entry.policy();
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        let tags: Vec<&str> = policy.tags().iter().map(vinext_cache::Tag::as_str).collect();
        let question = Question::Set {
            key: &name(key),
            kind: Kind::of(key),
            times: Times {
                revalidate: seconds(policy.revalidate_time()),
                expire: seconds(policy.expire_time()),
                begun: Some(entry.begun().as_micros()),
            },
            status: entry.response().map_or(200, StorableResponse::status),
            headers: entry.response().map_or(&[], StorableResponse::headers),
            only_for_build: tags.contains(&BUILD_TAG),
            tags,
            parts: parts.iter().map(|(name, bytes)| (*name, bytes.len())).collect(),
        };
        self.ask(&question, body.freeze()).await.map(drop)
    }
}

/// The key as the handler gets it: it knows nothing of it but that it is one.
fn name(key: &CacheKey) -> String {
    match Kind::of(key) {
        Kind::Fetch => key.id().to_string(),
        Kind::AppPage => format!("/route-cache/APP_PAGE/{}/${}", key.id(), key.route()),
        Kind::AppRoute => format!("/route-cache/APP_ROUTE/{}/${}", key.id(), key.route()),
    }
}

/// What an entry is made of. A payload that is stored by itself is a page without a document.
fn parts<'e>(key: &CacheKey, entry: &'e Entry) -> Vec<(&'static str, &'e Bytes)> {
    match entry.value() {
        Value::Data(data) => vec![(DATA, data)],
        Value::Response(response) => match key.variant() {
            Variant::Handler => vec![(BODY, response.body())],
            Variant::Html => {
                let part = |name: &str, ours: &'static str| response.part(name).map(|bytes| (ours, bytes));
                let parts = [Some((HTML, response.body())), part(PAYLOAD, RSC), part(REST, REST)];
                parts.into_iter().flatten().collect()
            }
            _ => vec![(RSC, response.body())],
        },
        _ => Vec::new(),
    }
}

/// The entry that an answer is: the length of its head in 4 bytes, the head, the parts.
fn entry(key: &CacheKey, mut bytes: Bytes) -> Result<Entry, StoreError> {
    let corrupt = |problem: &dyn std::fmt::Display| StoreError::Corrupt(problem.to_string());
    let short = || corrupt(&"it ends early");
    let take = |bytes: &mut Bytes, length: usize| (length <= bytes.len()).then(|| bytes.split_to(length));
    let length = take(&mut bytes, 4).ok_or_else(short)?;
    let length = length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    let head = take(&mut bytes, length).ok_or_else(short)?;
    let found: Found = serde_json::from_slice(&head).map_err(|error| corrupt(&error))?;
    let mut parts = Vec::new();
    for (name, length) in &found.parts {
        parts.push((name.as_str(), take(&mut bytes, *length).ok_or_else(short)?));
    }
    let part = |wanted: &str| parts.iter().find(|(name, _)| *name == wanted).map(|(_, bytes)| bytes.clone());
    let missing = |name: &str| corrupt(&format!("it has no `{name}`"));
    let value: Value = if Kind::of(key) == Kind::Fetch {
        part(DATA).ok_or_else(|| missing(DATA))?.into()
    } else {
        let body = match key.variant() {
            Variant::Handler => BODY,
            Variant::Html => HTML,
            _ => RSC,
        };
        let whole = part(body).ok_or_else(|| missing(body))?;
        let response = StorableResponse::new(found.status, found.headers, whole).map_err(|error| corrupt(&error))?;
        let others = [(PAYLOAD, RSC), (REST, REST)].into_iter().filter(|_| key.variant() == Variant::Html);
        let others = others.filter_map(|(name, theirs)| Some((name, part(theirs)?)));
        others.fold(response, |response, (name, bytes)| response.with_part(name, bytes)).into()
    };
    let seconds = |time: Option<f64>| time.and_then(|time| Duration::try_from_secs_f64(time).ok());
    let tags = found.tags.iter().map(String::as_str);
    let policy = cache_policy(seconds(found.times.revalidate), seconds(found.times.expire), tags);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is no time is the earliest")]
    let stored_at = Timestamp::from_millis(found.last_modified.max(0.0) as u64);
    Ok(match found.times.begun {
        Some(begun) => Entry::kept(value, policy, stored_at, Stamp::from_micros(begun)),
        None => Entry::prerendered(value, policy, stored_at),
    })
}

impl Store for CacheHandler {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move { self.look(key, &Demand::default()).await })
    }

    fn get_for<'a>(
        &'a self,
        key: &'a CacheKey,
        demand: &'a Demand<'a>,
    ) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(self.look(key, demand))
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.keep(key, entry))
    }

    /// Next's handlers are not asked to forget: the mark of the key says that its entry is gone.
    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        if key.route() == USE_CACHE { self.functions.remove(key) } else { Box::pin(std::future::ready(Ok(()))) }
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        if key.route() == USE_CACHE { self.functions.remove_entry(key, entry) } else { self.remove(key) }
    }

    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        Some(Arc::new(self.clone()))
    }
}

impl TagSource for CacheHandler {
    fn name(&self) -> &'static str {
        NAME
    }

    /// What was invalidated before, the handler knows by itself.
    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>> {
        Box::pin(async move {
            if let Subject::Tag(tag) = &mark.subject {
                let question = Question::Revalidate { tag: tag.as_str(), stale: stale(mark) };
                self.ask(&question, Bytes::new()).await?;
            }
            Ok(None)
        })
    }

    /// It drops what it is told that is outdated, or keeps that in mind.
    fn precedes_reads(&self) -> bool {
        true
    }
}

/// For how long what a mark is about is still shown.
fn stale(mark: &Mark) -> Option<Stale> {
    let times = &mark.times;
    if times.expired >= times.stale {
        return None;
    }
    // A mark's stamp may be a little later than the time that its deadline was counted from.
    let left = |deadline: Stamp| Duration::from_micros(deadline.as_micros().saturating_sub(times.stale.as_micros()));
    let rounded = |left: Duration| (left.as_secs_f64() * 100.0).round() / 100.0;
    Some(Stale { expire: times.deadline.map(left).map(rounded) })
}
