//! The one URL of a payload request: caches that ignore `vary` must not mix payloads that differ by their headers, so
//! the query carries a digest of these headers, and a request with another one is sent to the right URL.

use sha2::{Digest as _, Sha256};

use super::ingress::RequestHead;
use crate::encoding;

const KEY: &str = "_rsc";
const PREFETCH: &str = "next-router-prefetch";
const SEGMENT_PREFETCH: &str = "next-router-segment-prefetch";
const STATE_TREE: &str = "next-router-state-tree";
const NEXT_URL: &str = "next-url";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value that `_rsc` must have for the headers of a request: 96 bits of SHA-256 in base64url, or nothing if none of
/// the headers that payloads depend on is there.
pub(super) fn token(head: &RequestHead<'_>) -> String {
    let header = |name: &str| (head.header)(name);
    let prefetch = header(PREFETCH).filter(|value| matches!(value, [b'1'..=b'3']));
    let segment = header(SEGMENT_PREFETCH).filter(|value| !value.is_empty());
    let values = [prefetch, segment, header(STATE_TREE), header(NEXT_URL)];
    if values.iter().all(Option::is_none) {
        return String::new();
    }
    let mut hash = Sha256::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            hash.update(b",");
        }
        // Each byte of a header is a character.
        let text: String = value.unwrap_or(b"0").iter().copied().map(char::from).collect();
        hash.update(text.as_bytes());
    }
    encode(&hash.finalize()[..12])
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 3 * 4);
    for chunk in bytes.chunks_exact(3) {
        let word = chunk.iter().fold(0_usize, |word, byte| word << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.push(char::from(ALPHABET[word >> shift & 63]));
        }
    }
    text
}

/// Whether a query has this token as its one `_rsc`.
pub(super) fn is_right(query: Option<&str>, token: &str) -> bool {
    let mut values = query.unwrap_or_default().split('&').filter(|pair| is_key(pair)).map(value_of);
    let mut decoded = Vec::new();
    let first = values.next();
    first.is_some_and(|value| encoding::decode_segment(value.as_bytes(), &mut decoded).is_ok())
        && decoded == token.as_bytes()
        && values.next().is_none()
}

/// The query with this token and everything else as it was sent.
pub(super) fn with_token(query: Option<&str>, token: &str) -> String {
    let mut text = String::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_key(pair)) {
        text.push_str(pair);
        text.push('&');
    }
    text.push_str(KEY);
    if !token.is_empty() {
        text.push('=');
        text.push_str(token);
    }
    text
}

fn is_key(pair: &str) -> bool {
    pair.split('=').next() == Some(KEY)
}

fn value_of(pair: &str) -> &str {
    pair.split_once('=').map_or("", |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_of(headers: &[(&str, &str)]) -> String {
        let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_bytes());
        token(&RequestHead { method: "GET", target: "/", header: &header })
    }

    #[test]
    fn equal_headers_have_equal_tokens() {
        for (headers, expected) in [
            (&[][..], ""),
            (&[(PREFETCH, "1")], "HEAvJdHAQJrUAe2K"),
            (&[(PREFETCH, "2")], "gO6pH-93hUwkIF31"),
            (&[(SEGMENT_PREFETCH, "/a")], "LZk7xv4a27FwHn3t"),
            (&[(STATE_TREE, "a,b")], "B19rktFigycDW4Wu"),
            (&[(STATE_TREE, "")], "zQUEjFlcUuTSVaR0"),
            (&[(NEXT_URL, "/x")], "cogVifeNCH6FVPOo"),
            (&[(PREFETCH, "1"), (SEGMENT_PREFETCH, "/a"), (STATE_TREE, "t"), (NEXT_URL, "/u")], "1Tu-kSjYF60kjNpB"),
        ] {
            assert_eq!(token_of(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn values_that_say_nothing_are_none() {
        for headers in [&[(PREFETCH, "0")][..], &[(PREFETCH, "x")], &[(PREFETCH, "")], &[(SEGMENT_PREFETCH, "")]] {
            assert_eq!(token_of(headers), "", "{headers:?}");
        }
    }

    #[test]
    fn a_header_is_read_as_characters_of_one_byte() {
        let header = |name: &str| (name == STATE_TREE).then_some(b"\xe9".as_slice());
        assert_eq!(token(&RequestHead { method: "GET", target: "/", header: &header }), "L0ubyPSUPS-NXdy6");
    }

    #[test]
    fn one_token_is_right_and_no_other() {
        for query in ["_rsc=ab", "a=1&_rsc=ab&b", "_rsc=%61b"] {
            assert!(is_right(Some(query), "ab"), "{query}");
        }
        for query in ["", "_rsc", "_rsc=abc", "_rsc=ab&_rsc=ab", "_rsc=x&_rsc=ab", "_rscx=ab", "x_rsc=ab", "_rsc=%zz"] {
            assert!(!is_right(Some(query), "ab"), "{query}");
        }
        assert!(is_right(Some("_rsc"), "") && is_right(Some("_rsc="), "") && !is_right(None, ""));
    }

    #[test]
    fn everything_else_of_a_query_stays() {
        for (query, right) in [
            (None, "_rsc=t"),
            (Some("_rsc=x&a=%C3%A9+b&&_rsc"), "a=%C3%A9+b&_rsc=t"),
            (Some("_rscx=1"), "_rscx=1&_rsc=t"),
        ] {
            assert_eq!(with_token(query, "t"), right);
            assert!(is_right(Some(&with_token(query, "t")), "t"));
        }
        assert_eq!(with_token(Some("a"), ""), "a&_rsc");
    }
}
