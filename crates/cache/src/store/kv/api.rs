//! The REST interface, as much of it as is used.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::KvNamespace;
use crate::store::StoreError;

/// Values have at most 25 MiB.
const LARGEST: usize = 26 * 1024 * 1024;
/// The most names of one request to delete many.
const AT_ONCE: usize = 10_000;
/// What may stand in a path or a query as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) struct Api {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    authorization: String,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What is kept beside a value, and comes with a list of names.
#[derive(Serialize, Deserialize)]
struct Metadata {
    about: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: Option<T>,
    result_info: Option<ResultInfo>,
}

#[derive(Deserialize)]
struct ResultInfo {
    #[serde(default)]
    cursor: String,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Deleted {
    #[serde(default)]
    unsuccessful_keys: Vec<String>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    code: u32,
    message: String,
}

impl Api {
    pub(super) fn new(base: &str, namespace: &KvNamespace) -> Result<Self, StoreError> {
        let base = format!(
            "{}/accounts/{}/storage/kv/namespaces/{}",
            base.trim_end_matches('/'),
            encoded(&namespace.account),
            encoded(&namespace.namespace),
        );
        base.parse::<Uri>().map_err(|error| StoreError::Refused(format!("`{base}` is no address: {error}")))?;
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect::<rustls::RootCertStore>();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, base, authorization: format!("Bearer {}", namespace.token) })
    }

    pub(super) async fn value(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        self.ask(Method::GET, &format!("values/{}", encoded(name)), None).await
    }

    pub(super) async fn metadata(&self, name: &str) -> Result<Option<String>, StoreError> {
        let Some(body) = self.ask(Method::GET, &format!("metadata/{}", encoded(name)), None).await? else {
            return Ok(None);
        };
        Ok(parse::<Metadata>(&body)?.result.map(|metadata| metadata.about))
    }

    pub(super) async fn put(&self, name: &str, value: &[u8], about: &str, keep: Duration) -> Result<(), StoreError> {
        let metadata = json(&Metadata { about: about.to_owned() })?;
        // A line that neither has: the digest of both.
        let mut digest = blake3::Hasher::new();
        let boundary = digest.update(value).update(metadata.as_bytes()).finalize().to_hex();
        let mut body = Vec::with_capacity(value.len() + metadata.len() + 512);
        for (part, bytes) in [("metadata", metadata.as_bytes()), ("value", value)] {
            let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{part}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let target = format!("values/{}?expiration_ttl={}", encoded(name), keep.as_secs());
        self.ask(Method::PUT, &target, Some((format!("multipart/form-data; boundary={boundary}"), body))).await?;
        Ok(())
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.ask(Method::DELETE, &format!("values/{}", encoded(name)), None).await?;
        Ok(())
    }

    pub(super) async fn delete_all(&self, names: &[String]) -> Result<(), StoreError> {
        for names in names.chunks(AT_ONCE) {
            let body = Some(("application/json".to_owned(), json(&names)?.into_bytes()));
            let answer = self.ask(Method::POST, "bulk/delete", body).await?.unwrap_or_default();
            let left = parse::<Deleted>(&answer)?.result.map_or(0, |deleted| deleted.unsuccessful_keys.len());
            if left > 0 {
                return Err(StoreError::Refused(format!("{left} names were not deleted")));
            }
        }
        Ok(())
    }

    /// What is kept beside each value whose name begins so.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut listed = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut target = format!("keys?limit=1000&prefix={}", encoded(prefix));
            if !cursor.is_empty() {
                let _ = write!(target, "&cursor={}", encoded(&cursor));
            }
            let body = self.ask(Method::GET, &target, None).await?.unwrap_or_default();
            let page = parse::<Vec<Listed>>(&body)?;
            let found = page.result.into_iter().flatten();
            listed.extend(found.filter_map(|key| Some((key.name, key.metadata?.about))));
            cursor = page.result_info.map_or_else(String::new, |info| info.cursor);
            if cursor.is_empty() {
                return Ok(listed);
            }
        }
    }

    /// The body of what is there; `None` if nothing is.
    async fn ask(
        &self,
        method: Method,
        target: &str,
        body: Option<(String, Vec<u8>)>,
    ) -> Result<Option<Bytes>, StoreError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{target}", self.base))
            .header(AUTHORIZATION, &self.authorization);
        if let Some((kind, _)) = &body {
            request = request.header(CONTENT_TYPE, kind);
        }
        let body = Full::new(body.map_or_else(Bytes::new, |(_, bytes)| Bytes::from(bytes)));
        let request = request.body(body).map_err(|error| StoreError::Refused(error.to_string()))?;
        let answer = self.client.request(request).await.map_err(|error| unavailable(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| StoreError::Unavailable(error.to_string()))?.to_bytes();
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(body)),
            status => Err(refusal(status, &body)),
        }
    }
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn from_hex(text: &str) -> Option<Bytes> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect::<Option<Vec<u8>>>()
        .map(Bytes::from)
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

fn parse<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<Envelope<T>, StoreError> {
    serde_json::from_slice(body)
        .map_err(|error| StoreError::Corrupt(format!("the answer is not as documented: {error}")))
}

fn unavailable(error: &hyper_util::client::legacy::Error) -> StoreError {
    let reason = std::error::Error::source(error).map(ToString::to_string);
    StoreError::Unavailable(reason.unwrap_or_else(|| error.to_string()))
}

fn refusal(status: StatusCode, body: &[u8]) -> StoreError {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or(Refusal { errors: Vec::new() });
    let reasons = refusal.errors.iter().map(|reason| format!(": {} ({})", reason.message, reason.code));
    let text = reasons.fold(status.to_string(), |text, reason| text + &reason);
    // What is too much or broken now may be well later.
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        StoreError::Unavailable(text)
    } else {
        StoreError::Refused(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_back_and_nothing_else_is() {
        let bytes = Bytes::from_static(&[0, 9, 10, 0xff]);
        assert_eq!(to_hex(&bytes), "00090aff");
        assert_eq!(from_hex("00090aff"), Some(bytes));
        for text in ["0", "0g", "+1", "é"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
