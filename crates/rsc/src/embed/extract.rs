//! Reads the Flight stream of a document back: the inverse of embedding, for tests and tools.

use memchr::memmem;
use thiserror::Error;

use super::{BINARY, PUSH_END, SCRIPT_END, TEXT};

/// A document whose scripts are not what an embedder writes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExtractError {
    /// A script that does not end.
    #[error("the script at byte {offset} does not end")]
    Unterminated {
        /// Where its content starts.
        offset: usize,
    },
    /// A string literal that is none.
    #[error("the string at byte {offset} is malformed")]
    Malformed {
        /// Where it starts.
        offset: usize,
    },
}

/// The Flight bytes that `html` carries.
pub fn extract_embedded(html: &[u8]) -> Result<Vec<u8>, ExtractError> {
    let mut flight = Vec::new();
    let mut at = 0;
    while let Some(found) = memmem::find(&html[at..], b"self.__next_f.push([") {
        let start = at + found;
        let is_text = html[start..].starts_with(TEXT);
        if !is_text && !html[start..].starts_with(BINARY) {
            at = start + TEXT.len();
            continue;
        }
        let content = start + TEXT.len();
        let length =
            memmem::find(&html[content..], SCRIPT_END).ok_or(ExtractError::Unterminated { offset: content })?;
        let literal = html[content..content + length]
            .strip_suffix(PUSH_END)
            .and_then(|literal| literal.strip_prefix(b"\""))
            .and_then(|literal| literal.strip_suffix(b"\""))
            .ok_or(ExtractError::Malformed { offset: content })?;
        let decoded = if is_text { unescape(literal, &mut flight) } else { decode_base64(literal, &mut flight) };
        decoded.ok_or(ExtractError::Malformed { offset: content })?;
        at = content + length;
    }
    Ok(flight)
}

fn unescape(literal: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = literal;
    while let Some(escape) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..escape]);
        let (&kind, after) = rest[escape + 1..].split_first()?;
        rest = after;
        match kind {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'"' | b'\\' => out.push(kind),
            b'u' => {
                let digits = std::str::from_utf8(rest.get(..4)?).ok()?;
                let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[4..];
            }
            _ => return None,
        }
    }
    out.extend_from_slice(rest);
    Some(())
}

fn decode_base64(literal: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !literal.len().is_multiple_of(4) {
        return None;
    }
    for group in literal.chunks(4) {
        let padding = group.iter().rev().take_while(|&&byte| byte == b'=').count();
        let mut bits = 0;
        for &byte in group {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' => 0,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(bytes.get(1..4_usize.checked_sub(padding)?)?);
    }
    Some(())
}
