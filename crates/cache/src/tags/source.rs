//! Where marks are kept for others: for the next process, or for other instances.

use std::sync::{Arc, Weak};

use super::mark::Mark;
use super::stamp::Stamp;
use crate::store::{BoxFuture, StoreError};

/// Keeps marks where the entries of a store are kept, so that an invalidation holds for whoever reads them.
pub trait TagSource: Send + Sync + 'static {
    /// What to call it in a report.
    fn name(&self) -> &str;

    /// A time that is the same for everybody who uses this source, and is never ahead of it. `None`: the cache's clock
    /// will do, for there is nobody else, or it is not known yet.
    fn now(&self) -> Option<Stamp> {
        None
    }

    /// Everything that was published. No entry of the store is served before this has succeeded.
    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>>;

    /// Adds to what is kept of a subject what is new of it, and tells others. What is kept may be later than what was asked
    /// for, never earlier; if so, it is the answer. Asked again if it fails, until it succeeds.
    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>>;

    /// Whether what the store gives depends on what is published here: then nothing is read before what this process has
    /// to say is published.
    fn precedes_reads(&self) -> bool {
        false
    }

    /// Brings the marks of others to `sink` for as long as that is open. Returns at once where there are no others.
    fn listen(self: Arc<Self>, sink: TagSink) -> BoxFuture<'static, ()> {
        drop(sink);
        Box::pin(std::future::ready(()))
    }
}

/// Where a [`TagSource`] brings the marks of others.
pub struct TagSink(Weak<dyn Target>);

/// Who takes the marks of others.
pub(crate) trait Target: Send + Sync {
    /// Adds a mark.
    fn apply(&self, mark: &Mark);
    /// The latest stamp that was given or taken.
    fn latest(&self) -> Stamp;
}

impl TagSink {
    pub(crate) fn new(target: Weak<dyn Target>) -> Self {
        Self(target)
    }

    /// Adds what is known of a subject. Does nothing when the cache is gone.
    pub fn apply(&self, mark: &Mark) {
        if let Some(target) = self.0.upgrade() {
            target.apply(mark);
        }
    }

    /// The latest stamp that this cache has given or taken. `None`: the cache is gone.
    #[must_use]
    pub fn latest(&self) -> Option<Stamp> {
        self.0.upgrade().map(|target| target.latest())
    }

    /// Whether the cache is still there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl std::fmt::Debug for TagSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TagSink").field("open", &self.is_open()).finish()
    }
}
