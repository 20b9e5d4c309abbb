//! Responses that may be given to anybody.

use std::any::Any;
use std::sync::OnceLock;

use bytes::Bytes;
use thiserror::Error;

/// Headers that belong to one connection or one request.
const PER_REQUEST: [&str; 13] = [
    "age",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Two encodings of a document, and of its payload.
const ENCODED: usize = 4;
const PARTIAL_CONTENT: u16 = 206;
const NOT_MODIFIED: u16 = 304;

/// Why a response cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotStorable {
    /// It sets a cookie, which is for one visitor.
    #[error("the response sets a cookie")]
    SetCookie,
    /// It has a header of one connection or one request.
    #[error("the response has the header `{0}`, which belongs to one request")]
    PerRequestHeader(String),
    /// It has a header that could not be sent as it is.
    #[error("the response has a malformed header `{0}`")]
    MalformedHeader(String),
    /// It reports a failure, or is only a part of an answer.
    #[error("the response has status {0}")]
    Status(u16),
    /// It has no body.
    #[error("the response is empty")]
    Empty,
}

/// A whole response that anybody may be given.
///
/// [`StorableResponse::new`] is the only way to one, and refuses what is for one visitor. No field is written past it:
///
/// ```compile_fail,E0451
/// use vinext_cache::StorableResponse;
///
/// fn with_cookie(response: StorableResponse) -> StorableResponse {
///     StorableResponse { headers: vec![("set-cookie".to_owned(), "session=1".to_owned())], ..response }
/// }
/// ```
///
/// No header is added later:
///
/// ```compile_fail,E0599
/// use vinext_cache::StorableResponse;
///
/// fn add_cookie(response: &mut StorableResponse) {
///     response.headers().push(("set-cookie".to_owned(), "session=1".to_owned()));
/// }
/// ```
///
/// A body that may still break off is none:
///
/// ```compile_fail,E0308
/// use bytes::Bytes;
/// use vinext_cache::{NotStorable, StorableResponse};
///
/// fn unfinished(body: std::io::Result<Bytes>) -> Result<StorableResponse, NotStorable> {
///     StorableResponse::new(200, [("content-type", "text/html")], body)
/// }
/// ```
///
/// And a store is filled with no response that has not been through it:
///
/// ```compile_fail,E0277
/// use bytes::Bytes;
/// use vinext_cache::{CachePolicy, FillGuard};
///
/// fn unchecked(guard: FillGuard, status: u16, headers: Vec<(String, String)>, body: Bytes) {
///     guard.fill((status, headers, body), CachePolicy::forever());
/// }
/// ```
#[derive(Debug)]
pub struct StorableResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    /// What else belongs to it, by name.
    parts: Vec<(String, Bytes)>,
    etag: String,
    encoded: [OnceLock<Bytes>; ENCODED],
    /// What a server has made of its head.
    prepared: OnceLock<Box<dyn Any + Send + Sync>>,
    /// Set once: a store that sums weights up must find the same one when the response leaves.
    weight: u64,
}

impl StorableResponse {
    /// How many encoded copies of the body and its parts a response has room for.
    pub const ENCODED: usize = ENCODED;

    /// Takes a response, or says why it cannot be stored. The body is whole: an aborted one never becomes `Bytes`.
    pub fn new<N: Into<String>, V: Into<String>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: Bytes,
    ) -> Result<Self, NotStorable> {
        if !(200..500).contains(&status) || matches!(status, PARTIAL_CONTENT | NOT_MODIFIED) {
            return Err(NotStorable::Status(status));
        }
        // A redirect says everything in its head, as do other answers that are not a success.
        if body.is_empty() && (200..300).contains(&status) {
            return Err(NotStorable::Empty);
        }
        let mut kept = Vec::new();
        for (name, value) in headers {
            let name = name.into().to_ascii_lowercase();
            if name == "set-cookie" || name == "set-cookie2" {
                return Err(NotStorable::SetCookie);
            }
            if PER_REQUEST.contains(&name.as_str()) {
                return Err(NotStorable::PerRequestHeader(name));
            }
            let value = value.into();
            if !is_token(&name) || value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
                return Err(NotStorable::MalformedHeader(name));
            }
            kept.push((name, value));
        }
        let etag = format!("\"{}\"", &blake3::hash(&body).to_hex()[..24]);
        let weight = weight(&kept, &body);
        let (encoded, prepared) = Default::default();
        Ok(Self { status, headers: kept, body, parts: Vec::new(), etag, encoded, prepared, weight })
    }

    /// Adds something that was made with the body and is as old as it is: a payload, a segment, a postponed state. A part
    /// of the same name gives way.
    #[must_use]
    pub fn with_part(mut self, name: impl Into<String>, bytes: Bytes) -> Self {
        let name = name.into();
        self.weight += (name.len() + bytes.len()) as u64;
        if let Some((_, old)) = self.parts.iter_mut().find(|(known, _)| *known == name) {
            self.weight -= (name.len() + old.len()) as u64;
            *old = bytes;
        } else {
            self.parts.push((name, bytes));
        }
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The headers, in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// What was added under a name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Bytes> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes)
    }

    /// Everything that was added.
    #[must_use]
    pub fn parts(&self) -> &[(String, Bytes)] {
        &self.parts
    }

    /// A strong entity tag of the body.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The body in an encoding of the caller's, made by the first who asks. `slot` numbers the encoding, below [`StorableResponse::ENCODED`].
    pub fn encoded(&self, slot: usize, encode: impl FnOnce(&Bytes) -> Bytes) -> Option<&Bytes> {
        self.encoded.get(slot).map(|encoded| encoded.get_or_init(|| encode(&self.body)))
    }

    /// What the caller makes of the head, in types of its own: made by the first who asks. `None` if that was of another type.
    pub fn prepared<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Option<&T> {
        self.prepared.get_or_init(|| Box::new(make(self))).downcast_ref()
    }

    /// Bytes it takes in memory.
    pub(crate) const fn weight(&self) -> u64 {
        self.weight
    }
}

impl PartialEq for StorableResponse {
    /// What follows from the rest is not compared.
    fn eq(&self, other: &Self) -> bool {
        (self.status, &self.headers, &self.body, &self.parts)
            == (other.status, &other.headers, &other.body, &other.parts)
    }
}

impl Eq for StorableResponse {}

/// Everything, and as much again for what comes later: encoded copies of the body (text shrinks to a third or less), and
/// the head as a server prepares it.
fn weight(headers: &[(String, String)], body: &Bytes) -> u64 {
    const OVERHEAD: usize = 256;
    let headers: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    (2 * (body.len() + headers) + OVERHEAD) as u64
}

/// Whether `name` is a header's name, see <https://httpwg.org/specs/rfc9110.html#tokens>.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_head_is_prepared_once_for_whoever_asks_first() {
        let response = StorableResponse::new(200, [("x-own", "1")], Bytes::from_static(b"body")).unwrap();
        let names = |response: &StorableResponse| response.headers().len();
        assert_eq!(response.prepared(names), Some(&1));
        assert_eq!(response.prepared(|_| 2_usize), Some(&1));
        assert_eq!(response.prepared(|_| "another type"), None);
    }
}
