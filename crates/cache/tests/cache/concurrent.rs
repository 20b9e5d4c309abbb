//! Many tasks at once over a store that misbehaves, in orders that the test makes up.
//!
//! What is checked of every hit: it was not begun before an invalidation or a removal that had ended when the lookup began; it
//! had not expired then, neither by its age nor by the deadline of a mark; and what is stale comes with the right to make it
//! anew, unless somebody else has that. Two make a key only if it was removed in between, or if one takes too long. And nobody
//! waits for ever.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::Instant;
use vinext_cache::{
    Cache, CachePolicy, Clock as _, Demand, Entry, FillGuard, Freshness, Lookup, ManualClock, Tag, Timestamp,
};

use crate::faulty::{Fault, FaultyStore};
use crate::support::{key, response, text_of};

/// How long one who makes a key is waited for.
const TOO_LONG: Duration = Duration::from_secs(2);
/// How long the store is waited for.
const STORE: Duration = Duration::from_millis(250);

#[derive(Debug, Clone)]
enum Step {
    Look(Ask),
    Invalidate(u8),
    /// With the milliseconds until it expires.
    MarkStale(u8, Option<u16>),
    Remove(u8),
    /// The clock moves on by milliseconds, whatever the others are at.
    Pass(u16),
    Turn,
}

/// Look a key up. If it is to be made, look elsewhere perhaps, take some time, then fill it or give up.
#[derive(Debug, Clone, Copy)]
struct Ask {
    key: u8,
    within: bool,
    elsewhere: bool,
    pace: Pace,
    fills: bool,
    life: Life,
}

/// How long it takes to make something.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Turns of the runtime.
    Turns(u8),
    /// So long that others make it, too.
    TooLong,
}

/// The milliseconds after which an entry is stale, and after which it has expired.
#[derive(Debug, Clone, Copy)]
struct Life {
    revalidate: Option<u16>,
    expire: Option<u16>,
}

impl Life {
    fn policy(self) -> CachePolicy {
        let policy = self.revalidate.map_or_else(CachePolicy::forever, |after| CachePolicy::revalidate(millis(after)));
        self.expire.map_or(policy.clone(), |after| policy.expire(millis(after)))
    }
}

fn millis(number: u16) -> Duration {
    Duration::from_millis(u64::from(number))
}

/// Many have one limit or none: short lives alone would hide what becomes of invalidations.
fn life() -> impl Strategy<Value = Life> {
    let limit = |until: u16| prop_oneof![1 => Just(None), 1 => (0..until).prop_map(Some)];
    (limit(60), limit(120)).prop_map(|(revalidate, expire)| Life { revalidate, expire })
}

fn step() -> impl Strategy<Value = Step> {
    let pace = prop_oneof![9 => (0_u8..4).prop_map(Pace::Turns), 1 => Just(Pace::TooLong)];
    let ask = (0_u8..2, prop::bool::weighted(0.2), any::<bool>(), pace, prop::bool::weighted(0.8), life());
    let ask =
        ask.prop_map(|(key, within, elsewhere, pace, fills, life)| Ask { key, within, elsewhere, pace, fills, life });
    prop_oneof![
        5 => ask.prop_map(Step::Look),
        1 => (0_u8..3).prop_map(Step::Invalidate),
        1 => (0_u8..2, proptest::option::of(1_u16..80)).prop_map(|(name, expire)| Step::MarkStale(name, expire)),
        1 => (0_u8..2).prop_map(Step::Remove),
        2 => (0_u16..50).prop_map(Step::Pass),
        2 => Just(Step::Turn),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => (0_u8..4).prop_map(Fault::Slow),
        1 => Just(Fault::Fail),
        1 => Just(Fault::Hang),
        1 => Just(Fault::Lose),
        1 => Just(Fault::Damage),
    ]
}

/// What has happened, in order. A time is a place in that order.
#[derive(Default)]
struct History {
    now: usize,
    /// When what an entry says was begun.
    begun: HashMap<String, usize>,
    invalidated: HashMap<u8, usize>,
    stale: HashMap<u8, usize>,
    /// When what was begun before a mark expires, by the clock.
    deadlines: Vec<(u8, usize, Timestamp)>,
    removed: HashMap<u8, usize>,
    /// Who makes a key, since when, also by the time of the runtime.
    makers: HashMap<u8, (usize, Instant)>,
    /// How many look a key up.
    asking: HashMap<u8, usize>,
}

impl History {
    fn tick(&mut self) -> usize {
        self.now += 1;
        self.now
    }
}

/// An entry of a key carries the key's tag; `2` is the tag of callers.
fn tag(name: u8) -> Tag {
    format!("t{name}").parse().unwrap()
}

/// When a lookup began: its place in the history, and the time by the clock.
#[derive(Debug, Clone, Copy)]
struct Asked {
    place: usize,
    time: Timestamp,
}

/// Whether an entry may be the answer to a lookup. Gives when it was begun.
fn check(history: &History, name: u8, within: bool, asked: Asked, entry: &Entry) -> Result<usize, String> {
    let text = text_of(entry);
    let begun = history.begun[&text];
    if !text.starts_with(&format!("{name} ")) {
        return Err(format!("`{text}` is not of {name}"));
    }
    let is_before = |times: &HashMap<u8, usize>, subject: u8| {
        times.get(&subject).is_some_and(|place| begun < *place && *place < asked.place)
    };
    if is_before(&history.invalidated, name) || (within && is_before(&history.invalidated, 2)) {
        return Err(format!("`{text}` was invalidated"));
    }
    if is_before(&history.removed, name) {
        return Err(format!("`{text}` was removed"));
    }
    if entry.freshness(asked.time) == Freshness::Expired {
        return Err(format!("`{text}` had expired by its age"));
    }
    let is_overdue = |(subject, place, deadline): &(u8, usize, Timestamp)| {
        *subject == name && begun < *place && *place < asked.place && *deadline <= asked.time
    };
    if history.deadlines.iter().any(is_overdue) {
        return Err(format!("`{text}` had expired by a mark"));
    }
    Ok(begun)
}

async fn turns(number: u8) {
    for _ in 0..number {
        tokio::task::yield_now().await;
    }
}

/// What a task works on.
#[derive(Clone)]
struct World {
    cache: Cache,
    clock: ManualClock,
    history: Rc<RefCell<History>>,
}

impl World {
    fn tick(&self) -> usize {
        self.history.borrow_mut().tick()
    }

    fn ask(&self) -> Asked {
        Asked { place: self.tick(), time: self.clock.now() }
    }

    async fn run(self, steps: Vec<Step>) -> Result<(), String> {
        for step in steps {
            match step {
                Step::Look(ask) => self.look(ask).await?,
                Step::Invalidate(name) => {
                    self.cache.invalidate(&tag(name));
                    let now = self.tick();
                    self.history.borrow_mut().invalidated.insert(name, now);
                }
                Step::MarkStale(name, expire) => {
                    self.cache.mark_stale(&tag(name), expire.map(millis));
                    let now = self.tick();
                    let mut history = self.history.borrow_mut();
                    history.stale.insert(name, now);
                    history.deadlines.extend(expire.map(|expire| (name, now, self.clock.now().after(millis(expire)))));
                }
                Step::Remove(name) => {
                    self.cache.remove(&key(name));
                    let now = self.tick();
                    self.history.borrow_mut().removed.insert(name, now);
                }
                Step::Pass(number) => self.clock.advance(millis(number)),
                Step::Turn => turns(1).await,
            }
        }
        Ok(())
    }

    async fn look(&self, ask: Ask) -> Result<(), String> {
        let name = ask.key;
        let asked = self.ask();
        let tags = if ask.within { vec![tag(2)] } else { Vec::new() };
        *self.history.borrow_mut().asking.entry(name).or_default() += 1;
        let found = self.cache.lookup_for(&key(name), &Demand::default().within(&tags)).await;
        *self.history.borrow_mut().asking.entry(name).or_default() -= 1;
        let guard: FillGuard = match found {
            Lookup::Hit(entry, guard) => {
                let history = self.history.borrow();
                let begun = check(&history, name, ask.within, asked, &entry)?;
                let is_marked = history.stale.get(&name).is_some_and(|place| begun < *place && *place < asked.place);
                let is_stale = is_marked || entry.freshness(asked.time) == Freshness::Stale;
                let has_maker = history.makers.contains_key(&name) || history.asking[&name] > 0;
                if is_stale && guard.is_none() && !has_maker && history.now == asked.place {
                    return Err(format!("nobody makes {name} anew"));
                }
                match guard {
                    Some(guard) => guard,
                    None => return Ok(()),
                }
            }
            Lookup::Miss(guard) => guard,
        };
        let held = self.tick();
        let other = self.history.borrow_mut().makers.insert(name, (held, Instant::now()));
        if let Some((other, since)) = other {
            let is_removed = self.history.borrow().removed.get(&name).is_some_and(|place| *place > other);
            // It had the key while it looked into the store, too.
            if !is_removed && since.elapsed() + STORE < TOO_LONG {
                return Err(format!("two make {name}"));
            }
        }
        let result = self.make(guard, held, ask).await;
        let mut history = self.history.borrow_mut();
        // Who waited for this is served it, outdated or not.
        history.tick();
        if history.makers.get(&name).is_some_and(|(maker, _)| *maker == held) {
            history.makers.remove(&name);
        }
        result
    }

    async fn make(&self, mut guard: FillGuard, held: usize, ask: Ask) -> Result<(), String> {
        if ask.elsewhere {
            let asked = Asked { place: held, time: self.clock.now() };
            match guard.find_elsewhere().await {
                Ok(entry) => return check(&self.history.borrow(), ask.key, false, asked, &entry).map(drop),
                Err(back) => guard = back,
            }
        }
        let begun = self.tick();
        match ask.pace {
            Pace::Turns(number) => turns(number).await,
            Pace::TooLong => tokio::time::sleep(TOO_LONG * 2).await,
        }
        if ask.fills {
            let text = format!("{} {begun}", ask.key);
            self.history.borrow_mut().begun.insert(text.clone(), begun);
            guard.fill(response(&text), ask.life.policy().tag(&format!("t{}", ask.key)));
        } else {
            drop(guard);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1500)))]
    #[test]
    fn no_order_of_things_serves_what_is_outdated(
        tasks in vec(vec(step(), 1..12), 1..5),
        faults in vec(fault(), 0..40),
        memory in prop_oneof![Just(0_u64), Just(1024 * 1024)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let result = tokio::task::LocalSet::new().block_on(&runtime, async {
            let store = FaultyStore::new(faults);
            let clock = ManualClock::default();
            let builder = Cache::builder().memory(memory).store(store).clock(clock.clone()).read_deadline(STORE).fill_deadline(TOO_LONG);
            let world = World { cache: builder.build(), clock, history: Rc::default() };
            let tasks: Vec<_> = tasks
                .into_iter()
                .map(|steps| tokio::task::spawn_local(world.clone().run(steps)))
                .collect();
            for task in tasks {
                // Time passes only when everybody waits: each hanging call takes a deadline.
                match tokio::time::timeout(Duration::from_hours(1), task).await {
                    Ok(result) => result.unwrap()?,
                    Err(_) => return Err("somebody waits for ever".to_owned()),
                }
            }
            Ok(())
        });
        prop_assert_eq!(result, Ok(()));
    }
}
