//! What is stored, and for how long it is good.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::clock::Timestamp;
use crate::response::StorableResponse;
use crate::tags::{Generation, TagClocks};

/// A name by which entries are invalidated: at most 256 bytes, as in Next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Arc<str>);

/// A tag that is longer than tags are, or empty.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a tag has between 1 and 256 bytes, this one has {0}")]
pub struct TagError(usize);

impl Tag {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        if (1..=256).contains(&text.len()) { Ok(Self(text.into())) } else { Err(TagError(text.len())) }
    }
}

/// How long an entry is good, and what invalidates it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CachePolicy {
    revalidate: Option<Duration>,
    expire: Option<Duration>,
    tags: Vec<Tag>,
}

/// The most tags of one entry, as in Next.
const MAX_TAGS: usize = 128;

impl CachePolicy {
    /// Good until it is invalidated.
    #[must_use]
    pub fn forever() -> Self {
        Self::default()
    }

    /// Good for `after`; then served once more while it is made anew.
    #[must_use]
    pub fn revalidate(after: Duration) -> Self {
        Self { revalidate: Some(after), ..Self::default() }
    }

    /// Not served any more after `after`.
    #[must_use]
    pub fn expire(mut self, after: Duration) -> Self {
        self.expire = Some(after);
        self
    }

    /// Adds a tag. What is no tag, or one too many, is left out.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        if let Ok(tag) = tag.parse::<Tag>()
            && self.tags.len() < MAX_TAGS
            && !self.tags.contains(&tag)
        {
            self.tags.push(tag);
        }
        self
    }

    /// What age alone makes of an entry.
    #[must_use]
    pub fn freshness(&self, age: Duration) -> Freshness {
        if self.expire.is_some_and(|expire| age >= expire) {
            Freshness::Expired
        } else if self.revalidate.is_some_and(|revalidate| age >= revalidate) {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }

    /// The tags.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }
}

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

/// A stored response.
#[derive(Debug)]
pub struct Entry {
    response: StorableResponse,
    policy: CachePolicy,
    stored_at: Timestamp,
    /// When its making began, so that an invalidation in the meantime holds.
    begun: Generation,
}

impl Entry {
    pub(crate) fn new(
        response: StorableResponse,
        policy: CachePolicy,
        stored_at: Timestamp,
        begun: Generation,
    ) -> Self {
        Self { response, policy, stored_at, begun }
    }

    /// The response.
    #[must_use]
    pub const fn response(&self) -> &StorableResponse {
        &self.response
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

    /// Whether its tags and its age let it be served at `now`.
    #[must_use]
    pub fn freshness(&self, tags: &TagClocks, now: Timestamp) -> Freshness {
        tags.freshness(&self.policy.tags, self.begun).max(self.policy.freshness(now.since(self.stored_at)))
    }
}
