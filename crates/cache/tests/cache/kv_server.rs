//! A server that speaks as much of Cloudflare's interface as is documented for the values of a namespace.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "secret";
const ROOT: &str = "/client/v4/accounts/account/storage/kv/namespaces/space/";
/// Names of one page of a list, so that there are many pages.
const PAGE: usize = 3;

#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) value: Bytes,
    pub(crate) metadata: Value,
    pub(crate) ttl: u64,
}

#[derive(Default)]
pub(crate) struct Kv {
    pub(crate) kept: Mutex<BTreeMap<String, Kept>>,
    /// What every request is answered with instead.
    pub(crate) fault: Mutex<Option<StatusCode>>,
    pub(crate) requests: Mutex<Vec<String>>,
}

impl Kv {
    pub(crate) async fn start() -> (Arc<Self>, SocketAddr) {
        let kv = Arc::new(Self::default());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::clone(&kv);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kv = Arc::clone(&served);
                let service = service_fn(move |request| {
                    let kv = Arc::clone(&kv);
                    async move { Ok::<_, Infallible>(kv.answer(request).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        (kv, address)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        self.requests.lock().unwrap().push(format!("{method} {uri}"));
        if let Some(status) = *self.fault.lock().unwrap() {
            return failure(status, 10_000, "as told");
        }
        if request.headers().get("authorization").is_none_or(|value| value != &format!("Bearer {TOKEN}")) {
            return failure(StatusCode::FORBIDDEN, 10_000, "Authentication error");
        }
        let query: BTreeMap<String, String> = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        let Some(target) = uri.path().strip_prefix(ROOT) else {
            return failure(StatusCode::NOT_FOUND, 7003, "could not route");
        };
        match (method, target.split_once('/').unwrap_or((target, ""))) {
            (Method::GET, ("values", name)) => self.get(&decoded(name)),
            (Method::GET, ("metadata", name)) => match self.kept.lock().unwrap().get(&decoded(name)) {
                Some(kept) => success(&json!(kept.metadata), ""),
                None => failure(StatusCode::NOT_FOUND, 10_009, "key not found"),
            },
            (Method::PUT, ("values", name)) => self.put(decoded(name), &query, request).await,
            (Method::DELETE, ("values", name)) => {
                self.kept.lock().unwrap().remove(&decoded(name));
                success(&Value::Null, "")
            }
            (Method::POST, ("bulk", "delete")) => {
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let names: Vec<String> = serde_json::from_slice(&body).unwrap();
                assert!(names.len() <= 10_000);
                let mut kept = self.kept.lock().unwrap();
                kept.retain(|name, _| !names.contains(name));
                success(&json!({ "successful_key_count": names.len(), "unsuccessful_keys": [] }), "")
            }
            (Method::GET, ("keys", "")) => self.list(&query),
            _ => failure(StatusCode::METHOD_NOT_ALLOWED, 10_001, "method not allowed"),
        }
    }

    fn get(&self, name: &str) -> Response<Full<Bytes>> {
        match self.kept.lock().unwrap().get(name) {
            Some(kept) => Response::new(Full::new(kept.value.clone())),
            None => failure(StatusCode::NOT_FOUND, 10_009, "key not found"),
        }
    }

    async fn put(
        &self,
        name: String,
        query: &BTreeMap<String, String>,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let ttl: u64 = query["expiration_ttl"].parse().unwrap();
        if ttl < 60 {
            return failure(StatusCode::BAD_REQUEST, 10_033, "expiration_ttl must be at least 60");
        }
        if name.len() > 512 {
            return failure(StatusCode::BAD_REQUEST, 10_014, "the key is too long");
        }
        let boundary = multer::parse_boundary(request.headers()["content-type"].to_str().unwrap()).unwrap();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let body = futures_util::stream::once(async move { Ok::<_, Infallible>(body) });
        let mut form = multer::Multipart::new(body, boundary);
        let (mut value, mut metadata) = (None, Value::Null);
        while let Some(field) = form.next_field().await.unwrap() {
            match field.name().unwrap().to_owned().as_str() {
                "value" => value = Some(field.bytes().await.unwrap()),
                "metadata" => {
                    let text = field.text().await.unwrap();
                    if text.len() > 1024 {
                        return failure(StatusCode::BAD_REQUEST, 10_015, "the metadata is too long");
                    }
                    metadata = serde_json::from_str(&text).unwrap();
                }
                other => panic!("unknown field {other}"),
            }
        }
        self.kept.lock().unwrap().insert(name, Kept { value: value.unwrap(), metadata, ttl });
        success(&Value::Null, "")
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Response<Full<Bytes>> {
        let kept = self.kept.lock().unwrap();
        let begin = query.get("cursor").cloned().unwrap_or_default();
        let mut names = kept.iter().filter(|(name, _)| name.starts_with(&query["prefix"]) && **name > begin);
        let page: Vec<_> = names.by_ref().take(PAGE).collect();
        let cursor = if names.next().is_some() { page.last().map_or("", |(name, _)| name) } else { "" };
        let listed: Vec<_> = page
            .iter()
            .map(|(name, kept)| json!({ "name": name, "metadata": kept.metadata, "expiration": 1_577_836_800 }))
            .collect();
        success(&json!(listed), cursor)
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn success(result: &Value, cursor: &str) -> Response<Full<Bytes>> {
    let info = json!({ "count": 0, "cursor": cursor });
    let body = json!({ "success": true, "errors": [], "messages": [], "result": result, "result_info": info });
    Response::new(Full::new(Bytes::from(body.to_string())))
}

fn failure(status: StatusCode, code: u32, message: &str) -> Response<Full<Bytes>> {
    let errors = json!([{ "code": code, "message": message }]);
    let body = json!({ "success": false, "errors": errors, "messages": [], "result": null });
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
}
