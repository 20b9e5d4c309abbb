//! Where entries are kept when they are not in memory.

mod disk;
mod error;
mod files;
#[cfg(feature = "kv")]
mod kv;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod seeded;
mod tiered;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::cache::Demand;
use crate::entry::Entry;
use crate::key::CacheKey;
use crate::tags::TagSource;

pub use self::disk::DiskStore;
pub use self::error::StoreError;
#[cfg(feature = "kv")]
pub use self::kv::{KvNamespace, KvStore};
pub use self::memory::MemoryStore;
pub(crate) use self::memory::{Bounded, Weigh};
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use self::seeded::SeededStore;
pub use self::tiered::Tiered;

/// A future of a trait's method.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A place for entries, below the memory of a cache. It may forget any of them at any time, and may give an older one than
/// the last: the cache judges what it gets by age and tags.
///
/// A cache asks it for one thing per key at a time. A method may be dropped before it has ended, when it takes too long; it
/// must not block the thread.
pub trait Store: Send + Sync + 'static {
    /// What to call it in a report.
    fn name(&self) -> &str;

    /// The entry of a key. If it is [damaged](StoreError::Corrupt), the cache has it [removed](Self::remove_damaged).
    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>>;

    /// The same for a caller with a demand, which the cache judges the entry by. It is here for stores that keep tags of their
    /// own.
    fn get_for<'a>(
        &'a self,
        key: &'a CacheKey,
        demand: &'a Demand<'a>,
    ) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        let _ = demand;
        self.get(key)
    }

    /// Keeps an entry.
    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets a key.
    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets a key if it has this very entry, which has expired. If another has taken its place, that one stays.
    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.get(key).await? {
                Some(kept) if kept.is_same_as(entry) => self.remove(key).await,
                _ => Ok(()),
            }
        })
    }

    /// Forgets a key whose entry [`get`](Self::get) has found to be damaged. If a good one has taken its place, that one stays.
    fn remove_damaged<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.get(key).await {
                Err(StoreError::Corrupt(_)) => self.remove(key).await,
                found => found.map(drop),
            }
        })
    }

    /// What keeps the marks of invalidations with these entries. `None`: they last as long as the process, as the entries
    /// do.
    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        None
    }
}
