//! What the clones of a cache and its guards share.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::below::Below;
use super::builder::CacheBuilder;
use super::demand::Demand;
use super::guard::FillGuard;
use super::marks::Marks;
use super::report::Reporter;
use super::slot::Slot;
use crate::clock::{Clock, Timestamp};
use crate::entry::{Entry, Freshness};
use crate::flight::{Flights, Landed, Ticket};
use crate::key::{CacheKey, KeyId};
use crate::stats::{Counters, Stats};
use crate::store::{Bounded, StoreError};
use crate::tags::{Mark, Stamp, Subject, TagSink, Tags, Target};

pub(crate) struct Shared {
    memory: Bounded<Slot>,
    clock: Arc<dyn Clock>,
    tags: Tags,
    flights: Flights,
    reporter: Arc<Reporter>,
    below: Option<Below>,
    marks: Option<Arc<Marks>>,
    /// How long one who fills is waited for.
    pub(super) fill_deadline: Duration,
    /// How long a flush may take.
    patience: Duration,
}

impl Shared {
    pub(super) fn start(builder: CacheBuilder) -> Arc<Self> {
        let CacheBuilder { memory, store, tags, clock, read_deadline, write_deadline, fill_deadline, observer } =
            builder;
        let source = tags.or_else(|| store.as_ref().and_then(|store| store.tag_source()));
        let reporter = Arc::new(Reporter::new(observer));
        let below = store.map(|store| Below::start(store, read_deadline, write_deadline, Arc::clone(&reporter)));
        let marks = source.map(|source| Marks::new(source, write_deadline, Arc::clone(&reporter)));
        let shared = Arc::new(Self {
            memory: Bounded::new(memory),
            tags: Tags::new(Arc::clone(&clock), marks.as_ref().map(|marks| Arc::clone(marks.source()))),
            clock,
            flights: Flights::default(),
            reporter,
            below,
            marks,
            fill_deadline,
            patience: write_deadline * 2,
        });
        if let Some(marks) = &shared.marks {
            // Not before there is something to bring marks to.
            let this: Weak<Self> = Arc::downgrade(&shared);
            marks.start(|| TagSink::new(Weak::clone(&this) as Weak<dyn Target>));
        }
        shared
    }

    pub(super) const fn tags(&self) -> &Tags {
        &self.tags
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.reporter.counters
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What memory has for a key, unless it has expired.
    pub(super) fn look(&self, key: KeyId, demand: &Demand<'_>) -> Option<(Arc<Slot>, Freshness)> {
        let slot = self.memory.get(key)?;
        let freshness = self.age(slot.peek()).max(self.verify(&slot));
        if freshness == Freshness::Expired {
            self.memory.remove_same(key, &slot);
            return None;
        }
        // What has expired for this caller may be good for others.
        let freshness = if demand.is_none() { freshness } else { freshness.max(self.demanded(slot.peek(), demand)) };
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

    pub(super) fn freshness(&self, entry: &Entry, demand: &Demand<'_>) -> Freshness {
        let tagged = self.tags.freshness(entry.policy().tags(), entry.begun());
        self.age(entry).max(tagged).max(self.demanded(entry, demand))
    }

    fn demanded(&self, entry: &Entry, demand: &Demand<'_>) -> Freshness {
        self.tags.freshness(demand.tags, entry.begun()).max(demand.age(entry, self.now()))
    }

    /// The right to fill a key, unless another has it, but for the flight `overdue`, which has taken too long.
    pub(super) fn begin(self: &Arc<Self>, key: &CacheKey, overdue: Option<u64>) -> Result<FillGuard, Landed> {
        let ticket = self.flights.board(key.id(), overdue)?;
        Ok(FillGuard::new(Arc::clone(self), key.clone(), ticket, self.tags.begin()))
    }

    pub(super) fn end(&self, key: &CacheKey, ticket: &Ticket) {
        self.flights.end(key.id(), ticket);
    }

    /// What the store below the memory has for a key, unless it has expired.
    pub(super) async fn look_below(&self, key: &CacheKey, demand: &Demand<'_>) -> Option<Arc<Entry>> {
        let below = self.below.as_ref()?;
        let entry = below.get(key, demand, self.marks.as_deref()).await?;
        // What comes from the future, by a clock that was set back, cannot be told from what was invalidated since. Where
        // all have one time, it is the moment by which ours is behind, and marks get the time of all.
        if entry.begun() > self.tags.begin() && !self.tags.witness_shared(entry.begun()) {
            return None;
        }
        if self.tags.is_removed(key.id(), entry.begun())
            || self.freshness(&entry, &Demand::default()) == Freshness::Expired
        {
            below.writes.remove_entry(key, &entry);
            return None;
        }
        Some(entry)
    }

    /// Brings what the store had to memory and to those who wait. `false`: the key was removed in the meantime.
    pub(super) fn promote(&self, key: &CacheKey, ticket: &Ticket, slot: &Arc<Slot>) -> bool {
        self.flights.land(key.id(), ticket, slot.peek(), || self.memory.set(key.id(), Arc::clone(slot)))
    }

    /// Whether what this ticket is for will be kept.
    pub(super) fn holds(&self, key: &CacheKey, ticket: &Ticket) -> bool {
        self.flights.is_current(key.id(), ticket)
    }

    /// Keeps what was made, and hands it to those who wait.
    pub(super) fn land(&self, key: &CacheKey, ticket: &Ticket, entry: &Arc<Entry>) {
        self.reporter.counters.fills.count();
        self.flights.land(key.id(), ticket, entry, || {
            // Another instance has removed the key while this was made.
            if self.marks.is_some() && self.tags.is_removed(key.id(), entry.begun()) {
                return;
            }
            self.memory.set(key.id(), Arc::new(Slot::new(Arc::clone(entry))));
            if let Some(below) = &self.below {
                below.writes.set(key, entry);
            }
        });
    }

    pub(super) fn remove(&self, key: &CacheKey) {
        self.flights.call_off(key.id(), || {
            self.memory.remove(key.id());
            // Whatever the store does: what it has of now or before is gone.
            if let Some(below) = &self.below {
                self.expire(Subject::Key(key.id()));
                below.writes.remove(key);
            }
        });
    }

    pub(super) fn expire(&self, subject: Subject) {
        self.publish(self.tags.expire(subject));
    }

    pub(super) fn mark_stale(&self, subject: Subject, expire: Option<Duration>) {
        self.publish(self.tags.mark_stale(subject, expire));
    }

    /// Brings a mark of this process to others.
    fn publish(&self, mark: Mark) {
        if let Some(marks) = &self.marks {
            marks.publish(mark);
        }
    }

    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        if self.below.is_none() && self.marks.is_none() {
            return Ok(());
        }
        let work = async {
            if let Some(marks) = &self.marks {
                marks.flush().await;
            }
            if let Some(below) = &self.below {
                below.writes.flush().await;
            }
        };
        let in_time = tokio::time::timeout(self.patience, work).await;
        match self.reporter.take_last() {
            Some(error) => Err(error),
            None => in_time.map_err(|_| StoreError::TimedOut(self.patience)),
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let writes = self.below.as_ref().map_or(0, |below| below.writes.len());
        let pending = writes + self.marks.as_ref().map_or(0, |marks| marks.len());
        Stats {
            memory_bytes: self.memory.bytes(),
            memory_entries: self.memory.len() as u64,
            pending: pending as u64,
            ..self.reporter.counters.snapshot()
        }
    }
}

impl Target for Shared {
    fn apply(&self, mark: &Mark) {
        self.tags.apply(mark);
        if let Subject::Key(key) = mark.subject {
            self.flights.between(|| {
                if let Some(slot) = self.memory.get(key)
                    && slot.peek().begun() < mark.times.newest()
                {
                    self.memory.remove(key);
                }
            });
        }
    }

    fn latest(&self) -> Stamp {
        self.tags.latest()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(below) = &self.below {
            below.writes.close();
        }
        if let Some(marks) = &self.marks {
            marks.close();
        }
    }
}
