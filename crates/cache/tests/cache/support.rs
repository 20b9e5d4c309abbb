//! What the tests share.

use bytes::Bytes;
use vinext_cache::{CacheKey, Entry, StorableResponse, Variant};

pub(crate) fn key(name: u8) -> CacheKey {
    CacheKey::builder("/page", Variant::Html).part([name]).finish()
}

pub(crate) fn response(text: &str) -> StorableResponse {
    StorableResponse::new(200, [("content-type", "text/html")], Bytes::from(text.to_owned())).unwrap()
}

pub(crate) fn text_of(entry: &Entry) -> String {
    String::from_utf8(entry.response().unwrap().body().to_vec()).unwrap()
}
