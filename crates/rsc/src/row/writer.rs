//! Writes rows, and only such that are read back as they were.

use thiserror::Error;

use super::{Row, RowTag};

/// A row that cannot be written: a reader would see something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The payload would end before its end. Only rows with a length may have newlines.
    #[error("the payload has a newline at byte {offset}, which ends the row")]
    Newline {
        /// Where.
        offset: usize,
    },
    /// A model whose first character is a tag. JSON never starts with one.
    #[error("the model starts with `{}`, which is a tag", char::from(*.character))]
    LooksTagged {
        /// The character.
        character: u8,
    },
    /// The payload's length does not fit in 32 bits.
    #[error("the payload has {length} bytes, more than a row can say")]
    TooLong {
        /// The length.
        length: usize,
    },
}

/// Writes rows: the inverse of [`RowReader`](super::RowReader).
///
/// ```
/// use vinext_rsc::row::{Row, RowTag, RowWriter};
///
/// let mut writer = RowWriter::default();
/// writer.write(&Row { id: Some(10), tag: RowTag::MODEL, payload: "{}".into() })?;
/// assert_eq!(writer.into_bytes(), b"a:{}\n");
/// # Ok::<(), vinext_rsc::row::WriteError>(())
/// ```
#[derive(Debug, Default)]
pub struct RowWriter {
    out: Vec<u8>,
}

impl RowWriter {
    /// Adds a row. On an error nothing is added.
    pub fn write(&mut self, row: &Row) -> Result<(), WriteError> {
        if row.tag.has_length() {
            let length = row.payload.len();
            let length = u32::try_from(length).map_err(|_| WriteError::TooLong { length })?;
            self.start(row);
            self.out.extend_from_slice(format!("{length:x},").as_bytes());
            self.out.extend_from_slice(&row.payload);
            return Ok(());
        }
        if let Some(offset) = memchr::memchr(b'\n', &row.payload) {
            return Err(WriteError::Newline { offset });
        }
        if let (RowTag::MODEL, Some(&character)) = (row.tag, row.payload.first())
            && RowTag::new(character).is_some()
        {
            return Err(WriteError::LooksTagged { character });
        }
        self.start(row);
        self.out.extend_from_slice(&row.payload);
        self.out.push(b'\n');
        Ok(())
    }

    /// The stream.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn start(&mut self, row: &Row) {
        if let Some(id) = row.id {
            self.out.extend_from_slice(format!("{id:x}").as_bytes());
        }
        self.out.push(b':');
        self.out.extend(row.tag.character());
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_payload_cannot_smuggle_in_another_row() {
        let mut writer = RowWriter::default();
        let model = |payload: &'static str| Row { id: Some(1), tag: RowTag::MODEL, payload: Bytes::from(payload) };
        assert_eq!(writer.write(&model("1\n2:I[]")), Err(WriteError::Newline { offset: 1 }));
        assert_eq!(writer.write(&model("I[]")), Err(WriteError::LooksTagged { character: b'I' }));
        assert_eq!(writer.into_bytes(), b"");
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let error = WriteError::LooksTagged { character: b'I' };
        assert_eq!(error.to_string(), "the model starts with `I`, which is a tag");
    }
}
