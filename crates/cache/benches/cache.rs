//! What a hit, a miss, an invalidation and a disk cost.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use vinext_cache::{
    Cache, CacheKey, CachePolicy, DiskStore, Entry, Lookup, StorableResponse, Store as _, Timestamp, Variant,
};

fn key(number: u32) -> CacheKey {
    CacheKey::builder("/blog/[slug]/page", Variant::Html).part(number.to_le_bytes()).finish()
}

fn response() -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from_static(&[b'x'; 4096])).unwrap()
}

fn memory(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cache = Cache::in_memory(64 * 1024 * 1024);
    runtime.block_on(async {
        for number in 0..1000 {
            if let Lookup::Miss(guard) = cache.lookup(&key(number)).await {
                guard.fill(response(), CachePolicy::forever().tag("blog"));
            }
        }
    });
    let keys: Vec<_> = (0..1000).map(key).collect();
    let mut number = 0;
    criterion.bench_function("hit without waiting", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % 1000;
            black_box(cache.try_lookup(&keys[number]))
        });
    });
    criterion.bench_function("hit", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % 1000;
            black_box(runtime.block_on(cache.lookup(&keys[number])))
        });
    });
    let absent = key(u32::MAX);
    criterion.bench_function("miss", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(cache.lookup(&absent))));
    });
    criterion.bench_function("invalidate", |bencher| {
        let tag = "other".parse().unwrap();
        bencher.iter(|| cache.invalidate(&tag));
    });
    let mut number = 1000;
    criterion.bench_function("miss and fill", |bencher| {
        bencher.iter(|| {
            number += 1;
            if let Lookup::Miss(guard) = runtime.block_on(cache.lookup(&key(number))) {
                guard.fill(response(), CachePolicy::forever());
            }
        });
    });
}

fn disk(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path(), 1024 * 1024 * 1024).unwrap();
    let entry = Arc::new(Entry::prerendered(response(), CachePolicy::forever(), Timestamp::from_millis(1)));
    let key = key(0);
    criterion.bench_function("write to disk", |bencher| {
        bencher.iter(|| runtime.block_on(store.set(&key, &entry)).unwrap());
    });
    criterion.bench_function("read from disk", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(store.get(&key)).unwrap()));
    });
}

criterion_group!(benches, memory, disk);
criterion_main!(benches);
