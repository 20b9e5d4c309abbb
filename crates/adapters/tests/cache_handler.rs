//! The app's `cacheHandler` below a cache, with a map in the place of JavaScript.
#![cfg(all(feature = "native", feature = "engine"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;
use vinext_adapters::engine::{EngineError, EngineRequest, EngineResponse, JsEngine, ResponseBody};
use vinext_adapters::native::CacheHandler;
use vinext_cache::{Cache, CacheKey, CachePolicy, Demand, Lookup, StorableResponse, Tag, Value, Variant};

/// Keeps what it is given under its key, and remembers what it was asked.
#[derive(Default)]
struct Map {
    kept: Mutex<HashMap<String, (Json, Bytes)>>,
    asked: Mutex<Vec<Json>>,
    fails: bool,
}

#[async_trait]
impl JsEngine for Map {
    async fn handle(&self, mut request: EngineRequest) -> Result<EngineResponse, EngineError> {
        let matched: Json = serde_json::from_str(request.matched.as_str()).unwrap();
        assert_eq!(matched["variant"], "cache");
        let question = matched["cache"].clone();
        self.asked.lock().unwrap().push(question.clone());
        if self.fails {
            return Err(EngineError::Crashed("test".to_owned()));
        }
        let body = request.take_body().collect().await.unwrap().to_bytes();
        let key = question["key"].as_str().unwrap_or_default().to_owned();
        let answer = match question["ask"].as_str().unwrap() {
            "get" => self.kept.lock().unwrap().get(&key).map(|(head, body)| framed(head, body)),
            "set" => {
                self.kept.lock().unwrap().insert(key, (question, body));
                None
            }
            _ => None,
        };
        let (sender, body) = ResponseBody::channel(1);
        let status = if answer.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT };
        if let Some(bytes) = answer {
            sender.try_send(Ok(bytes)).unwrap();
        }
        let (_, cache) = oneshot::channel();
        Ok(EngineResponse { status, headers: HeaderMap::new(), decision: None, shared: false, body, cache })
    }

    async fn shutdown(&self) {}
}

/// What was kept, as an answer.
fn framed(head: &Json, body: &Bytes) -> Bytes {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let mut head = head.clone();
    head["lastModified"] = json!(u64::try_from(now).unwrap());
    let head = head.to_string();
    let length = u32::try_from(head.len()).unwrap().to_be_bytes();
    [&length[..], head.as_bytes(), body].concat().into()
}

fn cache(map: &Arc<Map>) -> Cache {
    Cache::builder().memory(0).store(CacheHandler::new(Arc::clone(map) as _, 1024 * 1024)).build()
}

fn key(route: &str, variant: Variant) -> CacheKey {
    CacheKey::builder(route, variant).finish()
}

fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

async fn fill(cache: &Cache, key: &CacheKey, value: Value, policy: CachePolicy) {
    let Lookup::Miss(guard) = cache.lookup(key).await else { panic!("{key:?} is there already") };
    guard.fill(value, policy);
    cache.flush().await.unwrap();
}

#[tokio::test]
async fn what_is_kept_comes_back_as_it_was() {
    let map = Arc::new(Map::default());
    let cache = cache(&map);
    let response = |body: &'static str| {
        StorableResponse::new(404, [("content-type", "text/html")], Bytes::from_static(body.as_bytes())).unwrap()
    };
    let page = response("<p>page</p>")
        .with_part("payload", Bytes::from_static(b"0:page"))
        .with_part("rest", Bytes::from_static(b"\0rest"));
    let policy = || CachePolicy::revalidate(Duration::from_mins(1)).expire(Duration::from_mins(10)).tag("t");
    for (variant, value) in [
        (Variant::Html, page.into()),
        (Variant::Rsc, response("0:alone").into()),
        (Variant::Handler, response("answer").into()),
        (Variant::Data, Value::Data(Bytes::from_static(b"\0data"))),
    ] {
        let key = key("/page", variant);
        fill(&cache, &key, value, policy()).await;
        let Lookup::Hit(entry, None) = cache.lookup(&key).await else { panic!("{variant:?} is not there") };
        let expected = match variant {
            Variant::Html => ("<p>page</p>", Some("0:page")),
            Variant::Rsc => ("0:alone", None),
            Variant::Handler => ("answer", None),
            _ => ("\0data", None),
        };
        let body = entry.response().map_or_else(|| entry.data().unwrap(), StorableResponse::body);
        let payload = entry.response().and_then(|response| response.part("payload"));
        assert_eq!((body.as_ref(), payload.map(Bytes::as_ref)), (expected.0.as_bytes(), expected.1.map(str::as_bytes)));
        let rest = entry.response().and_then(|response| response.part("rest"));
        assert_eq!(rest.map(Bytes::as_ref), (variant == Variant::Html).then_some(&b"\0rest"[..]));
        assert_eq!(entry.policy(), &policy());
        assert_eq!(entry.response().map_or(404, StorableResponse::status), 404);
    }
}

#[tokio::test]
async fn the_handler_hears_of_an_invalidation_before_it_is_asked_again() {
    let map = Arc::new(Map::default());
    let cache = cache(&map);
    cache.mark_stale(&tag("stale"), Some(Duration::from_mins(1)));
    cache.mark_stale(&tag("never"), None);
    cache.invalidate(&tag("gone"));
    let within = [tag("path"), tag("own")];
    let demand = Demand::default().within(&within).revalidate(Duration::from_secs(5));
    drop(cache.lookup_for(&key("/page", Variant::Data), &demand).await);
    let asked = map.asked.lock().unwrap().clone();
    let (last, before) = asked.split_last().unwrap();
    assert_eq!(
        before,
        [
            json!({ "ask": "revalidate", "tag": "stale", "stale": { "expire": 60.0 } }),
            json!({ "ask": "revalidate", "tag": "never", "stale": { "expire": null } }),
            json!({ "ask": "revalidate", "tag": "gone", "stale": null }),
        ]
    );
    assert_eq!((&last["ask"], &last["kind"], &last["tags"]), (&json!("get"), &json!("FETCH"), &json!(["path", "own"])));
    assert_eq!(last["revalidate"], 5.0);
}

#[tokio::test]
async fn what_the_handler_still_has_is_not_served_after_an_invalidation() {
    let map = Arc::new(Map::default());
    let cache = cache(&map);
    let key = key("/page", Variant::Data);
    fill(&cache, &key, Value::Data(Bytes::from_static(b"one")), CachePolicy::forever().tag("t")).await;
    cache.mark_stale(&tag("t"), None);
    assert!(matches!(cache.lookup(&key).await, Lookup::Hit(_, Some(_))), "it is stale");
    cache.invalidate(&tag("t"));
    assert!(matches!(cache.lookup(&key).await, Lookup::Miss(_)), "it is gone");
}

#[tokio::test]
async fn what_use_cache_keeps_is_none_of_the_handlers_business() {
    let map = Arc::new(Map::default());
    let cache = cache(&map);
    let key = key("use cache", Variant::Data);
    fill(&cache, &key, Value::Data(Bytes::from_static(b"one")), CachePolicy::forever()).await;
    assert!(matches!(cache.lookup(&key).await, Lookup::Hit(_, None)));
    assert!(map.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handler_that_is_not_there_costs_what_it_has_and_no_more() {
    let map = Arc::new(Map { fails: true, ..Map::default() });
    let cache = cache(&map);
    let key = key("/page", Variant::Data);
    let Lookup::Miss(guard) = cache.lookup(&key).await else { panic!("nothing was kept") };
    guard.fill(Value::Data(Bytes::from_static(b"one")), CachePolicy::forever());
    assert!(cache.flush().await.is_err());
    assert!(matches!(cache.lookup(&key).await, Lookup::Miss(_)));
}
