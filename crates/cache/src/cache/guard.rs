//! The right to fill a key.

use std::sync::Arc;

use super::Lookup;
use super::demand::Demand;
use super::shared::Shared;
use super::slot::Slot;
use crate::entry::{Entry, Freshness, Value};
use crate::flight::Ticket;
use crate::key::CacheKey;
use crate::policy::CachePolicy;
use crate::tags::Stamp;

/// The right, and the duty, to fill a key. Dropping it lets another caller try. Whoever holds it for longer than the
/// [deadline of a fill](super::CacheBuilder::fill_deadline) may not be the only one.
pub struct FillGuard {
    shared: Arc<Shared>,
    key: CacheKey,
    ticket: Ticket,
    /// Invalidations until this one have been seen by whoever renders.
    begun: Stamp,
    /// What is served in the meantime.
    stale: Option<Arc<Slot>>,
}

impl std::fmt::Debug for FillGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FillGuard").field("key", &self.key).finish_non_exhaustive()
    }
}

impl FillGuard {
    pub(super) const fn new(shared: Arc<Shared>, key: CacheKey, ticket: Ticket, begun: Stamp) -> Self {
        Self { shared, key, ticket, begun, stale: None }
    }

    /// The key to fill.
    #[must_use]
    pub const fn key(&self) -> &CacheKey {
        &self.key
    }

    /// Looks where only one should at a time. `None`: the key was removed in the meantime, and somebody else may be at it.
    pub(super) async fn look(mut self, demand: &Demand<'_>) -> Option<Lookup> {
        // Between the first look and the guard, somebody may have filled it.
        let mut found = self.shared.look(self.key.id(), demand);
        if found.is_none() {
            if let Some(entry) = self.shared.look_below(&self.key, demand).await {
                let slot = self.promote(&entry)?;
                let freshness = self.shared.freshness(&entry, demand);
                found = (freshness != Freshness::Expired).then_some((slot, freshness));
            } else if !self.shared.holds(&self.key, &self.ticket) {
                return None;
            }
        }
        // Whatever was invalidated until now, the caller will see what is new.
        self.begun = self.shared.tags().begin();
        Some(match found {
            Some((slot, Freshness::Fresh)) => Lookup::Hit(slot.entry(), None),
            Some((slot, _)) => {
                self.shared.counters().stale.count();
                self.stale = Some(Arc::clone(&slot));
                Lookup::Hit(slot.entry(), Some(self))
            }
            None => {
                self.shared.counters().misses.count();
                Lookup::Miss(self)
            }
        })
    }

    /// Looks whether another instance has made a fresh entry in place of the stale one, and takes that. Worth it before
    /// something is made that costs more than a look into the store, when nobody waits for it.
    pub async fn find_elsewhere(mut self) -> Result<Arc<Entry>, Self> {
        let is_newer = |entry: &Entry, stale: &Slot| entry.begun() > stale.peek().begun();
        if let Some(entry) = self.shared.look_below(&self.key, &Demand::default()).await
            && self.stale.as_ref().is_none_or(|stale| is_newer(&entry, stale))
            && self.shared.freshness(&entry, &Demand::default()) == Freshness::Fresh
            && self.promote(&entry).is_some()
        {
            return Ok(entry);
        }
        self.begun = self.shared.tags().begin();
        Err(self)
    }

    /// Brings what the store had to memory and to those who wait. `None`: the key was removed in the meantime.
    fn promote(&self, entry: &Arc<Entry>) -> Option<Arc<Slot>> {
        let slot = Arc::new(Slot::new(Arc::clone(entry)));
        self.shared.promote(&self.key, &self.ticket, &slot).then_some(slot)
    }

    /// Stores a value and gives it to those who wait for it.
    pub fn fill(self, value: impl Into<Value>, policy: CachePolicy) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(value.into(), policy, self.shared.now(), self.begun));
        self.shared.land(&self.key, &self.ticket, &entry);
        entry
    }

    /// Gives the right back: it could not be made. Where there is an old entry to serve, nobody tries again for a while: three
    /// seconds at first, twice as long each time, half a minute at most. Where there is none, the next caller tries.
    pub fn fail(self) {
        if let Some(slot) = &self.stale {
            slot.rest(self.shared.now());
        }
    }
}

impl Drop for FillGuard {
    fn drop(&mut self) {
        self.shared.end(&self.key, &self.ticket);
    }
}
