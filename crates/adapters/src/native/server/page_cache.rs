//! The store of whole pages, as those who start a server and an engine share it.

use vinext_cache::{Cache, MemoryStore, Tag};

/// Stored pages. Clones share them.
#[derive(Debug, Clone)]
pub struct PageCache(pub(super) Cache<MemoryStore>);

impl PageCache {
    /// A store in memory, of at most `bytes`.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        Self(Cache::in_memory(bytes))
    }

    /// Makes what carries any of these tags outdated. With `expire` it is not served any more; without, it is served once
    /// more while it is made anew. What is no tag is on no page.
    pub fn invalidate(&self, tags: &[String], expire: bool) {
        for tag in tags.iter().filter_map(|tag| tag.parse::<Tag>().ok()) {
            if expire {
                self.0.invalidate(&tag);
            } else {
                self.0.mark_stale(&tag);
            }
        }
    }
}
