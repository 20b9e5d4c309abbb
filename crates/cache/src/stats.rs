//! What a cache has to tell about itself.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::StoreError;

/// What was asked of a store, or of what keeps its tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// An entry was looked for.
    Get,
    /// An entry was to be kept.
    Set,
    /// An entry was to be forgotten.
    Remove,
    /// The marks of earlier times were to be read.
    Load,
    /// A mark was to be kept and told.
    Publish,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Remove => "remove",
            Self::Load => "load",
            Self::Publish => "publish",
        })
    }
}

/// A store has not done what it was asked. Nobody who looks something up sees this: for them it is a miss.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure<'a> {
    /// Its name.
    pub store: &'a str,
    /// What it was asked.
    pub operation: Operation,
    /// What went wrong.
    pub error: &'a StoreError,
}

/// Who is told of failures.
pub(crate) type Observer = Box<dyn Fn(&Failure<'_>) + Send + Sync>;

/// What a cache has done since it was made. Hits in memory are not counted: it would cost them more than they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Bytes of memory in use.
    pub memory_bytes: u64,
    /// Entries in memory.
    pub memory_entries: u64,
    /// Lookups that found what was stale, and became the ones to make it anew.
    pub stale: u64,
    /// Lookups that found nothing, and became the ones to make it.
    pub misses: u64,
    /// Entries that were made.
    pub fills: u64,
    /// Lookups that were answered by the store below the memory.
    pub store_hits: u64,
    /// Lookups that the store below the memory had nothing for.
    pub store_misses: u64,
    /// Times the store failed or did not answer in time.
    pub store_errors: u64,
    /// Lookups that did not ask the store, since it had just failed again and again.
    pub store_skipped: u64,
    /// Entries that were not written, since too many were waiting.
    pub writes_dropped: u64,
    /// Writes and marks that are on their way.
    pub pending: u64,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) stale: Counter,
    pub(crate) misses: Counter,
    pub(crate) fills: Counter,
    pub(crate) store_hits: Counter,
    pub(crate) store_misses: Counter,
    pub(crate) store_errors: Counter,
    pub(crate) store_skipped: Counter,
    pub(crate) writes_dropped: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            stale: self.stale.get(),
            misses: self.misses.get(),
            fills: self.fills.get(),
            store_hits: self.store_hits.get(),
            store_misses: self.store_misses.get(),
            store_errors: self.store_errors.get(),
            store_skipped: self.store_skipped.get(),
            writes_dropped: self.writes_dropped.get(),
            ..Stats::default()
        }
    }
}
