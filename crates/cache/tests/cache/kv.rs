//! Instances that share a namespace of Cloudflare KV.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use vinext_cache::{Cache, CachePolicy, Entry, KvNamespace, KvStore, Lookup, Store as _, StoreError, Tag, Timestamp};

use crate::kv_server::{Kv, TOKEN};
use crate::support::{NEVER, damage_is_said_once_and_removed, found, key, response, text_of, until};

fn store(address: SocketAddr) -> KvStore {
    let namespace =
        KvNamespace { account: "account".to_owned(), namespace: "space".to_owned(), token: TOKEN.to_owned() };
    KvStore::at(&format!("http://{address}/client/v4/"), &namespace, "a/b:c").unwrap()
}

fn cache(address: SocketAddr) -> Cache {
    Cache::builder().store(store(address).look_every(Duration::from_millis(5))).read_deadline(NEVER).build()
}

fn made(text: &str, at: u64) -> Arc<Entry> {
    Arc::new(Entry::prerendered(response(text), CachePolicy::forever(), Timestamp::from_millis(at)))
}

fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

async fn fill(cache: &Cache, name: u8, text: &str) {
    let Lookup::Miss(guard) = cache.lookup(&key(name)).await else { panic!("it is there already") };
    guard.fill(response(text), CachePolicy::forever().tag(&format!("t{name}")));
    cache.flush().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_kept_as_they_are_for_as_long_as_they_are_good() {
    let (kv, address) = Kv::start().await;
    let store = store(address).keep(Duration::from_secs(1000));
    let entry = |seconds: u64| {
        let policy = CachePolicy::forever().expire(Duration::from_secs(seconds));
        Arc::new(Entry::prerendered(response(&"page\r\n--x".repeat(10_000)), policy, Timestamp::from_millis(7)))
    };
    for (name, seconds, ttl) in [(0, 10, 60), (1, 600, 600), (2, 6000, 1000)] {
        assert_eq!(store.get(&key(name)).await.unwrap(), None);
        store.set(&key(name), &entry(seconds)).await.unwrap();
        assert_eq!(store.get(&key(name)).await.unwrap(), Some(entry(seconds)));
        let at = format!("a/b:c-entry-1-{}", key(name).id());
        assert_eq!(kv.kept.lock().unwrap()[&at].ttl, ttl);
    }
    store.remove(&key(0)).await.unwrap();
    assert_eq!(store.get(&key(0)).await.unwrap(), None);
    store.remove(&key(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_was_replaced_is_not_removed_for_the_one_before() {
    let (kv, address) = Kv::start().await;
    let store = store(address);
    let (old, new) = (made("old", 1), made("new", 2));
    store.set(&key(0), &new).await.unwrap();
    kv.requests.lock().unwrap().clear();
    store.remove_entry(&key(0), &old).await.unwrap();
    // The value itself is not read for that.
    assert!(kv.requests.lock().unwrap().iter().all(|request| request.contains("/metadata/")));
    assert_eq!(text_of(&store.get(&key(0)).await.unwrap().unwrap()), "new");
    store.remove_entry(&key(0), &new).await.unwrap();
    assert_eq!(store.get(&key(0)).await.unwrap(), None);
    store.remove_entry(&key(0), &new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_entry_is_said_once_and_removed() {
    let (kv, address) = Kv::start().await;
    let damage = async || {
        for kept in kv.kept.lock().unwrap().values_mut() {
            kept.value = kept.value.slice(1..);
        }
    };
    damage_is_said_once_and_removed(store(address), damage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalidations_reach_other_instances_and_those_that_come_later() {
    let (_, address) = Kv::start().await;
    let (one, other) = (cache(address), cache(address));
    for name in 0..3 {
        fill(&one, name, "old").await;
        assert_eq!(found(&other, name).await.unwrap(), "old");
    }
    one.invalidate(&tag("t0"));
    one.mark_stale(&tag("t1"), Some(Duration::from_hours(1)));
    one.remove(&key(2));
    for number in 0..10 {
        // So that the list has several pages. The name is as long as a tag may be.
        one.invalidate(&tag(&"é".repeat(127 - number)));
    }
    one.flush().await.unwrap();
    for name in 0..3 {
        until(async || other.try_lookup(&key(name)).is_none()).await;
    }
    for cache in [other, cache(address)] {
        assert!(matches!(cache.lookup(&key(0)).await, Lookup::Miss(_)));
        assert!(matches!(cache.lookup(&key(1)).await, Lookup::Hit(_, Some(_))));
        assert!(matches!(cache.lookup(&key(2)).await, Lookup::Miss(_)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_instance_said_of_a_tag_is_added_to() {
    let (kv, address) = Kv::start().await;
    let one = cache(address);
    fill(&one, 0, "old").await;
    one.invalidate(&tag("t0"));
    one.flush().await.unwrap();
    // A mark that came alone would bring back what has expired.
    one.mark_stale(&tag("t0"), None);
    one.flush().await.unwrap();
    assert_eq!(kv.kept.lock().unwrap().keys().filter(|name| name.contains("-mark-")).count(), 1);
    assert_eq!(found(&cache(address), 0).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_are_bounded_and_what_is_forgotten_counts_as_invalidated() {
    let (kv, address) = Kv::start().await;
    let one = Cache::builder().store(store(address).marks(5)).read_deadline(NEVER).build();
    fill(&one, 0, "old").await;
    one.invalidate(&tag("t0"));
    for number in 0..12 {
        one.invalidate(&tag(&format!("other{number}")));
    }
    one.flush().await.unwrap();
    let marks = kv.kept.lock().unwrap().keys().filter(|name| name.contains("-mark-")).count();
    assert!((1..=6).contains(&marks), "{marks}");
    assert!(kv.requests.lock().unwrap().iter().any(|request| request.ends_with("/bulk/delete")));
    assert_eq!(found(&cache(address), 0).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_say_what_they_are_and_pass() {
    let (kv, address) = Kv::start().await;
    let store = store(address);
    for (status, is_away) in [(429, true), (500, true), (400, false)] {
        *kv.fault.lock().unwrap() = Some(StatusCode::from_u16(status).unwrap());
        let error = store.set(&key(0), &made("page", 1)).await.unwrap_err();
        assert_eq!(matches!(error, StoreError::Unavailable(_)), is_away);
        assert!(error.to_string().contains("as told (10000)"), "{error}");
        assert!(store.get(&key(0)).await.is_err());
    }
    *kv.fault.lock().unwrap() = None;
    store.set(&key(0), &made("page", 1)).await.unwrap();
    assert!(store.get(&key(0)).await.unwrap().is_some());
    let namespace = KvNamespace { account: "account".into(), namespace: "space".into(), token: "wrong".into() };
    let stranger = KvStore::at(&format!("http://{address}/client/v4"), &namespace, "a/b:c").unwrap();
    assert!(matches!(stranger.get(&key(0)).await, Err(StoreError::Refused(_))));
    assert!(!format!("{namespace:?} {stranger:?}").contains("wrong"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_a_failure_of_the_store_and_a_miss_of_the_cache() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(matches!(store(address).get(&key(0)).await, Err(StoreError::Unavailable(_))));
    let cache = Cache::builder().store(store(address)).read_deadline(Duration::from_millis(20)).build();
    assert_eq!(found(&cache, 0).await, None);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let namespace = KvNamespace { account: "a".into(), namespace: "n".into(), token: "t".into() };
    assert!(KvStore::at("no address", &namespace, "test").is_err());
    assert!(KvStore::new(&namespace, "test").is_ok());
}
