//! What the clones of a cache and its guards share.

use std::sync::Arc;

use super::builder::CacheBuilder;
use super::guard::FillGuard;
use super::slot::Slot;
use crate::clock::{Clock, Timestamp};
use crate::entry::{Entry, Freshness};
use crate::flight::{Flights, Landed, Ticket};
use crate::key::{CacheKey, KeyId};
use crate::stats::{Counters, Stats};
use crate::store::{Bounded, StoreError};
use crate::tags::{Mark, Tag, Tags};

pub(crate) struct Shared {
    memory: Bounded<Slot>,
    clock: Arc<dyn Clock>,
    tags: Tags,
    flights: Flights,
    counters: Arc<Counters>,
}

impl Shared {
    pub(super) fn start(builder: CacheBuilder) -> Arc<Self> {
        let CacheBuilder { memory, clock, tags, .. } = builder;
        Arc::new(Self {
            memory: Bounded::new(memory),
            tags: Tags::new(Arc::clone(&clock), tags),
            clock,
            flights: Flights::default(),
            counters: Arc::default(),
        })
    }

    pub(super) const fn tags(&self) -> &Tags {
        &self.tags
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What memory has for a key, unless it has expired.
    pub(super) fn look(&self, key: KeyId, within: &[Tag]) -> Option<(Arc<Slot>, Freshness)> {
        let slot = self.memory.get(key)?;
        let freshness = self.age(slot.peek()).max(self.verify(&slot));
        if freshness == Freshness::Expired {
            self.memory.remove_same(key, &slot);
            return None;
        }
        // What has expired for this caller may be good for others.
        let freshness =
            if within.is_empty() { freshness } else { freshness.max(self.tags.freshness(within, slot.peek().begun())) };
        (freshness != Freshness::Expired).then_some((slot, freshness))
    }

    /// What its tags make of what is in memory. As long as nothing was invalidated, what was fresh is.
    fn verify(&self, slot: &Slot) -> Freshness {
        let revision = self.tags.revision();
        if slot.is_verified(revision) {
            return Freshness::Fresh;
        }
        let entry = slot.peek();
        let freshness = self.tags.freshness(entry.policy().tags(), entry.begun());
        if freshness == Freshness::Fresh {
            slot.verify(revision);
        }
        freshness
    }

    fn age(&self, entry: &Entry) -> Freshness {
        if entry.policy().is_timed() { entry.freshness(self.now()) } else { Freshness::Fresh }
    }

    pub(super) fn freshness(&self, entry: &Entry, within: &[Tag]) -> Freshness {
        let tagged = self.tags.freshness(entry.policy().tags(), entry.begun());
        self.age(entry).max(tagged).max(self.tags.freshness(within, entry.begun()))
    }

    pub(super) fn begin(self: &Arc<Self>, key: &CacheKey) -> Result<FillGuard, Landed> {
        let ticket = self.flights.board(key.id())?;
        Ok(FillGuard::new(Arc::clone(self), key.clone(), ticket, self.tags.begin()))
    }

    pub(super) fn end(&self, key: &CacheKey, ticket: &Ticket) {
        self.flights.end(key.id(), ticket);
    }

    /// What the store below the memory has for a key, unless it has expired.
    #[allow(clippy::unused_async)]
    pub(super) async fn look_below(&self, _key: &CacheKey) -> Option<Arc<Entry>> {
        None
    }

    /// Brings what the store had to memory and to those who wait. `false`: the key was removed in the meantime.
    pub(super) fn promote(&self, key: &CacheKey, ticket: &Ticket, slot: &Arc<Slot>) -> bool {
        self.flights.land(key.id(), ticket, slot.peek(), || self.memory.set(key.id(), Arc::clone(slot)))
    }

    /// Keeps what was made, and hands it to those who wait.
    pub(super) fn land(&self, key: &CacheKey, ticket: &Ticket, entry: &Arc<Entry>) {
        self.counters.fills.count();
        self.flights.land(key.id(), ticket, entry, || {
            self.memory.set(key.id(), Arc::new(Slot::new(Arc::clone(entry))));
        });
    }

    pub(super) fn remove(&self, key: &CacheKey) {
        self.flights.call_off(key.id(), || self.memory.remove(key.id()));
    }

    /// Brings a mark of this process to others.
    #[allow(clippy::needless_pass_by_value)]
    pub(super) fn publish(&self, _mark: Mark) {}

    #[allow(clippy::unused_async)]
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            memory_bytes: self.memory.bytes(),
            memory_entries: self.memory.len() as u64,
            ..self.counters.snapshot()
        }
    }
}
