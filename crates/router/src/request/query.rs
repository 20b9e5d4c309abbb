//! The query string, without the framework's own keys.

use std::fmt;

use crate::encoding;

/// The query that the application sees: as the client sent it, but for internal keys.
///
/// `_rsc` (the client router's cache key) and everything that begins with `nxtP`, `nxtI` or `__next` are taken out,
/// however they are escaped. Order and spelling of the rest are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Query {
    text: String,
}

impl Query {
    pub(crate) fn read(raw: &str) -> Self {
        let mut text = String::with_capacity(raw.len());
        for pair in raw.split('&').filter(|pair| !is_internal(pair)) {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(pair);
        }
        Self { text }
    }

    /// The query without the question mark; empty if there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if there is no query.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_internal(pair: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default();
    if key.contains('%') {
        let mut decoded = Vec::new();
        // What cannot be decoded is no key of ours.
        encoding::decode_segment(key.as_bytes(), &mut decoded).is_ok() && is_internal_key(&decoded)
    } else {
        is_internal_key(key.as_bytes())
    }
}

fn is_internal_key(key: &[u8]) -> bool {
    key == b"_rsc" || [b"nxtP".as_slice(), b"nxtI", b"__next"].iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_keys_are_taken_out_however_they_are_spelt() {
        for (raw, seen) in [
            ("", ""),
            ("a=1&_rsc=abc&b=2", "a=1&b=2"),
            ("_rsc", ""),
            ("%5Frsc=1&nxtPslug=x&nxt%49id=y&__nextLocale=de&a", "a"),
            ("_rscx=1&x_rsc=2", "_rscx=1&x_rsc=2"),
            ("a=%zz&%zz=1", "a=%zz&%zz=1"),
            ("q=a%20b+c", "q=a%20b+c"),
        ] {
            assert_eq!(Query::read(raw).as_str(), seen, "{raw}");
        }
    }
}
