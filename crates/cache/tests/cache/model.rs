//! The cache against a naive model of it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use vinext_cache::{Cache, CacheKey, CachePolicy, Clock as _, Lookup, ManualClock, Tag, Variant};

use crate::support::{key, response, text_of};

#[derive(Debug, Clone)]
enum Step {
    /// Look a key up; keep a right to fill for later, give it back, or fill at once.
    Look(u8, Right),
    /// Fill with the oldest right that was kept.
    Land(Fill),
    /// Give the oldest right that was kept back.
    Fail,
    Pass(u16),
    Invalidate(u8),
    /// With the milliseconds until it expires.
    MarkStale(u8, Option<u16>),
    Remove(u8),
}

#[derive(Debug, Clone)]
enum Right {
    Keep,
    GiveBack,
    Use(Fill),
}

#[derive(Debug, Clone, Copy)]
struct Fill {
    revalidate: Option<u16>,
    expire: Option<u16>,
    tag: u8,
}

impl Fill {
    fn policy(self) -> CachePolicy {
        let millis = |value: u16| Duration::from_millis(u64::from(value));
        let policy = self.revalidate.map_or_else(CachePolicy::forever, |after| CachePolicy::revalidate(millis(after)));
        let policy = policy.tag(&format!("t{}", self.tag));
        self.expire.map_or(policy.clone(), |after| policy.expire(millis(after)))
    }
}

fn fill() -> impl Strategy<Value = Fill> {
    (proptest::option::of(0_u16..100), proptest::option::of(0_u16..200), 0_u8..3)
        .prop_map(|(revalidate, expire, tag)| Fill { revalidate, expire, tag })
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0_u8..3;
    let right = prop_oneof![Just(Right::Keep), Just(Right::GiveBack), fill().prop_map(Right::Use)];
    prop_oneof![
        4 => (key(), right).prop_map(|(key, right)| Step::Look(key, right)),
        2 => fill().prop_map(Step::Land),
        1 => Just(Step::Fail),
        1 => (0_u16..80).prop_map(Step::Pass),
        1 => (0_u8..3).prop_map(Step::Invalidate),
        2 => (0_u8..3, proptest::option::of(0_u16..100)).prop_map(|(tag, expire)| Step::MarkStale(tag, expire)),
        1 => key().prop_map(Step::Remove),
    ]
}

/// The cache, written down as plainly as can be. Steps are numbered; times are milliseconds.
#[derive(Debug, Default)]
struct Model {
    entries: HashMap<u8, Known>,
    /// The step of the last invalidation of a tag, and of the last time it was marked stale.
    expired: HashMap<u8, usize>,
    stale: HashMap<u8, usize>,
    /// When what was marked stale expires: with the earliest deadline that has not passed.
    deadlines: HashMap<u8, u64>,
    /// Keys that somebody fills, and since which step.
    flying: HashMap<u8, usize>,
}

#[derive(Debug, Clone)]
struct Known {
    text: String,
    at: u64,
    begun: usize,
    fill: Fill,
}

impl Model {
    /// `None`: nothing to serve. Otherwise the text, and whether it is stale.
    fn look(&self, key: u8, now: u64) -> Option<(String, bool)> {
        let Known { text, at, begun, fill } = self.entries.get(&key)?;
        let passed = |limit: Option<u16>| limit.is_some_and(|limit| now - at >= u64::from(limit));
        let after = |clock: &HashMap<u8, usize>| clock.get(&fill.tag).is_some_and(|step| step > begun);
        let is_overdue = self.deadlines.get(&fill.tag).is_some_and(|deadline| now >= *deadline) && after(&self.stale);
        let is_expired = passed(fill.expire) || after(&self.expired) || is_overdue;
        (!is_expired).then(|| (text.clone(), passed(fill.revalidate) || after(&self.stale)))
    }

    /// Marks a tag stale. What an earlier mark's deadline has made expire stays so.
    fn mark_stale(&mut self, tag: u8, step: usize, now: u64, expire: Option<u16>) {
        if self.deadlines.get(&tag).is_some_and(|deadline| now >= *deadline) {
            self.deadlines.remove(&tag);
            let stale = self.stale[&tag];
            let expired = self.expired.entry(tag).or_insert(stale);
            *expired = stale.max(*expired);
        }
        self.stale.insert(tag, step);
        if let Some(expire) = expire {
            let deadline = self.deadlines.entry(tag).or_insert(u64::MAX);
            *deadline = (*deadline).min(now + u64::from(expire));
        }
    }

    /// Ends the flight that began at `begun`. It is kept if nobody called it off.
    fn land(&mut self, key: u8, begun: usize, entry: Option<Known>) {
        if self.flying.get(&key) == Some(&begun) {
            self.flying.remove(&key);
            if let Some(entry) = entry {
                self.entries.insert(key, entry);
            }
        }
    }
}

fn tag(name: u8) -> Tag {
    format!("t{name}").parse().unwrap()
}

proptest! {
    #[test]
    fn the_cache_does_what_the_model_does(steps in vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let clock = ManualClock::default();
            let cache = Cache::builder().memory(1024 * 1024).clock(clock.clone()).build();
            let mut model = Model::default();
            let mut rights = VecDeque::new();
            for (number, step) in steps.into_iter().enumerate() {
                let at = clock.now().as_millis();
                let text = number.to_string();
                match step {
                    Step::Look(name, right) => {
                        let expected = model.look(name, at);
                        let is_flying = model.flying.contains_key(&name);
                        let fresh = expected.clone().and_then(|(text, is_stale)| (!is_stale).then_some(text));
                        prop_assert_eq!(cache.try_lookup(&key(name)).map(|entry| text_of(&entry)), fresh);
                        if expected.is_none() && is_flying {
                            // A lookup would wait.
                            continue;
                        }
                        let (found, guard) = match cache.lookup(&key(name)).await {
                            Lookup::Hit(entry, guard) => (Some(text_of(&entry)), guard),
                            Lookup::Miss(guard) => (None, Some(guard)),
                        };
                        let is_fresh = expected.as_ref().is_some_and(|(_, stale)| !stale);
                        prop_assert_eq!(found, expected.map(|(text, _)| text));
                        prop_assert_eq!(guard.is_some(), !is_fresh && !is_flying);
                        let Some(guard) = guard else { continue };
                        model.flying.insert(name, number);
                        match right {
                            Right::Keep => rights.push_back((name, number, guard)),
                            Right::GiveBack => {
                                drop(guard);
                                model.land(name, number, None);
                            }
                            Right::Use(fill) => {
                                guard.fill(response(&text), fill.policy());
                                model.land(name, number, Some(Known { text, at, begun: number, fill }));
                            }
                        }
                    }
                    Step::Land(fill) => {
                        let Some((name, begun, guard)) = rights.pop_front() else { continue };
                        guard.fill(response(&text), fill.policy());
                        model.land(name, begun, Some(Known { text, at, begun, fill }));
                    }
                    Step::Fail => {
                        let Some((name, begun, guard)) = rights.pop_front() else { continue };
                        drop(guard);
                        model.land(name, begun, None);
                    }
                    Step::Pass(millis) => clock.advance(Duration::from_millis(u64::from(millis))),
                    Step::Invalidate(name) => {
                        cache.invalidate(&tag(name));
                        model.expired.insert(name, number);
                    }
                    Step::MarkStale(name, expire) => {
                        let after = expire.map(|millis| Duration::from_millis(u64::from(millis)));
                        cache.mark_stale(&tag(name), after);
                        if expire == Some(0) {
                            model.expired.insert(name, number);
                        } else {
                            model.mark_stale(name, number, at, expire);
                        }
                    }
                    Step::Remove(name) => {
                        cache.remove(&key(name));
                        model.entries.remove(&name);
                        model.flying.remove(&name);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn parts_that_differ_make_keys_that_differ(one in vec(vec(any::<u8>(), 0..4), 0..4), other in vec(vec(any::<u8>(), 0..4), 0..4)) {
        let key = |parts: &[Vec<u8>]| parts.iter().fold(CacheKey::builder("/", Variant::Rsc), vinext_cache::KeyBuilder::part).finish();
        prop_assert_eq!(key(&one) == key(&other), one == other);
    }
}
