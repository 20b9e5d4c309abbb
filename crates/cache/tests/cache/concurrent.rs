//! Many tasks at once over a store that misbehaves, in orders that the test makes up.
//!
//! What is checked of every hit: it was not begun before an invalidation or a removal that had ended when the lookup began;
//! and what is stale comes with the right to make it anew, unless somebody else has that. And nobody waits for ever.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use vinext_cache::{Cache, CachePolicy, Demand, Entry, FillGuard, Lookup, ManualClock, Tag};

use crate::faulty::{Fault, FaultyStore};
use crate::support::{key, response, text_of};

#[derive(Debug, Clone)]
enum Step {
    Look(Ask),
    Invalidate(u8),
    MarkStale(u8),
    Remove(u8),
    Turn,
}

/// Look a key up. If it is to be made, look elsewhere perhaps, wait so many turns, then fill it or give up.
#[derive(Debug, Clone, Copy)]
struct Ask {
    key: u8,
    within: bool,
    elsewhere: bool,
    turns: u8,
    fills: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let look = (0_u8..2, prop::bool::weighted(0.2), any::<bool>(), 0_u8..4, prop::bool::weighted(0.8));
    prop_oneof![
        5 => look.prop_map(|(key, within, elsewhere, turns, fills)| {
            Step::Look(Ask { key, within, elsewhere, turns, fills })
        }),
        1 => (0_u8..3).prop_map(Step::Invalidate),
        1 => (0_u8..2).prop_map(Step::MarkStale),
        1 => (0_u8..2).prop_map(Step::Remove),
        2 => Just(Step::Turn),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => (0_u8..4).prop_map(Fault::Slow),
        1 => Just(Fault::Fail),
        1 => Just(Fault::Hang),
        1 => Just(Fault::Lose),
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
    removed: HashMap<u8, usize>,
    /// Who makes a key, since when.
    makers: HashMap<u8, usize>,
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

fn check(history: &History, name: u8, within: bool, asked: usize, entry: &Entry) -> Result<usize, String> {
    let text = text_of(entry);
    let begun = history.begun[&text];
    if !text.starts_with(&format!("{name} ")) {
        return Err(format!("`{text}` is not of {name}"));
    }
    let is_before = |times: &HashMap<u8, usize>, subject: u8| {
        times.get(&subject).is_some_and(|time| begun < *time && *time < asked)
    };
    if is_before(&history.invalidated, name) || (within && is_before(&history.invalidated, 2)) {
        return Err(format!("`{text}` was invalidated"));
    }
    if is_before(&history.removed, name) {
        return Err(format!("`{text}` was removed"));
    }
    Ok(begun)
}

async fn turns(number: u8) {
    for _ in 0..number {
        tokio::task::yield_now().await;
    }
}

async fn look(
    cache: &Cache,
    history: &RefCell<History>,
    Ask { key: name, within, elsewhere, turns: wait, fills }: Ask,
) -> Result<(), String> {
    let asked = history.borrow_mut().tick();
    let tags = if within { vec![tag(2)] } else { Vec::new() };
    *history.borrow_mut().asking.entry(name).or_default() += 1;
    let found = cache.lookup_for(&key(name), &Demand::default().within(&tags)).await;
    *history.borrow_mut().asking.entry(name).or_default() -= 1;
    let guard: FillGuard = match found {
        Lookup::Hit(entry, guard) => {
            let history = history.borrow();
            let made = check(&history, name, within, asked, &entry)?;
            let is_stale = history.stale.get(&name).is_some_and(|time| made < *time && *time < asked);
            let has_maker = history.makers.contains_key(&name) || history.asking[&name] > 0;
            if is_stale && guard.is_none() && !has_maker && history.now == asked {
                return Err(format!("nobody makes {name} anew"));
            }
            match guard {
                Some(guard) => guard,
                None => return Ok(()),
            }
        }
        Lookup::Miss(guard) => guard,
    };
    let held = history.borrow_mut().tick();
    let other = history.borrow_mut().makers.insert(name, held);
    if let Some(other) = other {
        // Two may only make one key if it was removed in between.
        if history.borrow().removed.get(&name).is_none_or(|time| *time < other) {
            return Err(format!("two make {name}"));
        }
    }
    let result = make(history, guard, held, Ask { key: name, within, elsewhere, turns: wait, fills }).await;
    let mut history = history.borrow_mut();
    // Who waited for this is served it, outdated or not.
    history.tick();
    if history.makers.get(&name) == Some(&held) {
        history.makers.remove(&name);
    }
    result
}

async fn make(history: &RefCell<History>, mut guard: FillGuard, held: usize, ask: Ask) -> Result<(), String> {
    if ask.elsewhere {
        match guard.find_elsewhere().await {
            Ok(entry) => return check(&history.borrow(), ask.key, false, held, &entry).map(drop),
            Err(back) => guard = back,
        }
    }
    let begun = history.borrow_mut().tick();
    turns(ask.turns).await;
    if ask.fills {
        let text = format!("{} {begun}", ask.key);
        history.borrow_mut().begun.insert(text.clone(), begun);
        guard.fill(response(&text), CachePolicy::forever().tag(&format!("t{}", ask.key)));
    } else {
        guard.fail();
    }
    Ok(())
}

async fn run(cache: Cache, history: Rc<RefCell<History>>, steps: Vec<Step>) -> Result<(), String> {
    for step in steps {
        match step {
            Step::Look(ask) => look(&cache, &history, ask).await?,
            Step::Invalidate(name) => {
                cache.invalidate(&tag(name));
                let mut history = history.borrow_mut();
                let now = history.tick();
                history.invalidated.insert(name, now);
            }
            Step::MarkStale(name) => {
                cache.mark_stale(&tag(name), None);
                let mut history = history.borrow_mut();
                let now = history.tick();
                history.stale.insert(name, now);
            }
            Step::Remove(name) => {
                cache.remove(&key(name));
                let mut history = history.borrow_mut();
                let now = history.tick();
                history.removed.insert(name, now);
            }
            Step::Turn => turns(1).await,
        }
    }
    Ok(())
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
            let cache = Cache::builder().memory(memory).store(store).clock(ManualClock::default()).build();
            let history = Rc::new(RefCell::new(History::default()));
            let tasks: Vec<_> = tasks
                .into_iter()
                .map(|steps| tokio::task::spawn_local(run(cache.clone(), Rc::clone(&history), steps)))
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
