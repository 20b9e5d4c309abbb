//! Reads the Flight stream of a document back: the inverse of embedding, for tests and tools.

use std::ops::Range;

use memchr::memmem;
use thiserror::Error;

use super::{BINARY, PUSH_END, SCRIPT_END, TEXT};

const SCRIPT: &[u8] = b"<script";

/// A document whose scripts are not what an embedder writes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExtractError {
    /// A script that does not end.
    #[error("the script at byte {offset} does not end")]
    Unterminated {
        /// Where its tag's name ends.
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
///
/// Only scripts are looked at, and only such that start as an embedder's do: text of the page that shows one is text.
pub fn extract_embedded(html: &[u8]) -> Result<Vec<u8>, ExtractError> {
    let mut flight = Vec::new();
    let mut at = 0;
    while let Some(script) = next_script(html, at)? {
        let content = &html[script.clone()];
        at = script.end;
        let (is_text, literal) = match (content.strip_prefix(TEXT.as_bytes()), content.strip_prefix(BINARY.as_bytes()))
        {
            (Some(literal), _) => (true, literal),
            (_, Some(literal)) => (false, literal),
            (None, None) => continue,
        };
        let malformed = ExtractError::Malformed { offset: script.start + TEXT.len() };
        let decoded = literal
            .strip_suffix(PUSH_END.as_bytes())
            .and_then(|literal| literal.strip_prefix(b"\""))
            .and_then(|literal| literal.strip_suffix(b"\""))
            .and_then(
                |literal| if is_text { unescape(literal, &mut flight) } else { decode_base64(literal, &mut flight) },
            );
        decoded.ok_or(malformed)?;
    }
    Ok(flight)
}

/// The content of the first script element from `at` on.
fn next_script(html: &[u8], mut at: usize) -> Result<Option<Range<usize>>, ExtractError> {
    while let Some(found) = memmem::find(&html[at..], SCRIPT) {
        let name_end = at + found + SCRIPT.len();
        at = name_end;
        // `<scripted>` is another element.
        if html.get(name_end).is_some_and(|byte| *byte != b'>' && !byte.is_ascii_whitespace()) {
            continue;
        }
        let unterminated = ExtractError::Unterminated { offset: name_end };
        let tag_end = memchr::memchr(b'>', &html[name_end..]).ok_or(unterminated.clone())?;
        let start = name_end + tag_end + 1;
        let length = memmem::find(&html[start..], SCRIPT_END).ok_or(unterminated)?;
        return Ok(Some(start..start + length));
    }
    Ok(None)
}

fn unescape(literal: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = literal;
    while let Some(escape) = memchr::memchr2(b'\\', b'"', rest) {
        out.extend_from_slice(&rest[..escape]);
        // A quote here would have ended the literal.
        let (&kind, after) = rest[escape..].strip_prefix(b"\\")?.split_first()?;
        rest = after;
        match kind {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'"' | b'\\' | b'/' => out.push(kind),
            b'u' => {
                let mut unit = u32::from(code_unit(&mut rest)?);
                if let 0xd800..0xdc00 = unit {
                    rest = rest.strip_prefix(b"\\u")?;
                    let low = u32::from(code_unit(&mut rest)?).checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    unit = 0x10000 + ((unit - 0xd800) << 10) + low;
                }
                out.extend_from_slice(char::from_u32(unit)?.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return None,
        }
    }
    out.extend_from_slice(rest);
    Some(())
}

/// Takes the four digits of a `\u` escape.
fn code_unit(rest: &mut &[u8]) -> Option<u16> {
    let (digits, after) = rest.split_at_checked(4)?;
    *rest = after;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}

fn decode_base64(literal: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !literal.len().is_multiple_of(4) {
        return None;
    }
    for (index, group) in literal.chunks(4).enumerate() {
        let is_last = index + 1 == literal.len() / 4;
        let padding = group.iter().rev().take_while(|&&byte| byte == b'=').count();
        if padding > 2 || (padding > 0 && !is_last) {
            return None;
        }
        let mut bits = 0;
        for &byte in &group[..4 - padding] {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let bytes = (bits << (6 * padding)).to_be_bytes();
        out.extend_from_slice(&bytes[1..4 - padding]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_of_the_embedder_are_read() {
        let html = b"<pre>self.__next_f.push([1,&quot;a&quot;])</pre><scripted>self.__next_f.push([1,\
            </scripted><script>f('<script>self.__next_f.push([1,')</script>\
            <script nonce=\"x\">self.__next_f.push([1,\"b\"])</script><script>self.__next_f.push([2,null])</script>";
        assert_eq!(extract_embedded(html), Ok(b"b".to_vec()));
    }

    #[test]
    fn every_escape_of_json_is_read() {
        let html = br#"<script>self.__next_f.push([1,"\b\f\/\u00e9\ud83d\ude00"])</script>"#;
        assert_eq!(extract_embedded(html), Ok("\u{8}\u{c}/é😀".as_bytes().to_vec()));
    }

    #[test]
    fn what_no_embedder_writes_is_an_error() {
        for content in [
            r#"1,"\x""#,
            r#"1,"\ud83d""#,
            r#"1,"a"b""#,
            r#"1,"\""#,
            "1,a",
            r#"3,"A===""#,
            r#"3,"QQ==QQ==""#,
            r#"3,"QQQ""#,
        ] {
            let html = format!("<script>self.__next_f.push([{content}])</script>");
            assert_eq!(extract_embedded(html.as_bytes()), Err(ExtractError::Malformed { offset: 30 }), "{content}");
        }
        for html in ["<script>self.__next_f.push([1,\"a", "<script nonce=\"a\"", "<script"] {
            assert!(matches!(extract_embedded(html.as_bytes()), Err(ExtractError::Unterminated { .. })), "{html}");
        }
    }
}
