//! `Range` requests for one range: <https://www.rfc-editor.org/rfc/rfc9110#name-range-requests>.

use bytes::Bytes;
use http::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// Which bytes of a representation answer a request: all, or those that it asks for, which `response` then says. `None`: it
/// asks for what is not there. A part is of use only to who has the rest, and a weak tag cannot say that.
pub(super) fn select<B>(
    headers: &HeaderMap,
    etag: Option<&HeaderValue>,
    length: u64,
    response: &mut Response<B>,
) -> Option<std::ops::Range<u64>> {
    let is_strong = |etag: &HeaderValue| !etag.as_bytes().starts_with(b"W/");
    let is_unchanged = |given: &HeaderValue| etag.is_some_and(|etag| given == etag && is_strong(etag));
    let asked = headers.get(RANGE).filter(|_| headers.get(IF_RANGE).is_none_or(is_unchanged));
    let (status, said, bytes) = match parse(asked.and_then(|value| value.to_str().ok()), length) {
        Range::Whole => return Some(0..length),
        Range::Part { start, end } => {
            (StatusCode::PARTIAL_CONTENT, format!("bytes {start}-{end}/{length}"), Some(start..end + 1))
        }
        Range::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{length}"), None),
    };
    *response.status_mut() = status;
    if let Ok(said) = HeaderValue::try_from(said) {
        response.headers_mut().insert(CONTENT_RANGE, said);
    }
    bytes
}

/// A part of what is in memory.
pub(super) fn slice(bytes: &Bytes, part: &std::ops::Range<u64>) -> Bytes {
    let index = |at: u64| usize::try_from(at).unwrap_or(bytes.len()).min(bytes.len());
    bytes.slice(index(part.start)..index(part.end))
}

/// What a `range` header asks of a representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Everything: there is no range, or one that we may ignore.
    Whole,
    /// The bytes from `start` up to and including `end`.
    Part { start: u64, end: u64 },
    /// Nothing that is there.
    Unsatisfiable,
}

/// Reads a `range` header for `length` bytes.
fn parse(header: Option<&str>, length: u64) -> Range {
    let Some(spec) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Range::Whole };
    // More than one range would be a multipart body; a server may send everything instead.
    if spec.contains(',') {
        return Range::Whole;
    }
    let Some((start, end)) = spec.trim().split_once('-') else { return Range::Whole };
    match (number(start), number(end)) {
        (Number::Is(start), end @ (Number::Is(_) | Number::Missing)) => {
            let end = if let Number::Is(end) = end { end } else { u64::MAX };
            if start > end {
                Range::Whole
            } else if start >= length {
                Range::Unsatisfiable
            } else {
                Range::Part { start, end: end.min(length - 1) }
            }
        }
        (Number::Missing, Number::Is(suffix)) => {
            if suffix == 0 || length == 0 {
                Range::Unsatisfiable
            } else {
                Range::Part { start: length.saturating_sub(suffix), end: length - 1 }
            }
        }
        _ => Range::Whole,
    }
}

fn number(text: &str) -> Number {
    if text.is_empty() {
        Number::Missing
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What is too large for a number is past the end of everything.
        Number::Is(text.parse().unwrap_or(u64::MAX))
    } else {
        Number::Malformed
    }
}

/// One end of a range.
enum Number {
    Is(u64),
    Missing,
    Malformed,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_range_is_read_and_others_are_ignored() {
        for (header, expected) in [
            ("bytes=0-3", Range::Part { start: 0, end: 3 }),
            ("bytes=5-", Range::Part { start: 5, end: 9 }),
            ("bytes=-3", Range::Part { start: 7, end: 9 }),
            ("bytes=-30", Range::Part { start: 0, end: 9 }),
            ("bytes=8-99999999999999999999", Range::Part { start: 8, end: 9 }),
            ("bytes=10-", Range::Unsatisfiable),
            ("bytes=-0", Range::Unsatisfiable),
            ("bytes=3-1", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=-", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=a-b", Range::Whole),
        ] {
            assert_eq!(parse(Some(header), 10), expected, "{header}");
        }
        assert_eq!(parse(None, 10), Range::Whole);
    }

    proptest! {
        #[test]
        fn a_part_lies_inside(header in "bytes=[0-9]{0,3}-[0-9]{0,3}", length in 0_u64..300) {
            if let Range::Part { start, end } = parse(Some(&header), length) {
                prop_assert!(start <= end && end < length);
            }
        }
    }
}
