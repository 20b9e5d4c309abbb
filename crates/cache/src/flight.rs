//! Single flight: of many callers that want the same thing made, one makes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::entry::Entry;
use crate::key::KeyId;

/// What is being made now.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_key: HashMap<KeyId, Flight>,
    started: u64,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    landed: Landed,
}

/// Where a flight's outcome is waited for: its channel closes when the flight is over, and may have something to serve
/// before that.
#[derive(Debug, Clone)]
pub(crate) struct Landed(watch::Receiver<Option<Arc<Entry>>>);

/// A started flight. The one who has it makes the entry.
#[derive(Debug)]
pub(crate) struct Ticket {
    number: u64,
    landing: watch::Sender<Option<Arc<Entry>>>,
}

impl Flights {
    /// Starts a flight, or joins the one that is under way.
    pub(crate) fn board(&self, key: KeyId) -> Result<Ticket, Landed> {
        let mut table = self.table();
        if let Some(flight) = table.by_key.get(&key) {
            return Err(flight.landed.clone());
        }
        table.started += 1;
        let number = table.started;
        let (landing, landed) = watch::channel(None);
        table.by_key.insert(key, Flight { number, landed: Landed(landed) });
        Ok(Ticket { number, landing })
    }

    /// Hands an entry to those who wait and to `keep`. `false`: the flight was called off, nothing is kept.
    pub(crate) fn land(&self, key: KeyId, ticket: &Ticket, entry: &Arc<Entry>, keep: impl FnOnce()) -> bool {
        // The lock is held while it is kept, so that calling off comes before or after, not in between.
        let table = self.table();
        let goes_on = table.has(key, ticket);
        if goes_on {
            keep();
            ticket.landing.send_replace(Some(Arc::clone(entry)));
        }
        goes_on
    }

    /// Whether the flight was not called off.
    pub(crate) fn is_current(&self, key: KeyId, ticket: &Ticket) -> bool {
        self.table().has(key, ticket)
    }

    /// Ends a flight, however it went. Who waits is woken when the ticket is dropped.
    pub(crate) fn end(&self, key: KeyId, ticket: &Ticket) {
        let mut table = self.table();
        if table.has(key, ticket) {
            table.by_key.remove(&key);
        }
    }

    /// Makes sure that what is being made for `key` is not kept, and does `then` before anything else can start.
    pub(crate) fn call_off(&self, key: KeyId, then: impl FnOnce()) {
        let mut table = self.table();
        table.by_key.remove(&key);
        then();
    }

    /// Does `then` while nothing lands.
    pub(crate) fn between(&self, then: impl FnOnce()) {
        let _table = self.table();
        then();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn has(&self, key: KeyId, ticket: &Ticket) -> bool {
        self.by_key.get(&key).is_some_and(|flight| flight.number == ticket.number)
    }
}

impl Landed {
    /// Waits for an entry that is good enough, or for the end of the flight. `None`: nothing was made.
    pub(crate) async fn outcome(mut self, is_good: impl Fn(&Entry) -> bool) -> Option<Arc<Entry>> {
        loop {
            let entry = self.0.borrow_and_update().clone();
            if entry.as_ref().is_some_and(|entry| is_good(entry)) {
                return entry;
            }
            if self.0.changed().await.is_err() {
                // What was sent last may have been sent since.
                let entry = self.0.borrow().clone();
                return entry.filter(|entry| is_good(entry));
            }
        }
    }
}
