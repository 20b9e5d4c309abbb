//! The cookies of a request (RFC 6265, section 4.2), read leniently: what is no pair is none of them.

/// The pairs of a `cookie` header, as they were sent but for the white space around them.
///
/// ```
/// let read: Vec<_> = vinext_router::cookies(b"a=1; b = x=y ;c").collect();
/// assert_eq!(read, [(&b"a"[..], &b"1"[..]), (b"b", b"x=y")]);
/// ```
pub fn cookies(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    header.split(|byte| *byte == b';').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&pair[..at], &pair[at + 1..]);
        Some((name.trim_ascii(), value.trim_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(header: &str) -> Vec<(&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or("?");
        cookies(header.as_bytes()).map(|(name, value)| (text(name), text(value))).collect()
    }

    #[test]
    fn white_space_around_names_and_values_is_none_of_theirs() {
        assert_eq!(texts("a=1;b=2; c = 3 "), [("a", "1"), ("b", "2"), ("c", "3")]);
        assert_eq!(texts("a=\"x y\"; b=="), [("a", "\"x y\""), ("b", "=")]);
    }

    #[test]
    fn what_is_no_pair_is_left_out() {
        assert_eq!(texts(""), []);
        assert_eq!(texts("; ;a;=b; ="), [("", "b"), ("", "")]);
    }
}
