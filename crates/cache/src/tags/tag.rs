//! The names by which entries are invalidated.

use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// A name by which entries are invalidated: at most [`Tag::MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Arc<str>);

/// A tag that is longer than tags are, or empty.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a tag has between 1 and {max} bytes, this one has {0}", max = Tag::MAX)]
pub struct TagError(usize);

impl Tag {
    /// The most bytes of a tag: enough for the path of a page, of which each byte may be written as three.
    pub const MAX: usize = 16 * 1024;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        if (1..=Self::MAX).contains(&text.len()) { Ok(Self(text.into())) } else { Err(TagError(text.len())) }
    }
}
