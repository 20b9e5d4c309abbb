//! What many callers may rely on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use vinext_cache::{Cache, CacheLife, CachePolicy, Demand, Lookup, ManualClock, NotStorable, Tag};

use crate::support::{key, response, text_of};

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
            assert_eq!(entry.response().unwrap().body(), "page");
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
        assert_eq!(result.unwrap().response().unwrap().body().len(), 5000);
    }
    assert!(cache.try_lookup(&key(0)).is_none());
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
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let entry = guard.fill(response(&"x".repeat(1000)), CachePolicy::forever());
    for slot in 0..3 {
        entry.response().unwrap().encoded(slot, Bytes::clone);
    }
    assert!(cache.stats().memory_bytes > 1000);
    cache.remove(&key(0));
    assert_eq!(cache.stats().memory_bytes, 0);
}

#[tokio::test]
async fn what_fills_a_store_stays_within_its_bytes() {
    let cache = Cache::in_memory(256 * 1024);
    for name in 0..=u8::MAX {
        let Lookup::Miss(guard) = cache.lookup(&key(name)).await else { panic!("nothing is stored yet") };
        let entry = guard.fill(response(&"x".repeat(4000)), CachePolicy::forever());
        entry.response().unwrap().encoded(0, Bytes::clone);
        entry.response().unwrap().encoded(1, Bytes::clone);
        assert!(cache.stats().memory_bytes <= 256 * 1024);
    }
    assert!(cache.stats().memory_bytes > 0);
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
    assert!(cache.try_lookup(&key(0)).is_none());
}

#[tokio::test]
async fn an_entry_that_is_outdated_for_one_caller_is_good_for_others() {
    let cache = Cache::in_memory(1024 * 1024);
    let path: Tag = "_N_T_/page".parse().unwrap();
    cache
        .get_or_fill(&key(0), || async { Ok::<_, NotStorable>((response("old"), CachePolicy::forever())) })
        .await
        .unwrap();
    cache.invalidate(&path);
    let within = [path];
    let Lookup::Miss(guard) = cache.lookup_for(&key(0), &Demand::default().within(&within)).await else {
        panic!("it is older than the path")
    };
    assert!(matches!(cache.lookup(&key(0)).await, Lookup::Hit(_, None)));
    // Whoever has the same path waits for the one who makes it.
    let waiting = tokio::spawn({
        let (cache, within) = (cache.clone(), within.clone());
        async move {
            match cache.lookup_for(&key(0), &Demand::default().within(&within)).await {
                Lookup::Hit(entry, None) => text_of(&entry),
                other => panic!("{other:?}"),
            }
        }
    });
    tokio::task::yield_now().await;
    guard.fill(response("new"), CachePolicy::forever());
    assert_eq!(waiting.await.unwrap(), "new");
    assert_eq!(text_of(&cache.try_lookup(&key(0)).unwrap()), "new");
}

#[tokio::test]
async fn a_failed_attempt_rests_and_the_old_entry_is_served() {
    let clock = ManualClock::default();
    let cache = Cache::builder().clock(clock.clone()).build();
    let policy = || CachePolicy::revalidate(Duration::from_secs(1));
    cache.get_or_fill(&key(0), || async { Ok::<_, NotStorable>((response("old"), policy())) }).await.unwrap();
    clock.advance(Duration::from_secs(1));
    let Lookup::Hit(_, Some(guard)) = cache.lookup(&key(0)).await else { panic!("it is stale") };
    drop(guard);
    let Lookup::Hit(_, Some(mut guard)) = cache.lookup(&key(0)).await else { panic!("nothing has failed yet") };
    for seconds in [3, 6, 12, 24, 30, 30] {
        guard.fail();
        clock.advance(Duration::from_millis(seconds * 1000 - 1));
        assert!(matches!(cache.lookup(&key(0)).await, Lookup::Hit(_, None)), "it rests for {seconds} s");
        clock.advance(Duration::from_millis(1));
        let Lookup::Hit(_, Some(next)) = cache.lookup(&key(0)).await else { panic!("it has rested for {seconds} s") };
        guard = next;
    }
    guard.fill(response("new"), policy());
    clock.advance(Duration::from_secs(1));
    let Lookup::Hit(_, Some(guard)) = cache.lookup(&key(0)).await else { panic!("it is stale again") };
    guard.fail();
    clock.advance(Duration::from_secs(3));
    assert!(matches!(cache.lookup(&key(0)).await, Lookup::Hit(_, Some(_))), "what went well is forgotten");
}

#[tokio::test]
async fn data_is_stored_as_it_is() {
    let cache = Cache::in_memory(1024 * 1024);
    let data = Bytes::from_static(b"\0data");
    let policy = CachePolicy::from(CacheLife::HOURS);
    let fill = || async { Ok::<_, NotStorable>((data.clone(), policy.clone())) };
    let entry = cache.get_or_fill(&key(0), fill).await.unwrap();
    assert_eq!((entry.data(), entry.response()), (Some(&data), None));
    assert_eq!(entry.policy().revalidate_time(), Some(Duration::from_hours(1)));
}

#[tokio::test]
async fn everything_can_be_invalidated() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(under_way) = cache.lookup(&key(1)).await else { panic!("nothing is stored yet") };
    cache
        .get_or_fill(&key(0), || async { Ok::<_, NotStorable>((response("old"), CachePolicy::forever())) })
        .await
        .unwrap();
    cache.invalidate_all();
    under_way.fill(response("old"), CachePolicy::forever());
    for name in 0..2 {
        let Lookup::Miss(guard) = cache.lookup(&key(name)).await else { panic!("it was invalidated") };
        guard.fill(response("new"), CachePolicy::forever());
        assert!(cache.try_lookup(&key(name)).is_some());
    }
}
