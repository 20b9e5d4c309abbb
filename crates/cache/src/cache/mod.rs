//! Lookups, single flight and invalidation.

mod below;
mod builder;
mod demand;
mod guard;
mod marks;
mod report;
mod shared;
mod slot;
mod writes;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::CacheBuilder;
pub use self::demand::Demand;
pub use self::guard::FillGuard;
use self::shared::Shared;
use crate::entry::{Entry, Freshness, Value};
use crate::key::CacheKey;
use crate::policy::CachePolicy;
use crate::stats::Stats;
use crate::store::StoreError;
use crate::tags::{Subject, Tag};

/// A cache: a memory, and below it a store if there is one. Clones share everything.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// What a cache has for a key.
#[derive(Debug)]
pub enum Lookup {
    /// An entry to serve. With a guard, it is stale and the caller is the one to make it anew.
    Hit(Arc<Entry>, Option<FillGuard>),
    /// Nothing; the caller is the one to fill it.
    Miss(FillGuard),
}

impl Cache {
    /// A cache in memory, of at most `bytes`.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        Self::builder().memory(bytes).build()
    }

    /// A cache with what is set on the builder.
    pub fn builder() -> CacheBuilder {
        CacheBuilder::new()
    }

    /// Looks a key up. On a miss that somebody fills already, waits for that, but for each who fills no longer than the
    /// [deadline of a fill](CacheBuilder::fill_deadline): then one of those who wait is the next to fill it.
    pub async fn lookup(&self, key: &CacheKey) -> Lookup {
        self.lookup_for(key, &Demand::default()).await
    }

    /// Looks a key up for a caller who asks more of an entry than it says of itself.
    pub async fn lookup_for(&self, key: &CacheKey, demand: &Demand<'_>) -> Lookup {
        let shared = &self.shared;
        let mut overdue = None;
        loop {
            let found = shared.look(key.id(), demand);
            if let Some((slot, freshness)) = &found
                && (*freshness == Freshness::Fresh || slot.is_resting(shared.now()))
            {
                return Lookup::Hit(slot.entry(), None);
            }
            match (shared.begin(key, overdue.take()), found) {
                (Ok(guard), _) => {
                    if let Some(lookup) = guard.look(demand).await {
                        return lookup;
                    }
                }
                (Err(_), Some((slot, _))) => return Lookup::Hit(slot.entry(), None),
                (Err(mut landed), None) => {
                    // The entry comes from the one who made it: a memory may be too small for it. If there is none, or it
                    // is too old for this caller, everybody looks again and one of them makes the next.
                    let is_good = |entry: &Entry| shared.freshness(entry, demand) != Freshness::Expired;
                    match tokio::time::timeout(shared.fill_deadline, landed.outcome(is_good)).await {
                        Ok(Some(entry)) => return Lookup::Hit(entry, None),
                        Ok(None) => {}
                        Err(_) => overdue = Some(landed.number()),
                    }
                }
            }
        }
    }

    /// The entry of a key, if it is in memory and fresh. Never waits.
    #[must_use]
    pub fn try_lookup(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        match self.shared.look(key.id(), &Demand::default()) {
            Some((slot, Freshness::Fresh)) => Some(slot.entry()),
            _ => None,
        }
    }

    /// The entry of a key, made by `fill` if there is none. A stale entry is made anew before it is served.
    pub async fn get_or_fill<F, V, E>(&self, key: &CacheKey, fill: impl FnOnce() -> F) -> Result<Arc<Entry>, E>
    where
        F: Future<Output = Result<(V, CachePolicy), E>>,
        V: Into<Value>,
    {
        match self.lookup(key).await {
            Lookup::Hit(entry, None) => Ok(entry),
            Lookup::Hit(_, Some(guard)) | Lookup::Miss(guard) => {
                let (value, policy) = fill().await?;
                Ok(guard.fill(value, policy))
            }
        }
    }

    /// What age and tags make of an entry of this cache now.
    #[must_use]
    pub fn freshness(&self, entry: &Entry) -> Freshness {
        self.freshness_for(entry, &Demand::default())
    }

    /// The same for a caller who asks more of an entry than it says of itself.
    #[must_use]
    pub fn freshness_for(&self, entry: &Entry, demand: &Demand<'_>) -> Freshness {
        self.shared.freshness(entry, demand)
    }

    /// Makes everything that carries `tag` expire, also what is being made right now. It holds from here on in this
    /// process; [`flush`](Self::flush) waits until it holds for others and after a restart.
    pub fn invalidate(&self, tag: &Tag) {
        self.shared.expire(Subject::Tag(tag.clone()));
    }

    /// Makes everything that carries `tag` stale: it is served while it is made anew, until `expire` has passed.
    pub fn mark_stale(&self, tag: &Tag, expire: Option<Duration>) {
        if expire == Some(Duration::ZERO) {
            return self.invalidate(tag);
        }
        self.shared.mark_stale(Subject::Tag(tag.clone()), expire);
    }

    /// Makes all there is expire.
    pub fn invalidate_all(&self) {
        self.shared.expire(Subject::Everything);
    }

    /// Forgets a key. What is being made for it right now will not be stored.
    pub fn remove(&self, key: &CacheKey) {
        self.shared.remove(key);
    }

    /// Waits until everything that was filled, removed and invalidated until now is where others find it, or has failed:
    /// then the last failure is the error. Takes twice the write deadline at most. To be awaited before a process ends.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.shared.flush().await
    }

    /// What the cache has done.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }
}
