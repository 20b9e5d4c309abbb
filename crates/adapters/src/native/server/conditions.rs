//! Conditional requests (RFC 9110, section 13).

use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, header};

/// Whether the client's copy is this representation, so that `304` will do.
pub(super) fn not_modified(headers: &HeaderMap, etag: &HeaderValue, modified: Option<SystemTime>) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        let mut values = headers.get_all(header::IF_NONE_MATCH).iter();
        return values.any(|value| lists(value.as_bytes(), etag.as_bytes()));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    match (since.and_then(|since| httpdate::parse_http_date(since).ok()), modified) {
        (Some(since), Some(modified)) => seconds(modified) <= seconds(since),
        _ => false,
    }
}

/// Whether a range may be taken of this representation: there is no `if-range`, or it names this very one.
pub(super) fn range_applies(headers: &HeaderMap, etag: &HeaderValue, modified: Option<SystemTime>) -> bool {
    let Some(condition) = headers.get(header::IF_RANGE) else { return true };
    if condition.as_bytes().starts_with(b"\"") {
        return condition == etag;
    }
    let date = condition.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok());
    matches!((date, modified), (Some(date), Some(modified)) if seconds(date) == seconds(modified))
}

/// Headers have no finer time.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether a list of entity tags has this one, compared weakly.
fn lists(list: &[u8], etag: &[u8]) -> bool {
    let wanted = etag.strip_prefix(b"W/").unwrap_or(etag);
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        rest = rest.strip_prefix(b"W/").unwrap_or(rest);
        // A comma may be part of a tag, so that a tag ends where its quotes do.
        let Some(end) = rest.strip_prefix(b"\"").and_then(|tag| tag.iter().position(|byte| *byte == b'"')) else {
            return false;
        };
        let (tag, after) = rest.split_at(end + 2);
        if tag == wanted {
            return true;
        }
        rest = after.trim_ascii_start().strip_prefix(b",").unwrap_or_default().trim_ascii_start();
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::time::Duration;

    use super::*;

    #[test]
    fn tags_are_found_in_lists() {
        for (list, found) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"x\", \"a\"", true),
            ("\"x,\" , W/\"a\"", true),
            ("*", true),
            ("a", false),
            ("\"x\"", false),
            ("\"a", false),
            ("\"x\" \"a\"", false),
            ("", false),
        ] {
            assert_eq!(lists(list.as_bytes(), b"\"a\""), found, "{list}");
        }
    }

    #[test]
    fn a_tag_decides_before_a_date_does() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let etag = HeaderValue::from_static("\"a\"");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MODIFIED_SINCE, httpdate::fmt_http_date(now).parse().unwrap());
        assert!(not_modified(&headers, &etag, Some(now)));
        assert!(not_modified(&headers, &etag, Some(now + Duration::from_millis(300))), "headers know whole seconds");
        assert!(!not_modified(&headers, &etag, Some(now + Duration::from_secs(1))));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"b\""));
        assert!(!not_modified(&headers, &etag, Some(now)));
    }

    #[test]
    fn a_range_of_another_representation_does_not_apply() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let etag = HeaderValue::from_static("\"a\"");
        let applies = |condition: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_RANGE, condition.parse().unwrap());
            range_applies(&headers, &etag, Some(now))
        };
        assert!(applies("\"a\"") && !applies("\"b\"") && !applies("W/\"a\"") && !applies("nonsense"));
        assert!(applies(&httpdate::fmt_http_date(now)));
        assert!(!applies(&httpdate::fmt_http_date(now + Duration::from_secs(1))));
        assert!(range_applies(&HeaderMap::new(), &etag, None));
    }
}
