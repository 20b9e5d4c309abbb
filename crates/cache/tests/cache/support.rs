//! What the tests share.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use vinext_cache::{Cache, CacheKey, CachePolicy, Entry, Lookup, Operation, StorableResponse, Store, Variant};

pub(crate) fn key(name: u8) -> CacheKey {
    CacheKey::builder("/page", Variant::Html).part([name]).finish()
}

pub(crate) fn response(text: &str) -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from(text.to_owned())).unwrap()
}

pub(crate) fn text_of(entry: &Entry) -> String {
    String::from_utf8(entry.response().unwrap().body().to_vec()).unwrap()
}

pub(crate) async fn found(cache: &Cache, name: u8) -> Option<String> {
    match cache.lookup(&key(name)).await {
        Lookup::Hit(entry, _) => Some(text_of(&entry)),
        Lookup::Miss(_) => None,
    }
}

/// How long what has to happen is waited for.
pub(crate) const NEVER: std::time::Duration = std::time::Duration::from_mins(1);

/// Waits until something is so.
#[cfg(any(feature = "kv", feature = "redis"))]
pub(crate) async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(NEVER, waiting).await.expect("it never happens");
}

/// What a cache has reported.
pub(crate) type Told = Arc<Mutex<Vec<(Operation, String)>>>;

/// A cache without memory over a store, and what it reports.
pub(crate) fn watched(store: impl Store) -> (Cache, Told) {
    let told = Told::default();
    let observer = {
        let told = Arc::clone(&told);
        move |failure: &vinext_cache::Failure<'_>| {
            told.lock().unwrap().push((failure.operation, failure.error.to_string()));
        }
    };
    (Cache::builder().memory(0).store(store).read_deadline(NEVER).on_failure(observer).build(), told)
}

/// What every store does with an entry that `damage` has been done to.
pub(crate) async fn damage_is_said_once_and_removed(store: impl Store, damage: impl AsyncFnOnce()) {
    let (cache, told) = watched(store);
    let fill = async |text: &str| {
        let Lookup::Miss(guard) = cache.lookup(&key(0)).await else { panic!("it is there already") };
        guard.fill(response(text), CachePolicy::forever());
        cache.flush().await.unwrap();
    };
    fill("page").await;
    assert_eq!(found(&cache, 0).await.unwrap(), "page");
    damage().await;
    for _ in 0..3 {
        assert_eq!(found(&cache, 0).await, None);
        cache.flush().await.unwrap();
    }
    let said = told.lock().unwrap().clone();
    assert!(matches!(&said[..], [(Operation::Get, text)] if text.contains("damaged")), "{said:?}");
    fill("new").await;
    assert_eq!(found(&cache, 0).await.unwrap(), "new");
}
