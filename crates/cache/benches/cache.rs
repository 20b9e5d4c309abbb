//! What a hit, a miss and a store cost.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use vinext_cache::{Cache, CacheKey, CachePolicy, Lookup, StorableResponse, Variant};

fn key(number: u32) -> CacheKey {
    CacheKey::builder("/blog/[slug]/page", Variant::Html).part(number.to_le_bytes()).finish()
}

fn response() -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from_static(&[b'x'; 4096])).unwrap()
}

fn cache(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cache = Cache::in_memory(64 * 1024 * 1024);
    runtime.block_on(async {
        for number in 0..1000 {
            if let Lookup::Miss(guard) = cache.lookup(&key(number)).await {
                guard.fill(response(), CachePolicy::forever().tag("blog"));
            }
        }
    });
    let mut number = 0;
    criterion.bench_function("hit", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % 1000;
            black_box(runtime.block_on(cache.lookup(&key(number))))
        });
    });
    criterion.bench_function("miss", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(cache.lookup(&key(u32::MAX)))));
    });
    criterion.bench_function("invalidate", |bencher| {
        let tag = "other".parse().unwrap();
        bencher.iter(|| cache.invalidate(&tag));
    });
    criterion.bench_function("miss and fill", |bencher| {
        bencher.iter(|| {
            number += 1;
            if let Lookup::Miss(guard) = runtime.block_on(cache.lookup(&key(number))) {
                guard.fill(response(), CachePolicy::forever());
            }
        });
    });
}

criterion_group!(benches, cache);
criterion_main!(benches);
