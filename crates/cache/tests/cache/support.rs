//! What the tests share.

use bytes::Bytes;
use vinext_cache::{Cache, CacheKey, Entry, Lookup, StorableResponse, Variant};

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
#[cfg(any(feature = "kv", feature = "redis"))]
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
