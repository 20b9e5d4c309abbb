//! What the memory of a cache holds: an entry, and what this cache has learned of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::entry::Entry;
use crate::store::Weigh;

#[derive(Debug)]
pub(crate) struct Slot {
    entry: Arc<Entry>,
    /// At which revision of the tags none of the entry's was invalidated.
    verified: AtomicU64,
    /// Until when it is served without an attempt to make it anew, in milliseconds.
    rests_until: AtomicU64,
    /// How often making it anew has failed.
    failures: AtomicU32,
}

/// How long an entry is left alone that could not be made anew: at first, and at most.
const FIRST_REST: Duration = Duration::from_secs(3);
const LONGEST_REST: Duration = Duration::from_secs(30);

impl Slot {
    pub(crate) const fn new(entry: Arc<Entry>) -> Self {
        Self { entry, verified: AtomicU64::new(0), rests_until: AtomicU64::new(0), failures: AtomicU32::new(0) }
    }

    pub(crate) fn entry(&self) -> Arc<Entry> {
        Arc::clone(&self.entry)
    }

    pub(crate) const fn peek(&self) -> &Arc<Entry> {
        &self.entry
    }

    pub(crate) fn is_verified(&self, revision: u64) -> bool {
        self.verified.load(Ordering::Relaxed) == revision
    }

    pub(crate) fn verify(&self, revision: u64) {
        self.verified.store(revision, Ordering::Relaxed);
    }

    pub(crate) fn is_resting(&self, now: Timestamp) -> bool {
        self.rests_until.load(Ordering::Relaxed) > now.as_millis()
    }

    /// It could not be made anew: it is left alone, twice as long each time.
    pub(crate) fn rest(&self, now: Timestamp) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        let rest = FIRST_REST.saturating_mul(1 << failures.min(16)).min(LONGEST_REST);
        self.rests_until.store(now.after(rest).as_millis(), Ordering::Relaxed);
    }
}

impl Weigh for Slot {
    fn weight(&self) -> u64 {
        self.entry.weight()
    }
}
