//! Responses that may be given to anybody.

use std::sync::OnceLock;

use bytes::Bytes;
use thiserror::Error;

/// Headers that belong to one connection or one request.
const PER_REQUEST: [&str; 12] = [
    "age",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

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
    /// It reports a failure.
    #[error("the response has status {0}")]
    Status(u16),
    /// It has no body.
    #[error("the response is empty")]
    Empty,
}

/// A whole response that anybody may be given.
#[derive(Debug)]
pub struct StorableResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    etag: String,
    encoded: [OnceLock<Bytes>; 3],
}

impl StorableResponse {
    /// Takes a response, or says why it cannot be stored.
    pub fn new<N: Into<String>, V: Into<String>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: Bytes,
    ) -> Result<Self, NotStorable> {
        if !(200..500).contains(&status) {
            return Err(NotStorable::Status(status));
        }
        if body.is_empty() {
            return Err(NotStorable::Empty);
        }
        let mut kept = Vec::new();
        for (name, value) in headers {
            let name = name.into().to_ascii_lowercase();
            if name == "set-cookie" {
                return Err(NotStorable::SetCookie);
            }
            if PER_REQUEST.contains(&name.as_str()) {
                return Err(NotStorable::PerRequestHeader(name));
            }
            kept.push((name, value.into()));
        }
        let etag = format!("\"{}\"", &blake3::hash(&body).to_hex()[..24]);
        Ok(Self { status, headers: kept, body, etag, encoded: Default::default() })
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

    /// A strong entity tag of the body.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The body in an encoding of the caller's, made by the first who asks. `slot` numbers the encoding, below 3.
    pub fn encoded(&self, slot: usize, encode: impl FnOnce(&Bytes) -> Bytes) -> Option<&Bytes> {
        self.encoded.get(slot).map(|encoded| encoded.get_or_init(|| encode(&self.body)))
    }

    /// Bytes it takes in memory.
    pub(crate) fn weight(&self) -> u64 {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let encoded: usize = self.encoded.iter().filter_map(OnceLock::get).map(Bytes::len).sum();
        // Encoded copies come later; what text shrinks to is known well enough.
        (self.body.len() + encoded.max(self.body.len() / 2) + headers + 256) as u64
    }
}
