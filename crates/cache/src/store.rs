//! Where entries are kept.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use crate::entry::Entry;
use crate::key::CacheKey;

/// A place for entries. It may forget any of them at any time.
pub trait Store: Send + Sync {
    /// The entry of a key.
    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>>;
    /// Keeps an entry.
    fn set(&self, key: CacheKey, entry: Arc<Entry>);
    /// Forgets an entry.
    fn remove(&self, key: &CacheKey);
    /// Forgets this very entry. If another has taken its place in the meantime, that one stays.
    fn remove_entry(&self, key: &CacheKey, entry: &Arc<Entry>);
}

impl<S: Store> Store for Arc<S> {
    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        (**self).get(key)
    }

    fn set(&self, key: CacheKey, entry: Arc<Entry>) {
        (**self).set(key, entry);
    }

    fn remove(&self, key: &CacheKey) {
        (**self).remove(key);
    }

    fn remove_entry(&self, key: &CacheKey, entry: &Arc<Entry>) {
        (**self).remove_entry(key, entry);
    }
}

/// Entries in memory, up to a number of bytes.
#[derive(Debug)]
pub struct MemoryStore {
    entries: QuickCache<CacheKey, Arc<Entry>, ByBytes>,
}

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<CacheKey, Arc<Entry>> for ByBytes {
    fn weight(&self, key: &CacheKey, entry: &Arc<Entry>) -> u64 {
        key.route().len() as u64 + entry.response().weight()
    }
}

impl MemoryStore {
    /// A store of at most `bytes`.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        // How many entries to prepare for: pages of some kilobytes.
        let estimate = usize::try_from(bytes / 8192).unwrap_or(usize::MAX).clamp(16, 100_000);
        Self { entries: QuickCache::with_weighter(estimate, bytes, ByBytes) }
    }

    /// Bytes in use.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.entries.get(key)
    }

    fn set(&self, key: CacheKey, entry: Arc<Entry>) {
        self.entries.insert(key, entry);
    }

    fn remove(&self, key: &CacheKey) {
        self.entries.remove(key);
    }

    fn remove_entry(&self, key: &CacheKey, entry: &Arc<Entry>) {
        self.entries.remove_if(key, |kept| Arc::ptr_eq(kept, entry));
    }
}
