//! Entity tags.

use http::HeaderValue;

use super::negotiation::Coding;

/// A strong tag for content with this hash in this encoding: two encodings of one content are two representations.
pub(super) fn entity_tag(hash: &blake3::Hash, coding: Coding) -> HeaderValue {
    // 96 bits tell more representations apart than there will ever be.
    let text = hash.to_hex();
    with_coding(&format!("\"{}\"", &text[..24]), coding)
}

/// The tag of the same content in an encoding.
pub(super) fn with_coding(identity: &str, coding: Coding) -> HeaderValue {
    let text = match coding.name() {
        Some(name) => format!("{}-{name}\"", identity.trim_end_matches('"')),
        None => identity.to_owned(),
    };
    // Quotes around hexadecimal digits are a header value.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The weak form: equal content, but not byte for byte.
pub(super) fn weak(etag: &HeaderValue) -> HeaderValue {
    let bytes = [b"W/", etag.as_bytes()].concat();
    HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| etag.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_one_content_have_their_own_tags() {
        let hash = blake3::hash(b"x");
        let tags = [Coding::Identity, Coding::Gzip, Coding::Brotli].map(|coding| entity_tag(&hash, coding));
        assert_ne!(tags[0], tags[1]);
        assert!(tags[1].as_bytes().starts_with(b"\"") && tags[1].as_bytes().ends_with(b"-gzip\""));
        assert!(tags[2].as_bytes().ends_with(b"-br\""));
        assert!(weak(&tags[0]).as_bytes().starts_with(b"W/\""));
    }
}
