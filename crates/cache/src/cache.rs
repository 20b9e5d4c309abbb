//! Lookups, single flight and invalidation over a store.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::{Clock, SystemClock};
use crate::entry::{CachePolicy, Entry, Freshness, Tag};
use crate::key::CacheKey;
use crate::response::StorableResponse;
use crate::store::{MemoryStore, Store};

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
    tags: Mutex<Tags>,
    /// Keys that somebody fills. The receiver sees its channel close when that is over.
    flights: Mutex<HashMap<CacheKey, watch::Receiver<()>>>,
}

/// When each tag was last invalidated, in generations.
#[derive(Debug, Default)]
struct Tags {
    generation: u64,
    invalidated: HashMap<Tag, u64>,
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
    /// Invalidations before this one have been seen by whoever renders.
    generation: u64,
    /// Closes when the guard is dropped, which wakes those who wait.
    _flight: watch::Sender<()>,
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
                tags: Mutex::default(),
                flights: Mutex::default(),
            }),
        }
    }

    /// The entry of a key, if it may be served.
    #[must_use]
    pub fn peek(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.shared.valid(key).map(|(entry, _)| entry)
    }

    /// Looks a key up. On a miss that somebody fills already, waits for that.
    pub async fn lookup(&self, key: &CacheKey) -> Lookup<S> {
        loop {
            let found = self.shared.valid(key);
            if let Some((entry, Freshness::Fresh)) = found {
                return Lookup::Hit(entry, None);
            }
            match (self.shared.begin(key), found) {
                (Ok(guard), Some((entry, _))) => return Lookup::Hit(entry, Some(guard)),
                (Err(_), Some((entry, _))) => return Lookup::Hit(entry, None),
                (Ok(guard), None) => {
                    // Between the look and the guard, somebody may have filled it.
                    match self.shared.valid(key) {
                        Some((entry, _)) => return Lookup::Hit(entry, None),
                        None => return Lookup::Miss(guard),
                    }
                }
                (Err(mut flight), None) => {
                    // Resolves when the guard is dropped; then everybody looks again.
                    while flight.changed().await.is_ok() {}
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

    /// Makes everything that carries `tag` expire.
    pub fn invalidate(&self, tag: &Tag) {
        let mut tags = lock(&self.shared.tags);
        tags.generation += 1;
        let generation = tags.generation;
        tags.invalidated.insert(tag.clone(), generation);
    }

    /// Forgets a key.
    pub fn remove(&self, key: &CacheKey) {
        self.shared.store.remove(key);
    }
}

impl<S: Store> Shared<S> {
    /// The entry of a key, unless it has expired.
    fn valid(&self, key: &CacheKey) -> Option<(Arc<Entry>, Freshness)> {
        let entry = self.store.get(key)?;
        let freshness = entry.freshness(self.clock.now());
        if freshness == Freshness::Expired || !lock(&self.tags).hold(&entry) {
            self.store.remove(key);
            return None;
        }
        Some((entry, freshness))
    }

    fn begin(self: &Arc<Self>, key: &CacheKey) -> Result<FillGuard<S>, watch::Receiver<()>> {
        let mut flights = lock(&self.flights);
        if let Some(flight) = flights.get(key) {
            return Err(flight.clone());
        }
        let (sender, receiver) = watch::channel(());
        flights.insert(key.clone(), receiver);
        let generation = lock(&self.tags).generation;
        Ok(FillGuard { shared: Arc::clone(self), key: key.clone(), generation, _flight: sender })
    }
}

impl Tags {
    /// Whether no tag of the entry was invalidated after it was begun.
    fn hold(&self, entry: &Entry) -> bool {
        let tags = entry.policy().tags();
        tags.iter().all(|tag| self.invalidated.get(tag).is_none_or(|generation| *generation <= entry.generation))
    }
}

impl<S: Store> FillGuard<S> {
    /// Stores a response and wakes those who wait for it.
    pub fn fill(self, response: StorableResponse, policy: CachePolicy) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(response, policy, self.shared.clock.now(), self.generation));
        self.shared.store.set(self.key.clone(), Arc::clone(&entry));
        entry
    }
}

impl<S: Store> Drop for FillGuard<S> {
    fn drop(&mut self) {
        lock(&self.shared.flights).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
