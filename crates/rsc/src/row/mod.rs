//! Rows of a Flight stream.
//!
//! A row is `<id>:<tag><payload>\n`, with the id in hexadecimal. Rows of text and of binary data say how long they are
//! instead of ending in a newline: `<id>:T<length>,<bytes>`. A row without a tag is a model: JSON. A row that nothing
//! refers to, such as a hint to load a style sheet, has no id.
//!
//! The rules are exactly those of React's own reader, so that what is checked here is what React will see.
//!
//! ```
//! use vinext_rsc::row::{Limits, RowReader, RowTag};
//!
//! let mut reader = RowReader::new(Limits::default());
//! reader.push(b"0:{\"a\":\"$1\"}\n1:T5,hel");
//! let row = reader.next_row()?.expect("the first row is complete");
//! assert_eq!((row.id, row.tag, &row.payload[..]), (Some(0), RowTag::MODEL, &b"{\"a\":\"$1\"}"[..]));
//! assert!(reader.next_row()?.is_none());
//! reader.push(b"lo");
//! assert_eq!(&reader.next_row()?.expect("the second row is complete").payload[..], b"hello");
//! # Ok::<(), vinext_rsc::row::RowError>(())
//! ```

mod reader;
mod writer;

use bytes::Bytes;

pub use reader::{Limits, RowError, RowReader};
pub use writer::{RowWriter, WriteError};

/// The most hexadecimal digits of an id or a length: what React's 32-bit arithmetic holds.
const MAX_DIGITS: usize = 8;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What other rows refer to it by; rows that nothing refers to have none.
    pub id: Option<u32>,
    /// What it is.
    pub tag: RowTag,
    /// Its content.
    pub payload: Bytes,
}

/// What a row is: a character of React's, or nothing for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowTag(Option<u8>);

impl RowTag {
    /// JSON: the rows without a tag.
    pub const MODEL: Self = Self(None);

    /// The tag of a character; `None` if React has no such tag, and a row that starts with it is a model.
    #[must_use]
    pub const fn new(character: u8) -> Option<Self> {
        let tag = Self(Some(character));
        if tag.has_length() || matches!(character, b'A'..=b'Z' | b'#' | b'r' | b'x') { Some(tag) } else { None }
    }

    /// The character; a model has none.
    #[must_use]
    pub const fn character(self) -> Option<u8> {
        self.0
    }

    /// Whether rows of this tag say their length: text, and the kinds of binary data.
    #[must_use]
    pub const fn has_length(self) -> bool {
        matches!(
            self.0,
            Some(
                b'T' | b'A' | b'O' | b'o' | b'U' | b'S' | b's' | b'L' | b'l' | b'G' | b'g' | b'M' | b'm' | b'V' | b'b'
            )
        )
    }
}
