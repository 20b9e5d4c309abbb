//! Draft mode: a visitor with the build's secret is never answered from the store, and nothing of theirs is stored.

use http::HeaderMap;
use http::header::COOKIE;
use vinext_router::cookies;

const NAME: &[u8] = b"__prerender_bypass";

/// What a request's cookies say of draft mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Draft {
    /// Nothing.
    Off,
    /// The secret.
    On,
    /// Another build's secret, or one that somebody has made up.
    Outdated,
}

/// What a browser forgets with a cookie that is worth nothing: that of the Pages Router's previews, too.
pub(super) const FORGET: [&str; 2] = [
    "__prerender_bypass=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None",
    "__next_preview_data=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None",
];

/// Looks for the secret in a request.
pub(super) fn draft(headers: &HeaderMap, secret: &str) -> Draft {
    let cookies = headers.get_all(COOKIE).iter().flat_map(|header| cookies(header.as_bytes()));
    let mut found = Draft::Off;
    for (_, value) in cookies.filter(|(name, value)| *name == NAME && !value.is_empty()) {
        // Of several cookies of this name, any: the application looks again.
        if is_same(value, secret.as_bytes()) {
            return Draft::On;
        }
        found = Draft::Outdated;
    }
    found
}

/// Compares in a time that does not tell where two texts differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(cookies: &[&str], secret: &str) -> Draft {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        draft(&headers, secret)
    }

    #[test]
    fn only_the_secret_asks_for_a_draft() {
        assert_eq!(of(&["a=1; __prerender_bypass=s3cret; b=2"], "s3cret"), Draft::On);
        assert_eq!(of(&["a=1", "__prerender_bypass=s3cret"], "s3cret"), Draft::On);
        assert_eq!(of(&["__prerender_bypass=other; __prerender_bypass=s3cret"], "s3cret"), Draft::On);
        for cookie in ["__prerender_bypass=s3cre", "__prerender_bypass=s3creT", "__prerender_bypass=s3cret2"] {
            assert_eq!(of(&[cookie], "s3cret"), Draft::Outdated, "{cookie}");
        }
        for cookie in [
            "",
            "__prerender_bypass",
            "__prerender_bypass=",
            "x__prerender_bypass=s3cret",
            "__prerender_bypass2=s3cret",
            "a=__prerender_bypass=s3cret",
        ] {
            assert_eq!(of(&[cookie], "s3cret"), Draft::Off, "{cookie}");
        }
    }

    #[test]
    fn a_build_without_a_secret_has_no_drafts() {
        assert_eq!(of(&["__prerender_bypass="], ""), Draft::Off);
        assert_eq!(of(&["__prerender_bypass=x"], ""), Draft::Outdated);
    }
}
