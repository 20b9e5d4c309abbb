//! Rows of a Flight stream.
//!
//! A row is `<id>:<tag><payload>\n`, with the id in hexadecimal. Rows of text and of binary data say how long they are
//! instead of ending in a newline: `<id>:T<length>,<bytes>`. A row without a tag is a model: JSON.
//!
//! ```
//! use vinext_rsc::row::{Limits, RowReader};
//!
//! let mut reader = RowReader::new(Limits::default());
//! reader.push(b"0:{\"a\":\"$1\"}\n1:T5,hel");
//! let row = reader.next_row()?.expect("the first row is complete");
//! assert_eq!((row.id, row.tag, &row.payload[..]), (0, None, &b"{\"a\":\"$1\"}"[..]));
//! assert!(reader.next_row()?.is_none());
//! reader.push(b"lo");
//! assert_eq!(&reader.next_row()?.expect("the second row is complete").payload[..], b"hello");
//! # Ok::<(), vinext_rsc::row::RowError>(())
//! ```

use bytes::{Buf as _, Bytes, BytesMut};
use thiserror::Error;

/// What a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one row.
    pub row_bytes: usize,
    /// Rows of a stream.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { row_bytes: 64 * 1024 * 1024, rows: 1_000_000 }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What other rows refer to it by.
    pub id: u32,
    /// What it is; `None` is a model.
    pub tag: Option<Tag>,
    /// Its content.
    pub payload: Bytes,
}

/// What a row is: a letter of React's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(u8);

impl Tag {
    /// The tag of a letter; `None` if rows have no such tag.
    #[must_use]
    pub fn new(letter: u8) -> Option<Self> {
        // A model starts with a character that JSON values start with; every other letter is a tag.
        let is_json = matches!(letter, b'"' | b'{' | b'[' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9');
        (letter.is_ascii_alphabetic() && !is_json).then_some(Self(letter))
    }

    /// The letter.
    #[must_use]
    pub fn letter(self) -> u8 {
        self.0
    }

    /// Whether rows of this tag say their length: text, and the kinds of binary data.
    #[must_use]
    pub fn has_length(self) -> bool {
        matches!(
            self.0,
            b'T' | b'A' | b'O' | b'o' | b'U' | b'S' | b's' | b'L' | b'l' | b'G' | b'g' | b'M' | b'm' | b'V' | b'b'
        )
    }
}

/// A stream that is not Flight, or too much of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowError {
    /// A row that does not start with an id.
    #[error("row {row} has no id")]
    NoId {
        /// How many rows came before.
        row: usize,
    },
    /// A row with a malformed length.
    #[error("row {row} has no length")]
    NoLength {
        /// How many rows came before.
        row: usize,
    },
    /// A row that is longer than allowed.
    #[error("row {row} is longer than {limit} bytes")]
    TooLong {
        /// How many rows came before.
        row: usize,
        /// The limit.
        limit: usize,
    },
    /// More rows than allowed.
    #[error("there are more than {limit} rows")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

/// The most digits of an id and of a length.
const DIGITS: usize = 8;

/// Takes a stream, cut anywhere, apart into rows.
#[derive(Debug)]
pub struct RowReader {
    limits: Limits,
    buffer: BytesMut,
    rows: usize,
    /// How much of the buffer is known to have no newline.
    searched: usize,
}

impl RowReader {
    /// A reader with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffer: BytesMut::new(), rows: 0, searched: 0 }
    }

    /// Adds bytes of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Whether bytes wait that are no row yet.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next row; `None` when it has not arrived as a whole.
    pub fn next_row(&mut self) -> Result<Option<Row>, RowError> {
        let row = self.rows;
        let Some((id, digits)) = number(&self.buffer, b':', &RowError::NoId { row })? else {
            return Ok(None);
        };
        let Some(&first) = self.buffer.get(digits + 1) else { return Ok(None) };
        if row >= self.limits.rows {
            return Err(RowError::TooMany { limit: self.limits.rows });
        }
        let tag = Tag::new(first);
        let start = digits + 1 + usize::from(tag.is_some());
        let Some((start, length, end)) = self.extent(tag, start)? else { return Ok(None) };
        self.buffer.advance(start);
        let payload = self.buffer.split_to(length).freeze();
        self.buffer.advance(end);
        self.rows += 1;
        self.searched = 0;
        Ok(Some(Row { id, tag, payload }))
    }

    /// Where the payload starts, how long it is, and how many bytes end it.
    fn extent(&mut self, tag: Option<Tag>, start: usize) -> Result<Option<(usize, usize, usize)>, RowError> {
        let row = self.rows;
        let too_long = RowError::TooLong { row, limit: self.limits.row_bytes };
        if tag.is_some_and(Tag::has_length) {
            let Some((length, digits)) = number(&self.buffer[start..], b',', &RowError::NoLength { row })? else {
                return Ok(None);
            };
            let length = length as usize;
            if length > self.limits.row_bytes {
                return Err(too_long);
            }
            let start = start + digits + 1;
            return Ok((self.buffer.len() >= start + length).then_some((start, length, 0)));
        }
        let from = self.searched.max(start);
        match memchr::memchr(b'\n', &self.buffer[from..]) {
            Some(found) if from + found - start > self.limits.row_bytes => Err(too_long),
            Some(found) => Ok(Some((start, from + found - start, 1))),
            None if self.buffer.len() - start > self.limits.row_bytes => Err(too_long),
            None => {
                self.searched = self.buffer.len();
                Ok(None)
            }
        }
    }
}

/// A hexadecimal number that `end` follows, and how many digits it has; `None` when it is not complete.
fn number(bytes: &[u8], end: u8, error: &RowError) -> Result<Option<(u32, usize)>, RowError> {
    let mut value: u32 = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte == end && index > 0 {
            return Ok(Some((value, index)));
        }
        let digit = char::from(byte).to_digit(16).filter(|_| index < DIGITS).ok_or_else(|| error.clone())?;
        value = value << 4 | digit;
    }
    Ok(None)
}

/// Writes rows: the inverse of [`RowReader`].
#[derive(Debug, Default)]
pub struct RowWriter {
    out: Vec<u8>,
}

impl RowWriter {
    /// Adds a row. The payload of a row without length must not have a newline: JSON has none.
    pub fn write(&mut self, row: &Row) {
        self.out.extend_from_slice(format!("{:x}:", row.id).as_bytes());
        if let Some(tag) = row.tag {
            self.out.push(tag.letter());
            if tag.has_length() {
                self.out.extend_from_slice(format!("{:x},", row.payload.len()).as_bytes());
                self.out.extend_from_slice(&row.payload);
                return;
            }
        }
        self.out.extend_from_slice(&row.payload);
        self.out.push(b'\n');
    }

    /// The stream.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(bytes: &[u8], limits: Limits) -> Result<Vec<Row>, RowError> {
        let mut reader = RowReader::new(limits);
        reader.push(bytes);
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            rows.push(row);
        }
        Ok(rows)
    }

    #[test]
    fn a_model_may_start_with_every_character_that_json_starts_with() {
        for model in ["{}", "[]", "\"a\"", "true", "false", "null", "-1", "0"] {
            let rows = read(format!("a:{model}\n").as_bytes(), Limits::default()).unwrap();
            assert_eq!((rows[0].id, rows[0].tag, &rows[0].payload[..]), (10, None, model.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        for (bytes, error) in [
            (&b":1\n"[..], RowError::NoId { row: 0 }),
            (b"xyz", RowError::NoId { row: 0 }),
            (b"123456789:1\n", RowError::NoId { row: 0 }),
            (b"1:Tzz,", RowError::NoLength { row: 0 }),
        ] {
            assert_eq!(read(bytes, Limits::default()), Err(error));
        }
    }

    #[test]
    fn limits_hold_before_the_bytes_arrive() {
        let limits = Limits { row_bytes: 4, rows: 1 };
        assert_eq!(read(b"1:T5,", limits), Err(RowError::TooLong { row: 0, limit: 4 }));
        assert_eq!(read(b"1:\"aaaaaa", limits), Err(RowError::TooLong { row: 0, limit: 4 }));
        assert_eq!(read(b"1:1\n2:2\n", limits), Err(RowError::TooMany { limit: 1 }));
    }
}
