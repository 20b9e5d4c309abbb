//! The clocks of all subjects of one kind.

use std::collections::HashMap;
use std::hash::Hash;

use super::mark::MarkTimes;
use super::stamp::Stamp;
use crate::entry::Freshness;

/// How many subjects are remembered one by one.
pub(super) const CAPACITY: usize = 65_536;

/// When each subject was last invalidated.
///
/// Memory is bounded: past some ten thousands of subjects the older half is forgotten, and what it covered counts as
/// invalidated, which costs a render and never serves what it must not.
#[derive(Debug)]
pub(super) struct Clocks<K> {
    clocks: HashMap<K, MarkTimes>,
    /// What holds for everything that has no clock.
    floor: MarkTimes,
    capacity: usize,
}

impl<K: Hash + Eq + Clone> Clocks<K> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { clocks: HashMap::new(), floor: MarkTimes::default(), capacity }
    }

    /// Adds what is known of a subject.
    pub(super) fn merge(&mut self, subject: &K, times: MarkTimes, now: Stamp) {
        let clock = self.clocks.entry(subject.clone()).or_insert(self.floor);
        *clock = clock.merge(times, now);
        self.trim(now);
    }

    /// What a subject's clock says at `now` about what was begun at `begun`.
    pub(super) fn freshness(&self, subject: &K, begun: Stamp, now: Stamp) -> Freshness {
        freshness(self.clocks.get(subject).unwrap_or(&self.floor), begun, now)
    }

    /// Forgets the older half when there are too many; half, so that it is rare enough to cost nothing.
    fn trim(&mut self, now: Stamp) {
        if self.clocks.len() <= self.capacity {
            return;
        }
        let mut ages: Vec<Stamp> = self.clocks.values().map(MarkTimes::newest).collect();
        let middle = ages.len() / 2;
        let (_, &mut oldest_kept, _) = ages.select_nth_unstable(middle);
        // Of those that came in one instant, all go: the bound holds whatever they say.
        let floor = &mut self.floor;
        self.clocks.retain(|_, clock| {
            let is_kept = clock.newest() > oldest_kept;
            if !is_kept {
                *floor = floor.merge(*clock, now);
            }
            is_kept
        });
    }
}

pub(super) fn freshness(clock: &MarkTimes, begun: Stamp, now: Stamp) -> Freshness {
    // The time matters to what is stale alone: what is fresh or expired is so whatever the time is.
    if clock.expired > begun {
        Freshness::Expired
    } else if clock.stale > begun {
        if clock.deadline.is_some_and(|deadline| deadline <= now) { Freshness::Expired } else { Freshness::Stale }
    } else {
        Freshness::Fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Stamp = Stamp::from_micros(1_000_000);

    fn expired(at: u64) -> MarkTimes {
        MarkTimes { expired: Stamp::from_micros(at), ..MarkTimes::default() }
    }

    #[test]
    fn forgotten_subjects_stay_invalidated_and_memory_is_bounded() {
        let mut clocks = Clocks::with_capacity(10);
        for number in 1..=1000_u64 {
            clocks.merge(&number, expired(number), NOW);
            assert!(clocks.clocks.len() <= 10);
        }
        for number in 1..=1000 {
            assert_eq!(clocks.freshness(&number, Stamp::default(), NOW), Freshness::Expired);
            assert_eq!(clocks.freshness(&number, Stamp::from_micros(1000), NOW), Freshness::Fresh);
        }
        // One that is forgotten and marked stale does not lose that it was invalidated.
        clocks.merge(&0, MarkTimes { stale: NOW, ..MarkTimes::default() }, NOW);
        assert_eq!(clocks.freshness(&0, Stamp::default(), NOW), Freshness::Expired);
    }

    #[test]
    fn subjects_of_one_instant_are_bounded_too() {
        let mut clocks = Clocks::with_capacity(10);
        for number in 0..100 {
            clocks.merge(&number, expired(5), NOW);
            assert!(clocks.clocks.len() <= 10);
        }
        assert_eq!(clocks.freshness(&0, Stamp::from_micros(4), NOW), Freshness::Expired);
    }

    #[test]
    fn what_is_stale_expires_at_its_deadline() {
        let mut clocks = Clocks::with_capacity(10);
        let at = Stamp::from_micros;
        clocks.merge(&0, MarkTimes { stale: at(10), deadline: Some(at(50)), ..MarkTimes::default() }, at(10));
        assert_eq!(clocks.freshness(&0, at(9), at(49)), Freshness::Stale);
        assert_eq!(clocks.freshness(&0, at(9), at(50)), Freshness::Expired);
        assert_eq!(clocks.freshness(&0, at(10), at(50)), Freshness::Fresh);
        // A later mark does not put off the deadline of what was stale already.
        clocks.merge(&0, MarkTimes { stale: at(40), deadline: Some(at(80)), ..MarkTimes::default() }, at(40));
        assert_eq!(clocks.freshness(&0, at(9), at(50)), Freshness::Expired);
        // After the deadline there is a new one, for what came since.
        clocks.merge(&0, MarkTimes { stale: at(60), deadline: Some(at(90)), ..MarkTimes::default() }, at(60));
        assert_eq!(clocks.freshness(&0, at(39), at(61)), Freshness::Expired);
        assert_eq!(clocks.freshness(&0, at(55), at(61)), Freshness::Stale);
        assert_eq!(clocks.freshness(&0, at(55), at(90)), Freshness::Expired);
    }
}
