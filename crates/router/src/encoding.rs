//! Percent-encoding of one path segment: the one place where bytes of a URL become text and back.
//!
//! The canonical form of a segment leaves RFC 3986's `pchar` as it is (unreserved characters, sub-delimiters, `:` and
//! `@`) and writes every other byte as `%XX` with upper-case digits. So `/`, `\`, `#`, `?` and `%` can only ever appear
//! encoded, and two spellings of one segment have one canonical form.

/// Why a segment cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// `%` without two hexadecimal digits.
    Escape,
    /// The decoded bytes are not UTF-8.
    Utf8,
    /// The decoded text contains a control character.
    Control,
}

const LITERAL: [bool; 256] = literal_table();

const fn literal_table() -> [bool; 256] {
    let mut table = [false; 256];
    let literals = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@";
    let mut index = 0;
    while index < literals.len() {
        table[literals[index] as usize] = true;
        index += 1;
    }
    table
}

/// True for the bytes that a canonical segment contains as they are.
pub(crate) const fn is_literal(byte: u8) -> bool {
    LITERAL[byte as usize]
}

/// Decodes `segment` once into `out`, which is cleared first.
pub(crate) fn decode_segment(segment: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    out.clear();
    let mut bytes = segment.iter().copied();
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'%' {
            let (Some(high), Some(low)) = (bytes.next().and_then(hex_value), bytes.next().and_then(hex_value)) else {
                return Err(DecodeError::Escape);
            };
            high << 4 | low
        } else {
            byte
        };
        if decoded.is_ascii_control() {
            return Err(DecodeError::Control);
        }
        out.push(decoded);
    }
    std::str::from_utf8(out).map(|_| ()).map_err(|_| DecodeError::Utf8)
}

/// Appends the canonical form of the decoded bytes to `out`.
pub(crate) fn encode_segment(decoded: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in decoded {
        if is_literal(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(segment: &str) -> Result<String, DecodeError> {
        let (mut decoded, mut out) = (Vec::new(), String::new());
        decode_segment(segment.as_bytes(), &mut decoded)?;
        encode_segment(&decoded, &mut out);
        Ok(out)
    }

    #[test]
    fn separators_and_percent_stay_encoded() {
        assert_eq!(canonical("%2f%5c%23%3f%25").as_deref(), Ok("%2F%5C%23%3F%25"));
    }

    #[test]
    fn unreserved_characters_are_decoded() {
        assert_eq!(canonical("%7Euser%2D%61%5F.%40").as_deref(), Ok("~user-a_.@"));
    }

    #[test]
    fn text_that_is_not_ascii_has_one_spelling() {
        assert_eq!(canonical("caf%c3%a9"), canonical("café"));
        assert_eq!(canonical("café").as_deref(), Ok("caf%C3%A9"));
    }

    #[test]
    fn broken_escapes_are_refused() {
        for segment in ["%", "%2", "%zz", "%2g", "a%", "%%41"] {
            assert_eq!(canonical(segment), Err(DecodeError::Escape), "{segment}");
        }
    }

    #[test]
    fn decoding_happens_once() {
        assert_eq!(canonical("%252F").as_deref(), Ok("%252F"));
    }

    #[test]
    fn control_characters_and_foreign_encodings_are_refused() {
        assert_eq!(canonical("%00"), Err(DecodeError::Control));
        assert_eq!(canonical("a\nb"), Err(DecodeError::Control));
        assert_eq!(canonical("%7f"), Err(DecodeError::Control));
        assert_eq!(canonical("%ff"), Err(DecodeError::Utf8));
    }
}
