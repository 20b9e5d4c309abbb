//! Entries in memory.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use super::{BoxFuture, Store, StoreError};
use crate::entry::Entry;
use crate::key::{CacheKey, KeyId};

/// What a tag takes up besides its text.
const TAG: usize = 32;

/// What takes up bytes. The number must stay the same.
pub(crate) trait Weigh {
    fn weight(&self) -> u64;
}

impl Weigh for Entry {
    fn weight(&self) -> u64 {
        let tags: usize = self.policy().tags().iter().map(|tag| tag.as_str().len() + TAG).sum();
        self.value().weight() + tags as u64
    }
}

/// Things by key, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct Bounded<V> {
    entries: QuickCache<KeyId, Arc<V>, ByBytes>,
}

#[derive(Debug, Clone)]
struct ByBytes;

impl<V: Weigh> Weighter<KeyId, Arc<V>> for ByBytes {
    fn weight(&self, _: &KeyId, value: &Arc<V>) -> u64 {
        value.weight()
    }
}

impl<V: Weigh> Bounded<V> {
    pub(crate) fn new(bytes: u64) -> Self {
        // How many entries to prepare for: pages of some kilobytes.
        let estimate = usize::try_from(bytes / 8192).unwrap_or(usize::MAX).clamp(16, 100_000);
        Self { entries: QuickCache::with_weighter(estimate, bytes, ByBytes) }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, key: KeyId) -> Option<Arc<V>> {
        self.entries.get(&key)
    }

    pub(crate) fn set(&self, key: KeyId, value: Arc<V>) {
        self.entries.insert(key, value);
    }

    pub(crate) fn remove(&self, key: KeyId) {
        self.entries.remove(&key);
    }

    /// Removes this very value. If another has taken its place in the meantime, that one stays.
    pub(crate) fn remove_same(&self, key: KeyId, value: &Arc<V>) {
        self.entries.remove_if(&key, |kept| Arc::ptr_eq(kept, value));
    }
}

/// Entries in memory, up to a number of bytes. A cache has such a memory of its own; this is for what is made of several
/// stores, and for tests.
#[derive(Debug)]
pub struct MemoryStore {
    entries: Bounded<Entry>,
}

impl MemoryStore {
    /// A store of at most `bytes`.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { entries: Bounded::new(bytes) }
    }

    /// Bytes in use.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.bytes()
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(std::future::ready(Ok(self.entries.get(key.id()))))
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        self.entries.set(key.id(), Arc::clone(entry));
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        self.entries.remove(key.id());
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        self.entries.remove_same(key.id(), entry);
        Box::pin(std::future::ready(Ok(())))
    }
}
