//! Lookups, single flight and invalidation over a store.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clock::{Clock, SystemClock};
use crate::entry::{CachePolicy, Entry, Freshness, Tag};
use crate::flight::{Flights, Landed, Ticket};
use crate::key::CacheKey;
use crate::response::StorableResponse;
use crate::store::{MemoryStore, Store};
use crate::tags::{Generation, TagClocks};

/// A cache over a store. Clones share everything.
pub struct Cache<S: Store = MemoryStore> {
    shared: Arc<Shared<S>>,
}

impl<S: Store> Clone for Cache<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Store> std::fmt::Debug for Cache<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

struct Shared<S> {
    store: S,
    clock: Box<dyn Clock>,
    tags: RwLock<TagClocks>,
    flights: Flights,
}

/// What a cache has for a key.
#[derive(Debug)]
pub enum Lookup<S: Store> {
    /// An entry to serve. With a guard, it is stale and the caller is the one to make it anew.
    Hit(Arc<Entry>, Option<FillGuard<S>>),
    /// Nothing; the caller is the one to fill it.
    Miss(FillGuard<S>),
}

/// The right, and the duty, to fill a key. Dropping it lets another caller try.
pub struct FillGuard<S: Store> {
    shared: Arc<Shared<S>>,
    key: CacheKey,
    ticket: Ticket,
    /// Invalidations until this one have been seen by whoever renders.
    begun: Generation,
}

impl<S: Store> std::fmt::Debug for FillGuard<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FillGuard").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Cache<MemoryStore> {
    /// A cache in memory, of at most `bytes`.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        Self::new(MemoryStore::new(bytes), SystemClock)
    }
}

impl<S: Store> Cache<S> {
    /// A cache over `store`, with the time of `clock`.
    #[must_use]
    pub fn new(store: S, clock: impl Clock + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                clock: Box::new(clock),
                tags: RwLock::default(),
                flights: Flights::default(),
            }),
        }
    }

    /// The entry of a key, if it may be served.
    #[must_use]
    pub fn peek(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.shared.look(key).map(|(entry, _)| entry)
    }

    /// Looks a key up. On a miss that somebody fills already, waits for that.
    pub async fn lookup(&self, key: &CacheKey) -> Lookup<S> {
        loop {
            let found = self.shared.look(key);
            if let Some((entry, Freshness::Fresh)) = found {
                return Lookup::Hit(entry, None);
            }
            match (self.shared.begin(key), found) {
                // Between the look and the guard, somebody may have filled it.
                (Ok(guard), _) => match self.shared.look(key) {
                    Some((entry, Freshness::Fresh)) => return Lookup::Hit(entry, None),
                    Some((entry, _)) => return Lookup::Hit(entry, Some(guard)),
                    None => return Lookup::Miss(guard),
                },
                (Err(_), Some((entry, _))) => return Lookup::Hit(entry, None),
                (Err(landed), None) => {
                    // The entry comes from the one who made it: a store may be too small for it. If there is none, or it
                    // is too old for this caller, everybody looks again and one of them makes the next.
                    if let Some(entry) = landed.outcome().await
                        && self.shared.freshness(&entry) != Freshness::Expired
                    {
                        return Lookup::Hit(entry, None);
                    }
                }
            }
        }
    }

    /// The entry of a key, made by `fill` if there is none. A stale entry is made anew before it is served.
    pub async fn get_or_fill<F, E>(&self, key: &CacheKey, fill: impl FnOnce() -> F) -> Result<Arc<Entry>, E>
    where
        F: Future<Output = Result<(StorableResponse, CachePolicy), E>>,
    {
        match self.lookup(key).await {
            Lookup::Hit(entry, None) => Ok(entry),
            Lookup::Hit(_, Some(guard)) | Lookup::Miss(guard) => {
                let (response, policy) = fill().await?;
                Ok(guard.fill(response, policy))
            }
        }
    }

    /// Makes everything that carries `tag` expire, also what is being made right now.
    pub fn invalidate(&self, tag: &Tag) {
        self.shared.tags_mut().invalidate(tag);
    }

    /// Makes everything that carries `tag` stale: it is served while it is made anew.
    pub fn mark_stale(&self, tag: &Tag) {
        self.shared.tags_mut().mark_stale(tag);
    }

    /// Forgets a key. What is being made for it right now will not be stored.
    pub fn remove(&self, key: &CacheKey) {
        self.shared.flights.call_off(key, || self.shared.store.remove(key));
    }
}

impl<S: Store> Shared<S> {
    /// The entry of a key, unless it has expired.
    fn look(&self, key: &CacheKey) -> Option<(Arc<Entry>, Freshness)> {
        let entry = self.store.get(key)?;
        let freshness = self.freshness(&entry);
        if freshness == Freshness::Expired {
            self.store.remove_entry(key, &entry);
            return None;
        }
        Some((entry, freshness))
    }

    fn freshness(&self, entry: &Entry) -> Freshness {
        entry.freshness(&self.tags(), self.clock.now())
    }

    fn begin(self: &Arc<Self>, key: &CacheKey) -> Result<FillGuard<S>, Landed> {
        let ticket = self.flights.board(key)?;
        let begun = self.tags().generation();
        Ok(FillGuard { shared: Arc::clone(self), key: key.clone(), ticket, begun })
    }

    fn tags(&self) -> RwLockReadGuard<'_, TagClocks> {
        self.tags.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn tags_mut(&self) -> RwLockWriteGuard<'_, TagClocks> {
        self.tags.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Store> FillGuard<S> {
    /// Stores a response and gives it to those who wait for it.
    pub fn fill(self, response: StorableResponse, policy: CachePolicy) -> Arc<Entry> {
        let shared = &self.shared;
        let entry = Arc::new(Entry::new(response, policy, shared.clock.now(), self.begun));
        shared.flights.land(&self.key, &self.ticket, &entry, || shared.store.set(self.key.clone(), Arc::clone(&entry)));
        entry
    }
}

impl<S: Store> Drop for FillGuard<S> {
    fn drop(&mut self) {
        self.shared.flights.end(&self.key, &self.ticket);
    }
}
