//! Stores that fail, hang and forget. Time is the runtime's, and only passes when everybody waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use vinext_cache::{
    BoxFuture, Cache, CacheBuilder, CachePolicy, Entry, Failure, Lookup, ManualClock, Mark, MarkTimes, Operation,
    Stamp, Store as _, StoreError, Subject, TagSource, Timestamp,
};

use crate::faulty::{Fault, FaultyStore};
use crate::support::{found, key, response, text_of, watched};

const DEADLINE: Duration = Duration::from_millis(250);

fn over(store: &FaultyStore) -> CacheBuilder {
    Cache::builder().memory(1024 * 1024).store(store.clone())
}

async fn fill(cache: &Cache, name: u8, text: &str) {
    match cache.lookup(&key(name)).await {
        Lookup::Miss(guard) | Lookup::Hit(_, Some(guard)) => {
            guard.fill(response(text), CachePolicy::forever().tag("t"));
        }
        Lookup::Hit(..) => panic!("it is there already"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_filled_is_found_by_the_next_cache() {
    let store = FaultyStore::new([]);
    let cache = over(&store).build();
    fill(&cache, 0, "page").await;
    cache.flush().await.unwrap();
    let next = over(&store).build();
    assert_eq!(next.try_lookup(&key(0)), None);
    assert_eq!(found(&next, 0).await.unwrap(), "page");
    // It is in memory now.
    let calls = store.calls();
    assert_eq!(text_of(&next.try_lookup(&key(0)).unwrap()), "page");
    assert_eq!(store.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_costs_a_lookup_its_deadline_and_no_more() {
    let store = FaultyStore::new([Fault::Hang]);
    let cache = over(&store).build();
    let begun = Instant::now();
    assert_eq!(found(&cache, 0).await, None);
    assert_eq!(begun.elapsed(), DEADLINE);
    assert_eq!(cache.stats().store_errors, 1);
}

#[tokio::test(start_paused = true)]
async fn a_herd_waits_for_a_hanging_store_once() {
    let store = FaultyStore::new([Fault::Hang]);
    let cache = over(&store).build();
    let begun = Instant::now();
    let mut herd = tokio::task::JoinSet::new();
    let renders = Arc::new(AtomicUsize::new(0));
    for _ in 0..50 {
        let (cache, renders) = (cache.clone(), Arc::clone(&renders));
        herd.spawn(async move {
            let fill = || async {
                renders.fetch_add(1, Ordering::SeqCst);
                Ok::<_, StoreError>((response("page"), CachePolicy::forever()))
            };
            text_of(&cache.get_or_fill(&key(0), fill).await.unwrap())
        });
    }
    while let Some(text) = herd.join_next().await {
        assert_eq!(text.unwrap(), "page");
    }
    assert_eq!((begun.elapsed(), renders.load(Ordering::SeqCst)), (DEADLINE, 1));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_again_and_again_is_left_alone_for_a_while() {
    let store = FaultyStore::new([]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let cache = over(&store)
        .on_failure({
            let told = Arc::clone(&told);
            move |failure| told.lock().unwrap().push((failure.store.to_owned(), failure.operation))
        })
        .build();
    fill(&cache, 100, "page").await;
    cache.flush().await.unwrap();
    store.set_fault(Fault::Fail);
    for name in 0..10 {
        assert_eq!(found(&cache, name).await, None);
    }
    let stats = cache.stats();
    assert_eq!((stats.store_errors, stats.store_skipped), (5, 5));
    assert_eq!(*told.lock().unwrap(), vec![("faulty".to_owned(), Operation::Get); 5]);
    store.set_fault(Fault::Slow(0));
    tokio::time::advance(Duration::from_secs(1)).await;
    // A new one, whose memory is empty, shows what the store has; this one has recovered.
    assert_eq!(found(&cache, 0).await, None);
    assert_eq!(cache.stats().store_skipped, 5);
    assert_eq!(found(&over(&store).build(), 100).await.unwrap(), "page");
}

#[tokio::test(start_paused = true)]
async fn one_lookup_tries_a_store_that_was_left_alone() {
    let store = FaultyStore::new([]);
    let cache = over(&store).build();
    store.set_fault(Fault::Hang);
    for name in 0..5 {
        assert_eq!(found(&cache, name).await, None);
    }
    for _ in 0..3 {
        let (begun, calls) = (Instant::now(), store.calls());
        assert_eq!(found(&cache, 0).await, None);
        assert_eq!((begun.elapsed(), store.calls()), (Duration::ZERO, calls));
        tokio::time::advance(Duration::from_millis(250)).await;
        let begun = Instant::now();
        let mut herd = tokio::task::JoinSet::new();
        for name in 0..50 {
            let cache = cache.clone();
            herd.spawn(async move { drop(cache.lookup(&key(name)).await) });
        }
        for _ in 0..49 {
            herd.join_next().await.unwrap().unwrap();
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        herd.join_next().await.unwrap().unwrap();
        assert_eq!((begun.elapsed(), store.calls()), (DEADLINE, calls + 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_served_from_memory_and_said_to_whoever_flushes() {
    for fault in [Fault::Fail, Fault::Hang, Fault::Panic] {
        let store = FaultyStore::new([]);
        let cache = over(&store).build();
        let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
        store.set_fault(fault);
        guard.fill(response("page"), CachePolicy::forever());
        assert_eq!(found(&cache, 0).await.unwrap(), "page");
        assert!(cache.flush().await.is_err(), "{fault:?}");
        assert_eq!(cache.stats().pending, 0);
        // The workers are still there.
        store.set_fault(Fault::Slow(0));
        tokio::time::advance(Duration::from_secs(1)).await;
        fill(&cache, 1, "next").await;
        cache.flush().await.unwrap();
        assert_eq!(found(&over(&store).build(), 1).await.unwrap(), "next");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_to_the_store_is_found_without_memory() {
    let store = FaultyStore::new([]);
    let cache = Cache::builder().memory(0).store(store.clone()).build();
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    store.set_fault(Fault::Hang);
    guard.fill(response("page"), CachePolicy::forever());
    let begun = Instant::now();
    assert_eq!(found(&cache, 0).await.unwrap(), "page");
    cache.remove(&key(0));
    assert_eq!(found(&cache, 0).await, None);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_removal_holds_though_the_store_keeps_the_entry() {
    for fault in [Fault::Lose, Fault::Fail] {
        let store = FaultyStore::new([]);
        let cache = over(&store).build();
        fill(&cache, 0, "old").await;
        cache.flush().await.unwrap();
        store.set_fault(fault);
        cache.remove(&key(0));
        assert_eq!(cache.flush().await.is_err(), fault == Fault::Fail);
        store.set_fault(Fault::Slow(0));
        assert_eq!(found(&cache, 0).await, None);
        fill(&cache, 0, "new").await;
        assert_eq!(found(&cache, 0).await.unwrap(), "new");
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_entry_is_removed_unless_a_good_one_has_taken_its_place() {
    for still_damaged in [false, true] {
        let store = FaultyStore::new([]);
        store
            .set(&key(0), &Arc::new(Entry::prerendered(response("page"), CachePolicy::forever(), Timestamp::default())))
            .await
            .unwrap();
        store.queue([Fault::Damage, if still_damaged { Fault::Damage } else { Fault::Slow(0) }]);
        let (cache, told) = watched(store.clone());
        assert_eq!(found(&cache, 0).await, None);
        // Until it is removed, it is not looked at again.
        let calls = store.calls();
        assert_eq!((found(&cache, 0).await, store.calls()), (None, calls));
        cache.flush().await.unwrap();
        assert_eq!(found(&cache, 0).await.is_none(), still_damaged);
        assert_eq!(told.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_removal_of_a_damaged_entry_does_not_take_along_what_was_filled_since() {
    let store = FaultyStore::new([Fault::Damage]);
    let (cache, _) = watched(store.clone());
    let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("it is damaged") };
    guard.fill(response("new"), CachePolicy::forever());
    cache.flush().await.unwrap();
    assert_eq!(found(&over(&store).build(), 0).await.unwrap(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_newer_entry_of_another_instance_takes_the_place_of_a_stale_one() {
    let store = FaultyStore::new([]);
    // Two instances cannot tell apart what happens within one millisecond of a clock.
    let clock = ManualClock::default();
    let instance = || over(&store).clock(clock.clone()).build();
    let (one, other) = (instance(), instance());
    fill(&one, 0, "old").await;
    one.flush().await.unwrap();
    assert_eq!(found(&other, 0).await.unwrap(), "old");
    for cache in [&one, &other] {
        cache.mark_stale(&"t".parse().unwrap(), None);
    }
    // The one that the store has is the stale one itself.
    let Lookup::Hit(_, Some(guard)) = one.lookup(&key(0)).await else { panic!("it is stale") };
    let guard = guard.find_elsewhere().await.unwrap_err();
    clock.advance(Duration::from_millis(1));
    fill(&other, 0, "new").await;
    other.flush().await.unwrap();
    assert_eq!(text_of(&guard.find_elsewhere().await.unwrap()), "new");
    assert_eq!(text_of(&one.try_lookup(&key(0)).unwrap()), "new");
}

#[tokio::test(start_paused = true)]
async fn what_is_stale_in_memory_does_not_wait_for_the_store() {
    let store = FaultyStore::new([]);
    let cache = over(&store).build();
    fill(&cache, 0, "old").await;
    cache.flush().await.unwrap();
    cache.mark_stale(&"t".parse().unwrap(), None);
    store.set_fault(Fault::Hang);
    let begun = Instant::now();
    let Lookup::Hit(_, Some(guard)) = cache.lookup(&key(0)).await else { panic!("it is stale") };
    assert_eq!(begun.elapsed(), Duration::ZERO);
    guard.find_elsewhere().await.unwrap_err().fill(response("new"), CachePolicy::forever());
    assert_eq!((found(&cache, 0).await.unwrap(), begun.elapsed()), ("new".to_owned(), DEADLINE));
}

#[tokio::test(start_paused = true)]
async fn what_the_future_has_stored_is_not_trusted() {
    let store = FaultyStore::new([]);
    let clock = ManualClock::default();
    clock.advance(Duration::from_secs(10));
    let ahead = over(&store).clock(clock).build();
    fill(&ahead, 0, "page").await;
    ahead.flush().await.unwrap();
    let clock = ManualClock::default();
    let behind = over(&store).clock(clock.clone()).build();
    assert_eq!(found(&behind, 0).await, None);
    clock.advance(Duration::from_secs(10));
    assert_eq!(found(&behind, 0).await.unwrap(), "page");
}

#[tokio::test(start_paused = true)]
async fn a_fill_that_hangs_is_taken_over_by_one_of_those_who_wait() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(hanging) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let begun = Instant::now();
    let mut herd = tokio::task::JoinSet::new();
    let renders = Arc::new(AtomicUsize::new(0));
    for late in 0..20 {
        let (cache, renders) = (cache.clone(), Arc::clone(&renders));
        herd.spawn(async move {
            // They come one after the other, and are all served when the first is.
            tokio::time::sleep(Duration::from_millis(late * 400)).await;
            let fill = || async {
                renders.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, StoreError>((response("page"), CachePolicy::forever()))
            };
            text_of(&cache.get_or_fill(&key(0), fill).await.unwrap())
        });
    }
    while let Some(text) = herd.join_next().await {
        assert_eq!(text.unwrap(), "page");
    }
    assert_eq!((begun.elapsed(), renders.load(Ordering::SeqCst)), (Duration::from_secs(11), 1));
    drop(hanging);
    assert_eq!(found(&cache, 0).await.unwrap(), "page");
}

#[tokio::test(start_paused = true)]
async fn what_a_slow_one_fills_is_kept_unless_whoever_overtook_it_was_first() {
    for slow_is_first in [true, false] {
        let deadline = Duration::from_secs(3);
        let cache = Cache::builder().fill_deadline(deadline).build();
        let begun = Instant::now();
        let Lookup::Miss(slow) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
        let Lookup::Miss(other) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
        assert_eq!(begun.elapsed(), deadline);
        let waiting = tokio::spawn({
            let cache = cache.clone();
            async move { found(&cache, 0).await }
        });
        tokio::task::yield_now().await;
        let (first, second) =
            if slow_is_first { ((slow, "slow"), (other, "other")) } else { ((other, "other"), (slow, "slow")) };
        first.0.fill(response(first.1), CachePolicy::forever());
        assert_eq!(waiting.await.unwrap().as_deref(), Some(first.1));
        assert_eq!(found(&cache, 0).await.as_deref(), Some(first.1));
        second.0.fill(response(second.1), CachePolicy::forever());
        assert_eq!(found(&cache, 0).await.unwrap(), "other");
        assert_eq!(begun.elapsed(), deadline);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_fill_of_a_key_that_was_removed() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(_guard) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let begun = Instant::now();
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { matches!(cache.lookup(&key(0)).await, Lookup::Miss(_)) }
    });
    tokio::task::yield_now().await;
    cache.remove(&key(0));
    assert!(waiting.await.unwrap());
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_removed_is_not_filled_by_those_who_were_overtaken() {
    let cache = Cache::in_memory(1024 * 1024);
    let Lookup::Miss(slow) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    let Lookup::Miss(other) = cache.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    cache.remove(&key(0));
    for guard in [slow, other] {
        guard.fill(response("old"), CachePolicy::forever());
        assert!(cache.try_lookup(&key(0)).is_none());
    }
}

/// A place for marks that fails as it is told to.
#[derive(Default)]
struct FaultySource {
    marks: Mutex<Vec<Mark>>,
    /// Calls that will fail before one succeeds.
    failures: AtomicUsize,
}

impl FaultySource {
    fn answer<T>(&self, answer: impl FnOnce(&mut Vec<Mark>) -> T) -> Result<T, StoreError> {
        let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return Err(StoreError::Unavailable("as told".to_owned()));
        }
        Ok(answer(&mut self.marks.lock().unwrap()))
    }
}

impl TagSource for FaultySource {
    fn name(&self) -> &'static str {
        "faulty marks"
    }

    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>> {
        Box::pin(std::future::ready(self.answer(|marks| marks.clone())))
    }

    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>> {
        Box::pin(std::future::ready(self.answer(|marks| {
            marks.push(mark.clone());
            None
        })))
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_served_from_a_store_whose_invalidations_are_not_known() {
    let store = FaultyStore::new([]);
    let source = Arc::new(FaultySource::default());
    let cache = over(&store).tag_source(Arc::clone(&source) as _).build();
    fill(&cache, 0, "old").await;
    fill(&cache, 1, "old").await;
    cache.invalidate(&"t".parse().unwrap());
    cache.remove(&key(1));
    cache.flush().await.unwrap();
    // 50, 100, 200 ms of pauses: the first lookup runs into its deadline.
    source.failures.store(3, Ordering::SeqCst);
    let next = over(&store).tag_source(source as _).build();
    let begun = Instant::now();
    assert_eq!(found(&next, 0).await, None);
    assert_eq!(begun.elapsed(), DEADLINE);
    for name in 0..2 {
        assert_eq!(found(&next, name).await, None);
    }
    assert_eq!(begun.elapsed(), Duration::from_millis(350));
}

#[tokio::test(start_paused = true)]
async fn marks_are_published_until_it_succeeds_and_failures_are_said_once() {
    let source = Arc::new(FaultySource::default());
    let told = Arc::new(Mutex::new(Vec::new()));
    let observer = {
        let told = Arc::clone(&told);
        move |failure: &Failure<'_>| told.lock().unwrap().push(failure.operation)
    };
    let cache = Cache::builder().tag_source(Arc::clone(&source) as _).on_failure(observer).build();
    cache.flush().await.unwrap();
    source.failures.store(4, Ordering::SeqCst);
    let tag = "t".parse().unwrap();
    cache.mark_stale(&tag, Some(Duration::from_mins(1)));
    assert!(cache.flush().await.is_err());
    cache.invalidate(&tag);
    while cache.stats().pending > 0 {
        let _ = cache.flush().await;
    }
    // The marks of earlier times are read by another task.
    assert_eq!(cache.stats().store_errors, 4);
    assert_eq!(told.lock().unwrap().iter().filter(|operation| **operation == Operation::Publish).count(), 1);
    // Both in one, for the first was not out yet when the second came.
    let marks = source.marks.lock().unwrap().clone();
    let times = marks.iter().fold(MarkTimes::default(), |times, mark| times.merge(mark.times, Stamp::default()));
    assert!(marks.iter().all(|mark| mark.subject == Subject::Tag(tag.clone())));
    assert!(times.expired > times.stale && times.deadline.is_some());
}

#[tokio::test(start_paused = true)]
async fn more_writes_than_can_wait_push_out_the_oldest() {
    let store = FaultyStore::new([]);
    let cache = Cache::builder().memory(0).store(store.clone()).write_deadline(Duration::from_hours(1)).build();
    store.set_fault(Fault::Lose);
    let keys = |number: u32| {
        vinext_cache::CacheKey::builder("/many", vinext_cache::Variant::Data).part(number.to_le_bytes()).finish()
    };
    for number in 0..5000 {
        let Lookup::Miss(guard) = cache.lookup(&keys(number)).await else { panic!("nothing is stored") };
        if number == 0 {
            // From here on no write ends. Lookups wait in vain five times, then the store is left alone.
            store.set_fault(Fault::Hang);
        }
        guard.fill(bytes::Bytes::from_static(b"data"), CachePolicy::forever());
        tokio::task::yield_now().await;
    }
    let stats = cache.stats();
    assert!(stats.writes_dropped > 0);
    assert_eq!(stats.pending + stats.writes_dropped, 5000);
    assert!(stats.pending <= 4096 + 4);
}
