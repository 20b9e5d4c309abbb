//! The store below the memory, at arm's length: it has a deadline, and if it fails again and again it is left alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::demand::Demand;
use super::marks::Marks;
use super::report::Reporter;
use super::writes::{Pending, Writes};
use crate::entry::Entry;
use crate::key::CacheKey;
use crate::stats::Operation;
use crate::store::{Store, StoreError};

/// After how many failures one after the other the store is left alone, and for how long. Then one lookup tries, and others
/// leave it alone for as long again: a store that hangs has few wait for it.
const PATIENCE: u32 = 5;
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) struct Below {
    store: Arc<dyn Store>,
    deadline: Duration,
    reporter: Arc<Reporter>,
    health: Mutex<Health>,
    pub(super) writes: Arc<Writes>,
}

#[derive(Default)]
struct Health {
    failures: u32,
    alone_until: Option<Instant>,
}

impl Below {
    pub(super) fn start(
        store: Arc<dyn Store>,
        read_deadline: Duration,
        write_deadline: Duration,
        reporter: Arc<Reporter>,
    ) -> Self {
        let writes = Writes::start(Arc::clone(&store), write_deadline, Arc::clone(&reporter));
        Self { store, deadline: read_deadline, reporter, health: Mutex::default(), writes }
    }

    /// What the store has, or is about to have. Nothing is read before the marks of earlier times are known.
    pub(super) async fn get(&self, key: &CacheKey, demand: &Demand<'_>, marks: Option<&Marks>) -> Option<Arc<Entry>> {
        match self.writes.pending(key.id()) {
            Pending::Entry(entry) => return Some(entry),
            Pending::Removal => return None,
            Pending::Nothing => {}
        }
        if !self.is_asked() {
            self.reporter.counters.store_skipped.count();
            return None;
        }
        let work = async {
            if let Some(marks) = marks {
                marks.loaded().await;
                if marks.source().precedes_reads() {
                    marks.flush().await;
                }
            }
            self.store.get_for(key, demand).await
        };
        let result = match tokio::time::timeout(self.deadline, work).await {
            Ok(result) => result,
            Err(_) => Err(StoreError::TimedOut(self.deadline)),
        };
        // Damage is one entry's; the store has answered.
        self.learn(matches!(result, Ok(_) | Err(StoreError::Corrupt(_))));
        match result {
            Ok(Some(entry)) => {
                self.reporter.counters.store_hits.count();
                Some(entry)
            }
            Ok(None) => {
                self.reporter.counters.store_misses.count();
                None
            }
            Err(error) => {
                if matches!(error, StoreError::Corrupt(_)) {
                    self.writes.remove_damaged(key);
                }
                self.reporter.report(self.store.name(), Operation::Get, &error);
                None
            }
        }
    }

    fn is_asked(&self) -> bool {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = health.alone_until else { return true };
        let now = Instant::now();
        let tries = until <= now;
        if tries {
            health.alone_until = Some(now + PAUSE);
        }
        tries
    }

    fn learn(&self, is_well: bool) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if is_well {
            *health = Health::default();
            return;
        }
        health.failures += 1;
        if health.failures >= PATIENCE {
            health.alone_until = Some(Instant::now() + PAUSE);
        }
    }
}
