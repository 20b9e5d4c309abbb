//! What a hit, a miss, an invalidation of a tag and a mixed load cost, here and with moka and foyer.
//!
//! All three hold the same entries under the same keys, in as many bytes. moka and foyer know no tags: with moka, what
//! carries a tag is invalidated by a predicate, as its documentation has it; with foyer, by an index of keys that the caller
//! keeps. Neither knows single flight across a guard, or an invalidation during a fill: a miss there is a look and an insert.
#![allow(missing_docs)]

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use vinext_cache::{
    Cache, CacheKey, CachePolicy, Clock as _, Entry, Lookup, StorableResponse, SystemClock, Tag, Variant,
};

const BYTES: u64 = 256 * 1024 * 1024;
const ENTRIES: u32 = 10_000;
const TAGS: u32 = 100;
const THREADS: u32 = 2;
/// Lookups of one thread between two invalidations, and in one round of a mixed load: starting threads is to cost nothing.
const LOAD: u32 = 10_000;

fn key(number: u32) -> CacheKey {
    CacheKey::builder("/blog/[slug]/page", Variant::Html).part(number.to_le_bytes()).finish()
}

fn tag(number: u32) -> String {
    format!("tag{}", number % TAGS)
}

fn response() -> StorableResponse {
    let body = Bytes::from_static(&[b'x'; 4096]);
    StorableResponse::new(200, [("content-type", "text/html")], body).expect("it may be stored")
}

fn policy(number: u32) -> CachePolicy {
    CachePolicy::revalidate(Duration::from_hours(1)).tag("all").tag(&tag(number))
}

/// What each of them has to do, in its own way.
trait Peer: Send + Sync + 'static {
    const NAME: &'static str;
    fn new() -> Self;
    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>>;
    /// Looks, finds nothing, and fills.
    fn fill(&self, key: &CacheKey, number: u32);
    fn invalidate(&self, number: u32);

    fn filled() -> Arc<Self>
    where
        Self: Sized,
    {
        let peer = Self::new();
        for number in 0..ENTRIES {
            peer.fill(&key(number), number);
        }
        Arc::new(peer)
    }
}

struct Ours(Cache);

/// The value of a future that does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nobody else fills"),
    }
}

impl Peer for Ours {
    const NAME: &'static str = "vinext-cache";

    fn new() -> Self {
        Self(Cache::in_memory(BYTES))
    }

    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.0.try_lookup(key)
    }

    fn fill(&self, key: &CacheKey, number: u32) {
        // Another thread may fill the same key: then there is nothing to do.
        if let Poll::Ready(Lookup::Miss(guard)) = pin!(self.0.lookup(key)).poll(&mut Context::from_waker(Waker::noop()))
        {
            guard.fill(response(), policy(number));
        }
    }

    fn invalidate(&self, number: u32) {
        self.0.invalidate(&tag(number).parse::<Tag>().expect("it is a tag"));
    }
}

fn made(number: u32) -> Arc<Entry> {
    Arc::new(Entry::prerendered(response(), policy(number), SystemClock.now()))
}

/// Both have to look at an entry's age themselves, for it is served stale once more.
fn is_fresh(entry: &Entry) -> bool {
    entry.freshness(SystemClock.now()) == vinext_cache::Freshness::Fresh
}

struct Moka(moka::sync::Cache<CacheKey, Arc<Entry>>);

impl Peer for Moka {
    const NAME: &'static str = "moka";

    fn new() -> Self {
        let cache = moka::sync::Cache::builder()
            .max_capacity(BYTES)
            .weigher(|_, _| 4096 * 2 + 256)
            .support_invalidation_closures()
            .build();
        Self(cache)
    }

    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.0.get(key).filter(|entry| is_fresh(entry))
    }

    fn fill(&self, key: &CacheKey, number: u32) {
        if self.0.get(key).is_none() {
            self.0.insert(key.clone(), made(number));
        }
    }

    fn invalidate(&self, number: u32) {
        let tag: Tag = tag(number).parse().expect("it is a tag");
        self.0
            .invalidate_entries_if(move |_, entry| entry.policy().tags().contains(&tag))
            .expect("it is allowed above");
        // Without this, it is done in the course of later calls, and each of those checks the predicate.
        self.0.run_pending_tasks();
    }
}

struct Foyer {
    cache: foyer::Cache<CacheKey, Arc<Entry>>,
    by_tag: Mutex<HashMap<String, HashSet<CacheKey>>>,
}

impl Peer for Foyer {
    const NAME: &'static str = "foyer";

    fn new() -> Self {
        let bytes = usize::try_from(BYTES).expect("it fits");
        let cache = foyer::CacheBuilder::new(bytes).with_weighter(|_, _| 4096 * 2 + 256).build();
        Self { cache, by_tag: Mutex::default() }
    }

    fn get(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.cache.get(key).map(|entry| Arc::clone(entry.value())).filter(|entry| is_fresh(entry))
    }

    fn fill(&self, key: &CacheKey, number: u32) {
        if self.cache.get(key).is_none() {
            let mut by_tag = self.by_tag.lock().expect("nobody panics");
            for tag in ["all".to_owned(), tag(number)] {
                by_tag.entry(tag).or_default().insert(key.clone());
            }
            self.cache.insert(key.clone(), made(number));
        }
    }

    fn invalidate(&self, number: u32) {
        let keys = self.by_tag.lock().expect("nobody panics").remove(&tag(number));
        for key in keys.into_iter().flatten() {
            self.cache.remove(&key);
        }
    }
}

/// The keys of a mixed load: few are asked for often, as with pages.
fn popular(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let random = (*state >> 33) as f64 / f64::from(1_u32 << 31);
    // Half again as many keys as there are entries at first, the first ones much more often.
    (random * random * random * f64::from(ENTRIES) * 1.5) as u32
}

fn mixed<P: Peer>(peer: &Arc<P>, keys: &Arc<Vec<CacheKey>>, rounds: u64) -> Duration {
    let begun = Instant::now();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (peer, keys) = (Arc::clone(peer), Arc::clone(keys));
            thread::spawn(move || {
                let mut state = u64::from(thread) + 1;
                for round in 0..rounds {
                    let number = popular(&mut state);
                    let key = &keys[number as usize];
                    if peer.get(key).is_none() {
                        peer.fill(key, number);
                    }
                    if round % u64::from(LOAD) == u64::from(LOAD) - 1 {
                        peer.invalidate(number);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("nobody panics");
    }
    begun.elapsed()
}

fn of<P: Peer>(criterion: &mut Criterion) {
    let keys: Arc<Vec<_>> = Arc::new((0..ENTRIES * 3 / 2 + 1).map(key).collect());
    let peer = P::filled();
    let mut number = 0;
    criterion.bench_function(&format!("hit/{}", P::NAME), |bencher| {
        bencher.iter(|| {
            number = (number + 7) % ENTRIES;
            let entry = peer.get(&keys[number as usize]);
            assert!(entry.is_some());
            black_box(entry)
        });
    });
    let absent = key(u32::MAX);
    criterion.bench_function(&format!("miss/{}", P::NAME), |bencher| {
        bencher.iter(|| black_box(peer.get(black_box(&absent))));
    });
    let mut number = ENTRIES * 2;
    criterion.bench_function(&format!("miss and fill/{}", P::NAME), |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                (key(number), number)
            },
            |(key, number)| peer.fill(&key, number),
            BatchSize::SmallInput,
        );
    });
    drop(peer);
    let mut group = criterion.benchmark_group("invalidate");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    group.bench_function(P::NAME, |bencher| {
        bencher.iter_batched_ref(
            P::filled,
            |peer| {
                // What it is about is to be gone when it has ended.
                peer.invalidate(7);
                assert!(peer.get(&keys[7]).is_none());
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    let mut group = criterion.benchmark_group("mixed");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(THREADS * LOAD)));
    group.bench_function(P::NAME, |bencher| {
        let peer = P::filled();
        bencher.iter_custom(|rounds| mixed(&peer, &keys, rounds * u64::from(LOAD)));
    });
    group.finish();
}

fn lookup(criterion: &mut Criterion) {
    let ours = Ours::filled();
    let keys: Vec<_> = (0..ENTRIES).map(key).collect();
    let mut number = 0;
    criterion.bench_function("hit by lookup/vinext-cache", |bencher| {
        bencher.iter(|| {
            number = (number + 7) % ENTRIES;
            black_box(now(ours.0.lookup(&keys[number as usize])))
        });
    });
}

criterion_group!(benches, of::<Ours>, lookup, of::<Moka>, of::<Foyer>);
criterion_main!(benches);
