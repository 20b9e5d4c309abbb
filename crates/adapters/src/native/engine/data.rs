//! The data cache, as one isolate uses it: what `fetch` and `unstable_cache` keep for every request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use vinext_cache::{Cache, CacheKey, Demand, Entry, FillGuard, Freshness, Lookup, Tag, Value, Variant};

use crate::native::policy::cache_policy;

/// What one isolate has been asked to make, by ticket.
pub(super) struct DataCache {
    cache: Cache,
    guards: RefCell<HashMap<u32, FillGuard>>,
    next: Cell<u32>,
}

/// What there is for a key (contract 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Fresh,
    Stale,
    Miss,
}

/// The answer to a look, without the bytes.
pub(super) struct Looked {
    pub(super) state: State,
    pub(super) value: Option<Bytes>,
    /// With one, the caller makes the value anew.
    pub(super) ticket: Option<u32>,
}

/// How long a value is good, as JavaScript says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terms {
    /// Seconds; negative is for ever.
    revalidate: f64,
    expire: f64,
    tags: Vec<String>,
    /// It is for other pages of this build, and for nobody after it.
    only_for_build: bool,
}

/// What values carry that are worth nothing after the build that made them: it is invalidated when the build ends.
pub const BUILD_TAG: &str = "_N_B_";

/// What keys of `"use cache"` are of.
pub(in crate::native) const USE_CACHE: &str = "use cache";

impl DataCache {
    pub(super) fn new(cache: Cache) -> Self {
        Self { cache, guards: RefCell::default(), next: Cell::new(0) }
    }

    /// What is stored under `key`, which is of `"use cache"` or of other data. `tags` are the caller's own besides those of the value, and what is as old as
    /// `revalidate` seconds is stale.
    pub(super) async fn look(&self, key: &str, of_functions: bool, tags: &[String], revalidate: f64) -> Looked {
        // No build is part of the key: as in Next, data outlives the build that has fetched it.
        let route = if of_functions { USE_CACHE } else { "data" };
        let key = CacheKey::builder(route, Variant::Data).part(key).finish();
        let tags = known(tags);
        let demand = Demand::default().within(&tags);
        let demand = seconds(revalidate).map_or(demand, |after| demand.revalidate(after));
        match self.cache.lookup_for(&key, &demand).await {
            // Somebody may be at it: it is what it is until then.
            Lookup::Hit(entry, None) => {
                let is_fresh = self.cache.freshness_for(&entry, &demand) == Freshness::Fresh;
                let state = if is_fresh { State::Fresh } else { State::Stale };
                Looked { state, value: data(&entry), ticket: None }
            }
            Lookup::Hit(entry, Some(guard)) => {
                Looked { state: State::Stale, value: data(&entry), ticket: Some(self.keep(guard)) }
            }
            Lookup::Miss(guard) => Looked { state: State::Miss, value: None, ticket: Some(self.keep(guard)) },
        }
    }

    /// Stores what the ticket was given for.
    pub(super) fn fill(&self, ticket: u32, value: Bytes, terms: Terms) {
        let Some(guard) = self.guards.borrow_mut().remove(&ticket) else { return };
        let Terms { revalidate, expire, tags, only_for_build } = terms;
        let own = only_for_build.then_some(BUILD_TAG);
        let tags = tags.iter().map(String::as_str).chain(own);
        guard.fill(Value::Data(value), cache_policy(seconds(revalidate), seconds(expire), tags));
    }

    /// Gives a ticket back: another caller may try.
    pub(super) fn fail(&self, ticket: u32) {
        let guard = self.guards.borrow_mut().remove(&ticket);
        drop(guard);
    }

    fn keep(&self, guard: FillGuard) -> u32 {
        let ticket = self.next.get();
        self.next.set(ticket.wrapping_add(1) & 0x3fff_ffff);
        self.guards.borrow_mut().insert(ticket, guard);
        ticket
    }
}

/// What is negative, or no number, is for ever.
fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn known(tags: &[String]) -> Vec<Tag> {
    tags.iter().filter_map(|tag| tag.parse().ok()).collect()
}

fn data(entry: &Entry) -> Option<Bytes> {
    entry.data().cloned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_somebody_makes_anew_is_stale_for_others() {
        let cache = Cache::in_memory(1024 * 1024);
        let [one, other] = [cache.clone(), cache.clone()].map(DataCache::new);
        let key = "k".repeat(64);
        let missed = one.look(&key, false, &[], -1.0).await;
        let terms = Terms { revalidate: -1.0, expire: -1.0, tags: vec!["t".to_owned()], only_for_build: false };
        one.fill(missed.ticket.unwrap(), Bytes::from_static(b"first"), terms);
        assert_eq!(other.look(&key, false, &[], -1.0).await.state, State::Fresh);
        cache.mark_stale(&"t".parse().unwrap(), None);
        let making = one.look(&key, false, &[], -1.0).await;
        assert!(making.ticket.is_some());
        let looked = other.look(&key, false, &[], -1.0).await;
        assert_eq!((looked.state, looked.ticket, looked.value), (State::Stale, None, making.value));
    }
}
