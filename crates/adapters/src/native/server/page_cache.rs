//! The store of whole pages, as those who start a server and an engine share it.

use vinext_cache::{Cache, Tag};

/// Stored pages. Clones share them.
#[derive(Debug, Clone)]
pub struct PageCache(pub(super) Cache);

impl PageCache {
    /// A store in memory, of at most `bytes`.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        Self(Cache::in_memory(bytes))
    }

    /// Pages in a cache that was put together elsewhere, over a disk or a server.
    #[must_use]
    pub const fn new(cache: Cache) -> Self {
        Self(cache)
    }

    /// Makes what carries any of these tags outdated. With `expire` it is not served any more; without, it is served once
    /// more while it is made anew. What is no tag is on no page.
    pub fn invalidate(&self, tags: &[String], expire: bool) {
        for tag in tags.iter().filter_map(|tag| tag.parse::<Tag>().ok()) {
            if expire {
                self.0.invalidate(&tag);
            } else {
                self.0.mark_stale(&tag, None);
            }
        }
    }
}
