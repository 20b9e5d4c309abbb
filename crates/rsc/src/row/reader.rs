//! Takes a stream apart, within limits.

use bytes::{Buf as _, Bytes, BytesMut};
use thiserror::Error;

use super::{MAX_DIGITS, Row, RowTag};

/// What a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one row's payload.
    pub max_row_bytes: usize,
    /// Rows of a stream.
    pub max_rows: usize,
    /// Hexadecimal digits of an id; more than 8 are never accepted.
    pub max_id_digits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_row_bytes: 64 * 1024 * 1024, max_rows: 1_000_000, max_id_digits: MAX_DIGITS }
    }
}

/// A stream that is not Flight, or too much of it. `row` is how many rows came before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RowError {
    /// A row that does not start with lower-case hexadecimal digits and a colon.
    #[error("row {row} has a malformed id")]
    MalformedId {
        /// Which row.
        row: usize,
    },
    /// A row whose length is not lower-case hexadecimal digits and a comma.
    #[error("row {row} has a malformed length")]
    MalformedLength {
        /// Which row.
        row: usize,
    },
    /// A row that is longer than allowed.
    #[error("row {row} is longer than {limit} bytes")]
    TooLong {
        /// Which row.
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

/// Takes a stream, cut anywhere, apart into rows.
///
/// An error is final: the reader keeps giving it, as nobody can tell where the next row starts.
#[derive(Debug)]
pub struct RowReader {
    limits: Limits,
    buffer: BytesMut,
    rows: usize,
    /// How much of the buffer is known to have no newline, so that a row in many chunks is searched once.
    searched: usize,
}

/// Where a payload lies in the buffer.
struct Extent {
    start: usize,
    length: usize,
    /// Bytes that end the row.
    end: usize,
}

impl RowReader {
    /// A reader with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffer: BytesMut::new(), rows: 0, searched: 0 }
    }

    /// Adds bytes of the stream. Take the rows out after each, as only then are the limits looked at.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Whether bytes wait that are no row yet: at the end of a stream, that it was cut off.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next row; `None` when it has not arrived as a whole.
    pub fn next_row(&mut self) -> Result<Option<Row>, RowError> {
        let row = self.rows;
        if row >= self.limits.max_rows && self.has_rest() {
            return Err(RowError::TooMany { limit: self.limits.max_rows });
        }
        let max_digits = self.limits.max_id_digits.min(MAX_DIGITS);
        let Some(number) =
            number(&self.buffer, b':', max_digits).map_err(|MalformedNumber| RowError::MalformedId { row })?
        else {
            return Ok(None);
        };
        let start = number.digits + 1;
        let Some(&first) = self.buffer.get(start) else { return Ok(None) };
        let (tag, start) = RowTag::new(first).map_or((RowTag::MODEL, start), |tag| (tag, start + 1));
        let Some(extent) = self.extent(tag, start)? else { return Ok(None) };
        let payload = self.take(&extent);
        Ok(Some(Row { id: number.value, tag, payload }))
    }

    fn extent(&mut self, tag: RowTag, start: usize) -> Result<Option<Extent>, RowError> {
        let row = self.rows;
        let limit = self.limits.max_row_bytes;
        if tag.has_length() {
            let malformed = |MalformedNumber| RowError::MalformedLength { row };
            let Some(number) = number(&self.buffer[start..], b',', MAX_DIGITS).map_err(malformed)? else {
                return Ok(None);
            };
            let length = number.value.ok_or(RowError::MalformedLength { row })? as usize;
            if length > limit {
                return Err(RowError::TooLong { row, limit });
            }
            let start = start + number.digits + 1;
            let has_arrived = self.buffer.len() - start >= length;
            return Ok(has_arrived.then_some(Extent { start, length, end: 0 }));
        }
        let from = self.searched.max(start);
        let found = memchr::memchr(b'\n', &self.buffer[from..]).map(|found| from + found);
        let length = found.unwrap_or(self.buffer.len()) - start;
        if length > limit {
            return Err(RowError::TooLong { row, limit });
        }
        self.searched = self.buffer.len();
        Ok(found.map(|_| Extent { start, length, end: 1 }))
    }

    fn take(&mut self, extent: &Extent) -> Bytes {
        self.buffer.advance(extent.start);
        let payload = self.buffer.split_to(extent.length).freeze();
        self.buffer.advance(extent.end);
        self.rows += 1;
        self.searched = 0;
        payload
    }
}

struct Number {
    /// `None` if there are no digits.
    value: Option<u32>,
    digits: usize,
}

struct MalformedNumber;

/// The hexadecimal number that `end` follows; `None` when it is not complete.
///
/// Upper-case digits are refused: React does not write them, and reads them as other numbers than anybody else.
fn number(bytes: &[u8], end: u8, max_digits: usize) -> Result<Option<Number>, MalformedNumber> {
    let mut value: u32 = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte == end {
            return Ok(Some(Number { value: (index > 0).then_some(value), digits: index }));
        }
        if index >= max_digits {
            return Err(MalformedNumber);
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return Err(MalformedNumber),
        };
        value = value << 4 | u32::from(digit);
    }
    Ok(None)
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
            assert_eq!((rows[0].id, rows[0].tag, &rows[0].payload[..]), (Some(10), RowTag::MODEL, model.as_bytes()));
        }
    }

    #[test]
    fn a_hint_has_no_id() {
        let rows = read(b":HL[\"/a.css\",\"style\"]\n0:1\n", Limits::default()).unwrap();
        assert_eq!((rows[0].id, rows[0].tag.character()), (None, Some(b'H')));
        assert_eq!(&rows[0].payload[..], b"L[\"/a.css\",\"style\"]");
        assert_eq!(rows[1].id, Some(0));
    }

    #[test]
    fn a_row_may_be_empty() {
        let rows = read(b"1:C\n2:\n3:T0,4:1\n", Limits::default()).unwrap();
        assert!(rows[..3].iter().all(|row| row.payload.is_empty()));
        assert_eq!((rows[1].tag, rows[3].id), (RowTag::MODEL, Some(4)));
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        for (bytes, error) in [
            (&b"xyz"[..], RowError::MalformedId { row: 0 }),
            (b"A:1\n", RowError::MalformedId { row: 0 }),
            (b"123456789:1\n", RowError::MalformedId { row: 0 }),
            (b"1:1\n?", RowError::MalformedId { row: 1 }),
            (b"1:Tzz,", RowError::MalformedLength { row: 0 }),
            (b"1:T,", RowError::MalformedLength { row: 0 }),
            (b"1:T000000001,a", RowError::MalformedLength { row: 0 }),
        ] {
            assert_eq!(read(bytes, Limits::default()), Err(error), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn limits_hold_before_the_bytes_arrive() {
        let limits = Limits { max_row_bytes: 4, max_rows: 1, max_id_digits: 2 };
        assert_eq!(read(b"1:T5,", limits), Err(RowError::TooLong { row: 0, limit: 4 }));
        assert_eq!(read(b"1:\"aaaaaa", limits), Err(RowError::TooLong { row: 0, limit: 4 }));
        assert_eq!(read(b"1:1\n2", limits), Err(RowError::TooMany { limit: 1 }));
        assert_eq!(read(b"123", limits), Err(RowError::MalformedId { row: 0 }));
        assert_eq!(read(b"12:1234\n", limits).unwrap().len(), 1);
    }
}
