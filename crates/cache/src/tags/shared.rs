//! The clocks of a cache, as its lookups share them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::clocks::{self, CAPACITY, Clocks};
use super::mark::{Mark, MarkTimes, Subject};
use super::source::TagSource;
use super::stamp::Stamp;
use super::tag::Tag;
use crate::clock::Clock;
use crate::entry::Freshness;
use crate::key::KeyId;

/// All clocks, and the order of what happens.
pub(crate) struct Tags {
    clock: Arc<dyn Clock>,
    source: Option<Arc<dyn TagSource>>,
    /// The latest stamp that was given or taken: stamps never go back, whatever the clock does.
    latest: AtomicU64,
    /// How many marks have been added. As long as it is the same, what was fresh by its tags still is.
    revision: AtomicU64,
    table: RwLock<Table>,
}

struct Table {
    tags: Clocks<Tag>,
    keys: Clocks<KeyId>,
    everything: MarkTimes,
}

impl Tags {
    pub(crate) fn new(clock: Arc<dyn Clock>, source: Option<Arc<dyn TagSource>>) -> Self {
        let table = Table {
            tags: Clocks::with_capacity(CAPACITY),
            keys: Clocks::with_capacity(CAPACITY),
            everything: MarkTimes::default(),
        };
        Self {
            clock,
            source,
            latest: AtomicU64::new(0),
            // Whoever has checked nothing yet has a zero.
            revision: AtomicU64::new(1),
            table: RwLock::new(table),
        }
    }

    /// The time, in the order of invalidations.
    pub(crate) fn now(&self) -> Stamp {
        let shared = self.source.as_ref().and_then(|source| source.now());
        shared.unwrap_or_else(|| Stamp::at(self.clock.now()))
    }

    /// A stamp for what begins now: what is invalidated from now on is later, what was invalidated until now is not.
    pub(crate) fn begin(&self) -> Stamp {
        self.witness(self.now())
    }

    /// Makes sure that no stamp from now on is earlier than `stamp`, and gives the latest.
    pub(crate) fn witness(&self, stamp: Stamp) -> Stamp {
        let before = Stamp::from_micros(self.latest.fetch_max(stamp.as_micros(), Ordering::AcqRel));
        before.max(stamp)
    }

    /// The same for a stamp of another instance. `false`: nobody has a time in common with us.
    pub(crate) fn witness_shared(&self, stamp: Stamp) -> bool {
        let is_shared = self.source.as_ref().is_some_and(|source| source.now().is_some());
        if is_shared {
            self.witness(stamp);
        }
        is_shared
    }

    pub(crate) fn latest(&self) -> Stamp {
        Stamp::from_micros(self.latest.load(Ordering::Acquire))
    }

    /// Makes what was begun until now expire. Gives what is new of the subject.
    pub(crate) fn expire(&self, subject: Subject) -> Mark {
        self.mark(subject, |stamp, _| MarkTimes { expired: stamp, ..MarkTimes::default() })
    }

    /// Makes what was begun until now stale, and expire after `expire`.
    pub(crate) fn mark_stale(&self, subject: Subject, expire: Option<Duration>) -> Mark {
        self.mark(subject, |stamp, now| MarkTimes {
            stale: stamp,
            deadline: expire.map(|expire| now.after(expire)),
            ..MarkTimes::default()
        })
    }

    fn mark(&self, subject: Subject, times: impl FnOnce(Stamp, Stamp) -> MarkTimes) -> Mark {
        let now = self.now();
        // Stamped under the lock: who sees the stamp of a mark in a later one sees the mark.
        let mut table = self.table_mut();
        let later = |latest| Stamp::from_micros(latest).next().max(now);
        let (Ok(latest) | Err(latest)) =
            self.latest.fetch_update(Ordering::AcqRel, Ordering::Acquire, |latest| Some(later(latest).as_micros()));
        let stamp = later(latest);
        let times = times(stamp, now);
        table.merge(&subject, times, now);
        self.revision.fetch_add(1, Ordering::Release);
        Mark { subject, times }
    }

    /// Adds a mark of others.
    pub(crate) fn apply(&self, mark: &Mark) {
        self.witness(mark.times.newest());
        let now = self.now();
        let mut table = self.table_mut();
        table.merge(&mark.subject, mark.times, now);
        self.revision.fetch_add(1, Ordering::Release);
    }

    /// How many marks there are. To be read before what is checked.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// What the tags say about an entry whose making began at `begun`.
    pub(crate) fn freshness(&self, tags: &[Tag], begun: Stamp) -> Freshness {
        let table = self.table();
        let mut freshness = clocks::freshness(&table.everything, begun, begun);
        if tags.is_empty() {
            return freshness;
        }
        let now = self.now();
        for tag in tags {
            freshness = freshness.max(table.tags.freshness(tag, begun, now));
        }
        freshness
    }

    /// Whether the key was removed after `begun`.
    pub(crate) fn is_removed(&self, key: KeyId, begun: Stamp) -> bool {
        self.table().keys.freshness(&key, begun, begun) == Freshness::Expired
    }

    fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn table_mut(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn merge(&mut self, subject: &Subject, times: MarkTimes, now: Stamp) {
        match subject {
            Subject::Tag(tag) => self.tags.merge(tag, times, now),
            Subject::Key(key) => self.keys.merge(key, times, now),
            Subject::Everything => self.everything = self.everything.merge(times, now),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::ManualClock;

    fn tags() -> (Tags, ManualClock) {
        let clock = ManualClock::default();
        (Tags::new(Arc::new(clock.clone()), None), clock)
    }

    fn tag(name: &str) -> Tag {
        name.parse().unwrap()
    }

    #[test]
    fn the_worst_of_the_tags_decides() {
        let (tags, _) = tags();
        let begun = tags.begin();
        tags.mark_stale(Subject::Tag(tag("one")), None);
        assert_eq!(tags.freshness(&[tag("two")], begun), Freshness::Fresh);
        assert_eq!(tags.freshness(&[tag("two"), tag("one")], begun), Freshness::Stale);
        tags.expire(Subject::Tag(tag("two")));
        assert_eq!(tags.freshness(&[tag("two"), tag("one")], begun), Freshness::Expired);
        assert_eq!(tags.freshness(&[tag("two"), tag("one")], tags.begin()), Freshness::Fresh);
    }

    #[test]
    fn two_things_in_one_instant_are_one_after_the_other() {
        let (tags, _) = tags();
        let before = tags.begin();
        tags.expire(Subject::Tag(tag("one")));
        let between = tags.begin();
        tags.expire(Subject::Tag(tag("one")));
        let after = tags.begin();
        for (begun, freshness) in
            [(before, Freshness::Expired), (between, Freshness::Expired), (after, Freshness::Fresh)]
        {
            assert_eq!(tags.freshness(&[tag("one")], begun), freshness);
        }
    }

    #[test]
    fn a_mark_of_others_that_is_ahead_takes_the_time_along() {
        let (tags, clock) = tags();
        let begun = tags.begin();
        let times = MarkTimes { expired: Stamp::from_micros(5_000_000), ..MarkTimes::default() };
        tags.apply(&Mark { subject: Subject::Tag(tag("one")), times });
        clock.advance(Duration::from_secs(1));
        assert_eq!(tags.freshness(&[tag("one")], begun), Freshness::Expired);
        assert_eq!(tags.freshness(&[tag("one")], tags.begin()), Freshness::Fresh);
    }

    #[test]
    fn everything_expires_tagged_or_not() {
        let (tags, _) = tags();
        let begun = tags.begin();
        tags.expire(Subject::Everything);
        assert_eq!(tags.freshness(&[], begun), Freshness::Expired);
        assert_eq!(tags.freshness(&[tag("one")], tags.begin()), Freshness::Fresh);
    }
}
