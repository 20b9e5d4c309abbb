//! The one canonical path of a request.
//!
//! Most of the security history of file-system routers is two pieces of code reading one URL differently. Here a URL is
//! read once, into a [`CanonicalPath`], and everything downstream takes that type. It is not a URL: there is no query,
//! no base path and no trailing slash left in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::encoding::{self, DecodeError};

/// A decoded-once, consistently encoded URL path: `/`, `/blog/a%20b`.
///
/// Invariants: it starts with `/`; it has no empty segment, no `.` or `..` segment and, but for the root, no slash at the
/// end; each segment is valid UTF-8 in canonical percent-encoding (`/`, `\`, `#`, `?` and `%` only ever encoded, escapes
/// in upper case, unreserved characters never escaped); there are no control characters, encoded or not; and it is at
/// most [`CanonicalPath::MAX_LEN`] bytes long.
///
/// A server gets one from [`Ingress`](crate::Ingress). Code that *makes* paths, a prerenderer for example, uses
/// [`CanonicalPath::from_segments`] or [`FromStr`], which accepts nothing that is not canonical already.
///
/// ```
/// use vinext_router::CanonicalPath;
///
/// let path = CanonicalPath::from_segments(["blog", "a/b c"])?;
/// assert_eq!(path.as_str(), "/blog/a%2Fb%20c");
/// assert!("/blog/%61".parse::<CanonicalPath>().is_err(), "an escape that should not be there");
/// # Ok::<(), vinext_router::PathError>(())
/// ```
///
/// No text becomes one unread:
///
/// ```compile_fail,E0308
/// use vinext_router::CanonicalPath;
///
/// let path = CanonicalPath::from("//evil.example");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CanonicalPath {
    text: String,
}

/// Why a path is refused. Each of these is a `400` for a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The path does not start with a slash.
    #[error("path {path:?} does not start with \"/\"")]
    NotAbsolute {
        /// The path as given.
        path: String,
    },
    /// A `%` that two hexadecimal digits do not follow.
    #[error("malformed percent-encoding in path segment {segment:?}")]
    MalformedEscape {
        /// The segment as given.
        segment: String,
    },
    /// The decoded segment is not UTF-8.
    #[error("path segment {segment:?} is not UTF-8 when decoded")]
    NotUtf8 {
        /// The segment as given.
        segment: String,
    },
    /// A control character, encoded or not.
    #[error("control character in path segment {segment:?}")]
    Control {
        /// The segment as given.
        segment: String,
    },
    /// The canonical form would be longer than [`CanonicalPath::MAX_LEN`].
    #[error("path is longer than {} bytes", CanonicalPath::MAX_LEN)]
    TooLong,
    /// The path can be read, but is not spelt canonically (only from [`FromStr`]).
    #[error("path {path:?} is not canonical, {canonical:?} is")]
    NotCanonical {
        /// The path as given.
        path: String,
        /// Its canonical form.
        canonical: String,
    },
    /// A segment that cannot be part of a path: empty, `.` or `..`.
    #[error("{segment:?} cannot be a path segment")]
    NotASegment {
        /// The segment as given.
        segment: String,
    },
}

impl CanonicalPath {
    /// The longest canonical path, in bytes. HTTP servers stop well before it.
    pub const MAX_LEN: usize = u16::MAX as usize;

    /// The path `/`.
    #[must_use]
    pub fn root() -> Self {
        Self { text: "/".to_owned() }
    }

    /// The path of decoded segments, which are encoded here.
    pub fn from_segments<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Result<Self, PathError> {
        let mut text = String::new();
        for segment in segments {
            let segment = segment.as_ref();
            if matches!(segment, "" | "." | "..") {
                return Err(PathError::NotASegment { segment: segment.to_owned() });
            }
            if segment.bytes().any(|byte| byte.is_ascii_control()) {
                return Err(PathError::Control { segment: segment.to_owned() });
            }
            text.push('/');
            encoding::encode_segment(segment.as_bytes(), &mut text);
        }
        Self::bounded(text)
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments in canonical encoding; none for the root.
    #[must_use]
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text[1..].split('/').filter(|segment| !segment.is_empty())
    }

    /// The segments decoded, as [`CanonicalPath::from_segments`] takes them.
    ///
    /// ```
    /// use vinext_router::CanonicalPath;
    ///
    /// let path: CanonicalPath = "/blog/a%2Fb%20c".parse()?;
    /// assert_eq!(path.decoded_segments().collect::<Vec<_>>(), ["blog", "a/b c"]);
    /// # Ok::<(), vinext_router::PathError>(())
    /// ```
    pub fn decoded_segments(&self) -> impl Iterator<Item = String> {
        self.segments().map(|segment| {
            let mut decoded = Vec::new();
            let read = encoding::decode_segment(segment.as_bytes(), &mut decoded);
            debug_assert!(read.is_ok(), "a canonical segment can be decoded");
            String::from_utf8_lossy(&decoded).into_owned()
        })
    }

    /// The path below `prefix`, if it is `prefix` or below it: how a base path is taken off.
    #[must_use]
    pub fn strip_prefix(&self, prefix: &CanonicalPath) -> Option<CanonicalPath> {
        if prefix.text == "/" {
            return Some(self.clone());
        }
        match self.text.strip_prefix(prefix.as_str())? {
            "" => Some(Self::root()),
            rest if rest.starts_with('/') => Some(Self { text: rest.to_owned() }),
            _ => None,
        }
    }

    fn bounded(mut text: String) -> Result<Self, PathError> {
        if text.is_empty() {
            text.push('/');
        }
        if text.len() > Self::MAX_LEN {
            return Err(PathError::TooLong);
        }
        Ok(Self { text })
    }
}

/// Strict: only text that is canonical already.
impl FromStr for CanonicalPath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let read = ReadPath::read(path)?;
        if read.path.text == path {
            Ok(read.path)
        } else {
            Err(PathError::NotCanonical { path: path.to_owned(), canonical: read.path.text })
        }
    }
}

impl TryFrom<String> for CanonicalPath {
    type Error = PathError;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        path.parse()
    }
}

impl From<CanonicalPath> for String {
    fn from(path: CanonicalPath) -> Self {
        path.text
    }
}

impl AsRef<str> for CanonicalPath {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for CanonicalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for CanonicalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// A path as read from a request target, with what canonicalisation took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadPath {
    pub(crate) path: CanonicalPath,
    /// There was a slash at the end (or a dot segment, which leaves one).
    pub(crate) trailing_slash: bool,
    /// There were backslashes or repeated slashes: the client must be sent to the canonical spelling, since what stood
    /// between us may have read the path another way.
    pub(crate) needs_redirect: bool,
}

impl ReadPath {
    /// Reads the path of a request target (no query, no fragment).
    ///
    /// Dot segments are resolved as in the WHATWG URL standard: `%2e` counts as a dot, and nothing goes above the root.
    pub(crate) fn read(raw: &str) -> Result<Self, PathError> {
        let Some(rest) = raw.strip_prefix(['/', '\\']) else {
            return Err(PathError::NotAbsolute { path: raw.to_owned() });
        };
        if let Some(read) = Self::read_canonical(raw) {
            return read;
        }
        let mut needs_redirect = raw.contains('\\');
        let mut trailing_slash = false;
        let mut text = String::with_capacity(raw.len());
        let mut decoded = Vec::new();
        let mut segments = rest.split(['/', '\\']).peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            encoding::decode_segment(segment.as_bytes(), &mut decoded)
                .map_err(|error| PathError::of_segment(error, segment))?;
            match decoded.as_slice() {
                b"" if last => trailing_slash = true,
                b"" => needs_redirect = true,
                b"." => trailing_slash = last,
                b".." => {
                    text.truncate(text.rfind('/').unwrap_or(0));
                    trailing_slash = last;
                }
                segment => {
                    text.push('/');
                    encoding::encode_segment(segment, &mut text);
                }
            }
            if text.len() > CanonicalPath::MAX_LEN {
                return Err(PathError::TooLong);
            }
        }
        let path = CanonicalPath::bounded(text)?;
        Ok(Self { trailing_slash: trailing_slash && path.text != "/", path, needs_redirect })
    }

    /// Most requests are canonical but for a slash at the end: one look at each byte and one copy.
    fn read_canonical(raw: &str) -> Option<Result<Self, PathError>> {
        let bytes = raw.as_bytes();
        let mut previous = 0;
        for &byte in bytes {
            let plain = match byte {
                // A dot that begins a segment may be a dot segment; leave it to the careful reader.
                b'/' | b'.' => previous != b'/',
                _ => encoding::is_literal(byte),
            };
            if !plain {
                return None;
            }
            previous = byte;
        }
        let trimmed = if raw.len() > 1 { raw.strip_suffix('/') } else { None };
        Some(CanonicalPath::bounded(trimmed.unwrap_or(raw).to_owned()).map(|path| Self {
            path,
            trailing_slash: trimmed.is_some(),
            needs_redirect: false,
        }))
    }
}

impl PathError {
    fn of_segment(error: DecodeError, segment: &str) -> Self {
        let segment = segment.to_owned();
        match error {
            DecodeError::Escape => Self::MalformedEscape { segment },
            DecodeError::Utf8 => Self::NotUtf8 { segment },
            DecodeError::Control => Self::Control { segment },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn read(raw: &str) -> (String, bool, bool) {
        let read = ReadPath::read(raw).unwrap();
        (read.path.text, read.trailing_slash, read.needs_redirect)
    }

    #[test]
    fn plain_paths_are_kept() {
        for path in ["/", "/a", "/blog/hello-world", "/a/b.c/@user", "/.well-known/x", "/a/...", "/a+b"] {
            assert_eq!(read(path), (path.to_owned(), false, false));
        }
    }

    #[test]
    fn a_trailing_slash_is_taken_off_and_remembered() {
        assert_eq!(read("/a/"), ("/a".to_owned(), true, false));
        assert_eq!(read("/%61/"), ("/a".to_owned(), true, false));
        assert_eq!(read("/"), ("/".to_owned(), false, false));
    }

    #[test]
    fn repeated_slashes_and_backslashes_need_a_redirect_that_never_leaves_the_host() {
        for raw in ["//evil.example", "/\\evil.example", "\\\\evil.example", "/.//evil.example", "/a/..//evil.example"]
        {
            let (path, _, needs_redirect) = read(raw);
            assert_eq!((path.as_str(), needs_redirect), ("/evil.example", true), "{raw}");
        }
        assert_eq!(read("//"), ("/".to_owned(), false, true));
    }

    #[test]
    fn encoded_separators_stay_inside_their_segment() {
        assert_eq!(read("/a%2fb/c%5Cd").0, "/a%2Fb/c%5Cd");
        assert_eq!(read("/a/..%2f..%2fetc").0, "/a/..%2F..%2Fetc");
    }

    #[test]
    fn dot_segments_resolve_as_in_the_url_standard() {
        assert_eq!(read("/a/./b").0, "/a/b");
        assert_eq!(read("/a/../b").0, "/b");
        assert_eq!(read("/../../b").0, "/b");
        assert_eq!(read("/a/%2e%2E/b").0, "/b");
        assert_eq!(read("/a/.%2e/b").0, "/b");
        assert_eq!(read("/a/b/.."), ("/a".to_owned(), true, false));
        assert_eq!(read("/a/."), ("/a".to_owned(), true, false));
        assert_eq!(read("/a/.."), ("/".to_owned(), false, false));
    }

    #[test]
    fn malformed_paths_are_refused() {
        for raw in ["", "a", "*", "/%", "/%zz", "/%00", "/%ff", "/a%0d%0ab"] {
            assert!(ReadPath::read(raw).is_err(), "{raw}");
        }
        assert_eq!(ReadPath::read(&format!("/{}", "é".repeat(20_000))), Err(PathError::TooLong));
        assert_eq!(ReadPath::read(&format!("/{}", "a".repeat(70_000))), Err(PathError::TooLong));
    }

    #[test]
    fn a_prefix_is_taken_off_at_a_segment_boundary_only() {
        let docs: CanonicalPath = "/docs".parse().unwrap();
        let strip = |path: &str| path.parse::<CanonicalPath>().unwrap().strip_prefix(&docs);
        assert_eq!(strip("/docs").unwrap().as_str(), "/");
        assert_eq!(strip("/docs/a").unwrap().as_str(), "/a");
        assert_eq!(strip("/docsy"), None);
    }
}
