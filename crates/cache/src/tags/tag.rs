//! The names by which entries are invalidated.

use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

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
