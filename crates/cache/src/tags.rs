//! Invalidation by tag: a clock per tag, so that no entry is ever searched for.

use std::collections::HashMap;

use crate::entry::{Freshness, Tag};

/// How many tags are remembered one by one.
const CAPACITY: usize = 65_536;

/// When each tag was last invalidated.
///
/// Times are generations, a count of invalidations: two in one millisecond are still one after the other, and a clock that
/// is set back brings nothing back to life. Memory is bounded: past some ten thousands of tags the older half is forgotten,
/// and what it covered counts as invalidated, which costs a render and never serves what it must not.
#[derive(Debug)]
pub struct TagClocks {
    generation: Generation,
    clocks: HashMap<Tag, Clock>,
    /// What holds for every tag that has no clock.
    floor: Clock,
    capacity: usize,
}

/// A point in the order of invalidations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Generation(u64);

#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    stale: Generation,
    expired: Generation,
}

impl Default for TagClocks {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl TagClocks {
    fn with_capacity(capacity: usize) -> Self {
        Self { generation: Generation::default(), clocks: HashMap::new(), floor: Clock::default(), capacity }
    }

    /// Now, in the order of invalidations.
    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Makes everything with this tag that was begun until now expire.
    pub fn invalidate(&mut self, tag: &Tag) {
        let now = self.tick();
        self.clock(tag).expired = now;
        self.trim();
    }

    /// Makes everything with this tag that was begun until now stale.
    pub fn mark_stale(&mut self, tag: &Tag) {
        let now = self.tick();
        self.clock(tag).stale = now;
        self.trim();
    }

    /// What the tags say about an entry whose making began at `begun`.
    pub(crate) fn freshness(&self, tags: &[Tag], begun: Generation) -> Freshness {
        let of_tag = |tag| {
            let clock = self.clocks.get(tag).unwrap_or(&self.floor);
            if clock.expired > begun {
                Freshness::Expired
            } else if clock.stale > begun {
                Freshness::Stale
            } else {
                Freshness::Fresh
            }
        };
        tags.iter().map(of_tag).max().unwrap_or(Freshness::Fresh)
    }

    fn tick(&mut self) -> Generation {
        self.generation.0 += 1;
        self.generation
    }

    fn clock(&mut self, tag: &Tag) -> &mut Clock {
        self.clocks.entry(tag.clone()).or_insert(self.floor)
    }

    /// Forgets the older half when there are too many; half, so that it is rare enough to cost nothing.
    fn trim(&mut self) {
        if self.clocks.len() <= self.capacity {
            return;
        }
        let age = |clock: &Clock| clock.stale.max(clock.expired);
        let mut ages: Vec<Generation> = self.clocks.values().map(age).collect();
        let middle = ages.len() / 2;
        let (_, &mut oldest_kept, _) = ages.select_nth_unstable(middle);
        let floor = &mut self.floor;
        self.clocks.retain(|_, clock| {
            let is_kept = age(clock) >= oldest_kept;
            if !is_kept {
                floor.stale = floor.stale.max(clock.stale);
                floor.expired = floor.expired.max(clock.expired);
            }
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tag(number: usize) -> Tag {
        format!("t{number}").parse().unwrap()
    }

    #[test]
    fn the_worst_of_the_tags_decides() {
        let mut clocks = TagClocks::default();
        let begun = clocks.generation();
        clocks.mark_stale(&tag(1));
        assert_eq!(clocks.freshness(&[tag(0)], begun), Freshness::Fresh);
        assert_eq!(clocks.freshness(&[tag(0), tag(1)], begun), Freshness::Stale);
        clocks.invalidate(&tag(0));
        assert_eq!(clocks.freshness(&[tag(0), tag(1)], begun), Freshness::Expired);
        assert_eq!(clocks.freshness(&[tag(0), tag(1)], clocks.generation()), Freshness::Fresh);
    }

    #[test]
    fn forgotten_tags_stay_invalidated_and_memory_is_bounded() {
        let mut clocks = TagClocks::with_capacity(10);
        let begun = clocks.generation();
        for number in 0..1000 {
            clocks.invalidate(&tag(number));
            assert!(clocks.clocks.len() <= 10);
        }
        for number in 0..1000 {
            assert_eq!(clocks.freshness(&[tag(number)], begun), Freshness::Expired);
            assert_eq!(clocks.freshness(&[tag(number)], clocks.generation()), Freshness::Fresh);
        }
        // A forgotten tag that is marked stale does not lose that it was invalidated.
        clocks.mark_stale(&tag(0));
        assert_eq!(clocks.freshness(&[tag(0)], begun), Freshness::Expired);
        assert_eq!(clocks.freshness(&[], begun), Freshness::Fresh);
    }
}
