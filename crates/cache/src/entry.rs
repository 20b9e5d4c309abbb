//! What is stored.

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::policy::CachePolicy;
use crate::response::StorableResponse;
use crate::tags::Stamp;

/// Whether an entry may be served. In order: the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// As it is.
    Fresh,
    /// Once more, while it is made anew.
    Stale,
    /// Not any more.
    Expired,
}

/// What an entry holds.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
// An entry is behind an `Arc`: its size is moved once.
#[allow(clippy::large_enum_variant)]
pub enum Value {
    /// A response.
    Response(StorableResponse),
    /// Bytes that only the caller understands: a value of the data cache.
    Data(Bytes),
}

impl Value {
    /// Bytes it takes in memory.
    pub(crate) fn weight(&self) -> u64 {
        const OVERHEAD: u64 = 128;
        match self {
            Self::Response(response) => response.weight(),
            Self::Data(data) => data.len() as u64 + OVERHEAD,
        }
    }
}

impl From<StorableResponse> for Value {
    fn from(response: StorableResponse) -> Self {
        Self::Response(response)
    }
}

impl From<Bytes> for Value {
    fn from(data: Bytes) -> Self {
        Self::Data(data)
    }
}

/// A stored value.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    value: Value,
    policy: CachePolicy,
    stored_at: Timestamp,
    /// When its making began, so that an invalidation in the meantime holds.
    begun: Stamp,
}

impl Entry {
    /// A value that was made at `made_at`, for instance by a build. What a cache makes comes from a
    /// [`FillGuard`](crate::FillGuard), which knows what was invalidated in the meantime.
    #[must_use]
    pub fn prerendered(value: impl Into<Value>, policy: CachePolicy, made_at: Timestamp) -> Self {
        Self::new(value.into(), policy, made_at, Stamp::at(made_at))
    }

    /// A value as a store has kept it, with the times that the entry had when it was given to the store.
    #[must_use]
    pub fn kept(value: impl Into<Value>, policy: CachePolicy, stored_at: Timestamp, begun: Stamp) -> Self {
        Self::new(value.into(), policy, stored_at, begun)
    }

    pub(crate) const fn new(value: Value, policy: CachePolicy, stored_at: Timestamp, begun: Stamp) -> Self {
        Self { value, policy, stored_at, begun }
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// The response, if it is one.
    #[must_use]
    pub const fn response(&self) -> Option<&StorableResponse> {
        match &self.value {
            Value::Response(response) => Some(response),
            Value::Data(_) => None,
        }
    }

    /// The data, if it is that.
    #[must_use]
    pub const fn data(&self) -> Option<&Bytes> {
        match &self.value {
            Value::Data(data) => Some(data),
            Value::Response(_) => None,
        }
    }

    /// Its policy.
    #[must_use]
    pub const fn policy(&self) -> &CachePolicy {
        &self.policy
    }

    /// When it was stored.
    #[must_use]
    pub const fn stored_at(&self) -> Timestamp {
        self.stored_at
    }

    /// When its making began, in the order of invalidations.
    #[must_use]
    pub const fn begun(&self) -> Stamp {
        self.begun
    }

    /// Whether it was made at the same time as `other` of the same key, which makes them one.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        (self.stored_at, self.begun) == (other.stored_at, other.begun)
    }

    /// What its age makes of it at `now`. [`Cache::freshness`](crate::Cache::freshness) knows the tags, too.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        self.policy.freshness(now.since(self.stored_at))
    }
}
