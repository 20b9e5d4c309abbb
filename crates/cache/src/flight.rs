//! Single flight: of many callers that want the same thing made, one makes it. One that takes too long may be overtaken by one
//! of those who wait: both go on, and what the slow one makes is kept unless the other was first.

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
    /// It goes with the flight, and wakes those who wait.
    landing: watch::Sender<Option<Arc<Entry>>>,
    /// Flights for the same key that go on, from before this one.
    overtaken: Vec<u64>,
}

/// Where a flight's outcome is waited for: its channel closes when the flight is over, and may have something to serve
/// before that.
#[derive(Debug)]
pub(crate) struct Landed {
    number: u64,
    outcome: watch::Receiver<Option<Arc<Entry>>>,
}

/// A started flight. The one who has it makes the entry.
#[derive(Debug)]
pub(crate) struct Ticket {
    number: u64,
}

impl Flights {
    /// Starts a flight, or joins the one that is under way, unless it is the one with the number `overdue`.
    pub(crate) fn board(&self, key: KeyId, overdue: Option<u64>) -> Result<Ticket, Landed> {
        let mut table = self.table();
        if let Some(flight) = table.by_key.get(&key)
            && overdue != Some(flight.number)
        {
            return Err(flight.landed());
        }
        table.started += 1;
        let number = table.started;
        let mut overtaken = Vec::new();
        if let Some(slow) = table.by_key.remove(&key) {
            overtaken = slow.overtaken;
            overtaken.push(slow.number);
        }
        table.by_key.insert(key, Flight { number, landing: watch::Sender::new(None), overtaken });
        Ok(Ticket { number })
    }

    /// Hands an entry to those who wait and to `keep`. `false`: the flight was called off, nothing is kept.
    pub(crate) fn land(&self, key: KeyId, ticket: &Ticket, entry: &Arc<Entry>, keep: impl FnOnce()) -> bool {
        // The lock is held while it is kept, so that calling off comes before or after, not in between.
        let table = self.table();
        let Some(flight) = table.of(key, ticket) else { return false };
        keep();
        flight.landing.send_replace(Some(Arc::clone(entry)));
        true
    }

    /// Whether the flight was not called off.
    pub(crate) fn is_current(&self, key: KeyId, ticket: &Ticket) -> bool {
        self.table().of(key, ticket).is_some()
    }

    /// Ends a flight, however it went, and with it those that it has overtaken: they are older.
    pub(crate) fn end(&self, key: KeyId, ticket: &Ticket) {
        let mut table = self.table();
        let Some(flight) = table.by_key.get_mut(&key) else { return };
        if flight.number == ticket.number {
            table.by_key.remove(&key);
        } else {
            flight.overtaken.retain(|number| *number != ticket.number);
        }
    }

    /// Makes sure that what is being made for `key` is not kept nor waited for, and does `then` before anything else can start.
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
    /// The flight for a key, if the ticket is for it or for one that it has overtaken.
    fn of(&self, key: KeyId, ticket: &Ticket) -> Option<&Flight> {
        let is_for = |flight: &&Flight| flight.number == ticket.number || flight.overtaken.contains(&ticket.number);
        self.by_key.get(&key).filter(is_for)
    }
}

impl Flight {
    fn landed(&self) -> Landed {
        Landed { number: self.number, outcome: self.landing.subscribe() }
    }
}

impl Landed {
    /// The number of the flight.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Waits until there is an entry, or the flight has ended or was overtaken. `None`: there is none that is good enough.
    pub(crate) async fn outcome(&mut self, is_good: impl Fn(&Entry) -> bool) -> Option<Arc<Entry>> {
        let entry = self.outcome.borrow_and_update().clone();
        if entry.as_ref().is_some_and(|entry| is_good(entry)) {
            return entry;
        }
        // When it has ended, what was sent last may have been sent since.
        let _ = self.outcome.changed().await;
        let entry = self.outcome.borrow().clone();
        entry.filter(|entry| is_good(entry))
    }
}
