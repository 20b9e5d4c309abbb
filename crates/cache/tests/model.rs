//! The cache against a naive model, and its promises under concurrency.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use vinext_cache::{
    Cache, CacheKey, CachePolicy, Clock as _, Lookup, ManualClock, MemoryStore, NotStorable, StorableResponse, Tag,
    Variant,
};

fn key(name: u8) -> CacheKey {
    CacheKey::builder("/page", Variant::Html).part([name]).finish()
}

fn response(text: &str) -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from(text.to_owned())).unwrap()
}

#[derive(Debug, Clone)]
enum Step {
    Get(u8),
    /// Get, and on a right to fill: fill with this lifetime, expiry and tag.
    Fill(u8, Option<u16>, Option<u16>, u8),
    /// Get, and drop the right.
    Fail(u8),
    Pass(u16),
    Invalidate(u8),
    Remove(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0_u8..4;
    prop_oneof![
        key.clone().prop_map(Step::Get),
        (key.clone(), proptest::option::of(0_u16..100), proptest::option::of(0_u16..200), 0_u8..3)
            .prop_map(|(key, revalidate, expire, tag)| Step::Fill(key, revalidate, expire, tag)),
        key.clone().prop_map(Step::Fail),
        (0_u16..80).prop_map(Step::Pass),
        (0_u8..3).prop_map(Step::Invalidate),
        key.prop_map(Step::Remove),
    ]
}

/// An entry as the model keeps it.
#[derive(Debug, Clone)]
struct Known {
    text: String,
    at: u64,
    revalidate: Option<u64>,
    expire: Option<u64>,
    tag: u8,
}

/// `None`: nothing. `Some(stale)`: an entry.
fn look(model: &HashMap<u8, Known>, key: u8, now: u64) -> Option<(String, bool)> {
    let known = model.get(&key)?;
    let age = now - known.at;
    if known.expire.is_some_and(|expire| age >= expire) {
        return None;
    }
    Some((known.text.clone(), known.revalidate.is_some_and(|revalidate| age >= revalidate)))
}

proptest! {
    #[test]
    fn the_cache_does_what_the_model_does(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let clock = ManualClock::default();
            let cache = Cache::new(MemoryStore::new(1024 * 1024), clock.clone());
            let mut model: HashMap<u8, Known> = HashMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                let now = clock.now().as_millis();
                match step {
                    Step::Get(name) | Step::Fail(name) | Step::Fill(name, ..) => {
                        let expected = look(&model, name, now);
                        let lookup = cache.lookup(&key(name)).await;
                        let (text, guard) = match lookup {
                            Lookup::Hit(entry, guard) => (Some(String::from_utf8(entry.response().body().to_vec()).unwrap()), guard),
                            Lookup::Miss(guard) => (None, Some(guard)),
                        };
                        prop_assert_eq!(&text, &expected.as_ref().map(|(text, _)| text.clone()));
                        prop_assert_eq!(guard.is_some(), expected.is_none_or(|(_, stale)| stale));
                        if let (Step::Fill(_, revalidate, expire, tag), Some(guard)) = (&step, guard) {
                            let millis = |value: &Option<u16>| value.map(|value| Duration::from_millis(u64::from(value)));
                            let mut policy = millis(revalidate).map_or_else(CachePolicy::forever, CachePolicy::revalidate);
                            if let Some(expire) = millis(expire) {
                                policy = policy.expire(expire);
                            }
                            let text = format!("{number}");
                            guard.fill(response(&text), policy.tag(&format!("t{tag}")));
                            model.insert(name, Known { text, at: now, revalidate: revalidate.map(u64::from), expire: expire.map(u64::from), tag: *tag });
                        }
                    }
                    Step::Pass(millis) => clock.advance(Duration::from_millis(u64::from(millis))),
                    Step::Invalidate(tag) => {
                        cache.invalidate(&format!("t{tag}").parse::<Tag>().unwrap());
                        model.retain(|_, known| known.tag != tag);
                    }
                    Step::Remove(name) => {
                        cache.remove(&key(name));
                        model.remove(&name);
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
    assert_eq!(make(500, &[], "x"), Err(NotStorable::Status(500)));
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
