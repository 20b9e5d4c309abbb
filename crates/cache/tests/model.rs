//! The cache against a naive model, and its promises under concurrency.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use vinext_cache::{
    Cache, CacheKey, CachePolicy, Clock as _, Entry, Lookup, ManualClock, MemoryStore, NotStorable, StorableResponse,
    Tag, Variant,
};

fn key(name: u8) -> CacheKey {
    CacheKey::builder("/page", Variant::Html).part([name]).finish()
}

fn response(text: &str) -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from(text.to_owned())).unwrap()
}

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
    MarkStale(u8),
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
        1 => (0_u8..3).prop_map(Step::MarkStale),
        1 => key().prop_map(Step::Remove),
    ]
}

/// The cache, written down as plainly as can be. Steps are numbered; times are milliseconds.
#[derive(Debug, Default)]
struct Model {
    entries: HashMap<u8, Known>,
    /// The step of the last invalidation and of the last staleness of a tag.
    expired: HashMap<u8, usize>,
    stale: HashMap<u8, usize>,
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
        let is_expired = passed(fill.expire) || after(&self.expired);
        (!is_expired).then(|| (text.clone(), passed(fill.revalidate) || after(&self.stale)))
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

fn text_of(entry: &Entry) -> String {
    String::from_utf8(entry.response().body().to_vec()).unwrap()
}

proptest! {
    #[test]
    fn the_cache_does_what_the_model_does(steps in vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let clock = ManualClock::default();
            let cache = Cache::new(MemoryStore::new(1024 * 1024), clock.clone());
            let mut model = Model::default();
            let mut rights = VecDeque::new();
            for (number, step) in steps.into_iter().enumerate() {
                let at = clock.now().as_millis();
                let text = number.to_string();
                match step {
                    Step::Look(name, right) => {
                        let expected = model.look(name, at);
                        let is_flying = model.flying.contains_key(&name);
                        prop_assert_eq!(cache.peek(&key(name)).map(|entry| text_of(&entry)), expected.clone().map(|(text, _)| text));
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
                    Step::Invalidate(tag) => {
                        cache.invalidate(&format!("t{tag}").parse::<Tag>().unwrap());
                        model.expired.insert(tag, number);
                    }
                    Step::MarkStale(tag) => {
                        cache.mark_stale(&format!("t{tag}").parse::<Tag>().unwrap());
                        model.stale.insert(tag, number);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_herd_on_a_cold_key_renders_once() {
    let cache = Cache::in_memory(1024 * 1024);
    let renders = Arc::new(AtomicUsize::new(0));
    let mut herd = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let (cache, renders) = (cache.clone(), Arc::clone(&renders));
        herd.spawn(async move {
            let entry = cache
                .get_or_fill(&key(0), || async {
                    renders.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    Ok::<_, NotStorable>((response("page"), CachePolicy::forever()))
                })
                .await
                .unwrap();
            assert_eq!(entry.response().body(), "page");
        });
    }
    while let Some(result) = herd.join_next().await {
        result.unwrap();
    }
    assert_eq!(renders.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_herd_is_served_what_is_too_large_to_store() {
    let cache = Cache::in_memory(1024);
    let renders = Arc::new(AtomicUsize::new(0));
    let mut herd = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (cache, renders) = (cache.clone(), Arc::clone(&renders));
        herd.spawn(async move {
            let fill = || async {
                renders.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok::<_, NotStorable>((response(&"x".repeat(5000)), CachePolicy::forever()))
            };
            cache.get_or_fill(&key(0), fill).await.unwrap()
        });
    }
    while let Some(result) = herd.join_next().await {
        assert_eq!(result.unwrap().response().body().len(), 5000);
    }
    assert!(cache.peek(&key(0)).is_none());
    assert_eq!(renders.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_waits_for_a_render_that_was_invalidated_renders_again() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { matches!(cache.lookup(&key(0)).await, Lookup::Miss(_)) }
    });
    tokio::task::yield_now().await;
    cache.invalidate(&"t".parse().unwrap());
    guard.fill(response("old"), CachePolicy::forever().tag("t"));
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn bytes_in_use_come_back_when_encoded_entries_leave() {
    let store = Arc::new(MemoryStore::new(1024 * 1024));
    let cache = Cache::new(Arc::clone(&store), ManualClock::default());
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let entry = guard.fill(response(&"x".repeat(1000)), CachePolicy::forever());
    for slot in 0..3 {
        entry.response().encoded(slot, Bytes::clone);
    }
    assert!(store.bytes() > 1000);
    cache.remove(&key(0));
    assert_eq!(store.bytes(), 0);
}

#[tokio::test]
async fn what_fills_a_store_stays_within_its_bytes() {
    let store = Arc::new(MemoryStore::new(256 * 1024));
    let cache = Cache::new(Arc::clone(&store), ManualClock::default());
    for name in 0..=u8::MAX {
        let Lookup::Miss(guard) = cache.lookup(&key(name)).await else { panic!("nothing is stored yet") };
        let entry = guard.fill(response(&"x".repeat(4000)), CachePolicy::forever());
        entry.response().encoded(0, Bytes::clone);
        entry.response().encoded(1, Bytes::clone);
        assert!(store.bytes() <= 256 * 1024);
    }
    assert!(store.bytes() > 0);
}

#[tokio::test]
async fn a_failed_render_lets_the_next_caller_try() {
    let cache = Cache::in_memory(1024);
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { matches!(cache.lookup(&key(0)).await, Lookup::Miss(_)) }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(guard);
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn what_was_begun_before_an_invalidation_is_not_served_after_it() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    cache.invalidate(&"t".parse().unwrap());
    guard.fill(response("old"), CachePolicy::forever().tag("t"));
    assert!(cache.peek(&key(0)).is_none());
}

#[test]
fn responses_for_one_visitor_are_refused() {
    let make = |status, headers: &[(&str, &str)], body: &'static str| {
        StorableResponse::new(status, headers.iter().copied(), Bytes::from(body)).map(|_| ())
    };
    assert_eq!(make(200, &[("Set-Cookie", "a=1")], "x"), Err(NotStorable::SetCookie));
    assert_eq!(make(200, &[("Date", "now")], "x"), Err(NotStorable::PerRequestHeader("date".to_owned())));
    assert_eq!(make(200, &[("Connection", "close")], "x"), Err(NotStorable::PerRequestHeader("connection".to_owned())));
    for status in [100, 206, 304, 500, 503] {
        assert_eq!(make(status, &[], "x"), Err(NotStorable::Status(status)));
    }
    for (name, value) in [("x-a", "1\r\nset-cookie: a=1"), ("x-a", "\0")] {
        assert_eq!(make(200, &[(name, value)], "x"), Err(NotStorable::MalformedHeader(name.to_owned())));
    }
    assert_eq!(make(200, &[("set-cookie ", "a=1")], "x"), Err(NotStorable::MalformedHeader("set-cookie ".to_owned())));
    assert_eq!(make(200, &[], ""), Err(NotStorable::Empty));
    assert_eq!(make(404, &[("x-a", "1")], "x"), Ok(()));
}

#[test]
fn an_encoding_is_made_once() {
    let response = response("text");
    let made = AtomicUsize::new(0);
    for _ in 0..3 {
        let encoded = response.encoded(0, |body| {
            made.fetch_add(1, Ordering::SeqCst);
            Bytes::from([&body[..], b"!"].concat())
        });
        assert_eq!(encoded.unwrap(), "text!");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}
