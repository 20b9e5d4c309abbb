//! What a caller asks of an entry.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::entry::{Entry, Freshness};
use crate::tags::Tag;

/// What one caller asks of an entry besides what the entry says of itself. It is nothing to other callers.
///
/// ```
/// use std::time::Duration;
/// use vinext_cache::{Demand, Tag};
///
/// let path: [Tag; 1] = ["/blog".parse()?];
/// let demand = Demand::default().within(&path).revalidate(Duration::from_secs(60));
/// # let _ = demand;
/// # Ok::<(), vinext_cache::TagError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct Demand<'a> {
    pub(super) tags: &'a [Tag],
    revalidate: Option<Duration>,
}

impl<'a> Demand<'a> {
    /// An entry that was begun before one of these tags was invalidated is outdated, as if it carried them. Next's implicit
    /// tags of a path are such.
    pub const fn within(mut self, tags: &'a [Tag]) -> Self {
        self.tags = tags;
        self
    }

    /// An entry that is as old is stale, whatever its policy says.
    pub const fn revalidate(mut self, after: Duration) -> Self {
        self.revalidate = Some(after);
        self
    }

    /// The tags that are asked for besides the entry's own.
    #[must_use]
    pub const fn tags(&self) -> &[Tag] {
        self.tags
    }

    /// From which age on an entry is stale for the caller.
    #[must_use]
    pub const fn revalidate_time(&self) -> Option<Duration> {
        self.revalidate
    }

    pub(super) const fn is_none(&self) -> bool {
        self.tags.is_empty() && self.revalidate.is_none()
    }

    /// What its age makes of an entry at `now`, for this caller.
    pub(super) fn age(&self, entry: &Entry, now: Timestamp) -> Freshness {
        let is_old = self.revalidate.is_some_and(|after| now.since(entry.stored_at()) >= after);
        if is_old { Freshness::Stale } else { Freshness::Fresh }
    }
}
