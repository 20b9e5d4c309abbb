//! What the memory of a cache holds: an entry, and what this cache has learned of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
}

impl Slot {
    pub(crate) const fn new(entry: Arc<Entry>) -> Self {
        Self { entry, verified: AtomicU64::new(0), rests_until: AtomicU64::new(0) }
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

    pub(crate) fn rest_until(&self, time: Timestamp) {
        self.rests_until.store(time.as_millis(), Ordering::Relaxed);
    }
}

impl Weigh for Slot {
    fn weight(&self) -> u64 {
        self.entry.weight()
    }
}
