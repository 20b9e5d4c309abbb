//! Public URL patterns: `/blog/[slug]`, `/docs/[[...path]]`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CanonicalPath;

/// The URL pattern of a route: its folder segments without groups and slots.
///
/// Static segments are in canonical percent-encoding, so a `[` always begins a parameter. A catch-all can only be the
/// last segment, and a parameter name occurs once.
///
/// ```
/// use vinext_router::{PatternSegment, RoutePattern};
///
/// let pattern: RoutePattern = "/blog/[slug]".parse()?;
/// let segments: Vec<_> = pattern.segments().collect();
/// assert_eq!(segments, [PatternSegment::Static("blog"), PatternSegment::Dynamic("slug")]);
/// # Ok::<(), vinext_router::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutePattern {
    text: String,
}

/// One segment of a [`RoutePattern`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternSegment<'a> {
    /// Literal text in canonical encoding.
    Static(&'a str),
    /// `[name]`: exactly one segment.
    Dynamic(&'a str),
    /// `[...name]`: one segment or more.
    CatchAll(&'a str),
    /// `[[...name]]`: any number of segments.
    OptionalCatchAll(&'a str),
}

/// Why a text is not a [`RoutePattern`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// No slash at the beginning, or one at the end.
    #[error("pattern {pattern:?} must begin with \"/\", must not end with it and must not repeat it")]
    Slashes {
        /// The pattern.
        pattern: String,
    },
    /// A segment with brackets that are not one of the forms.
    #[error(
        "segment {segment:?} of pattern {pattern:?} is neither text nor \"[name]\", \"[...name]\", \"[[...name]]\""
    )]
    Segment {
        /// The pattern.
        pattern: String,
        /// The segment.
        segment: String,
    },
    /// Something follows a catch-all.
    #[error("catch-all {segment:?} is not the last segment of {pattern:?}")]
    CatchAllNotLast {
        /// The pattern.
        pattern: String,
        /// The catch-all segment.
        segment: String,
    },
    /// A parameter name occurs twice.
    #[error("parameter {name:?} occurs twice in {pattern:?}")]
    DuplicateParam {
        /// The pattern.
        pattern: String,
        /// The parameter.
        name: String,
    },
}

impl RoutePattern {
    /// The pattern of the built-in not-found page.
    pub(crate) fn not_found() -> Self {
        Self { text: "/_not-found".to_owned() }
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments, none for `/`.
    #[must_use]
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = PatternSegment<'_>> {
        raw_segments(&self.text).map(|raw| PatternSegment::of(raw).unwrap_or(PatternSegment::Static(raw)))
    }

    /// The parameter names in order.
    pub fn param_names(&self) -> impl Iterator<Item = &str> {
        self.segments().filter_map(PatternSegment::param)
    }

    /// True if the pattern has parameters.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.text.contains('[')
    }

    /// The path that has the names of the parameters in their places: what is rendered for any of them has it.
    ///
    /// ```
    /// use vinext_router::RoutePattern;
    ///
    /// let pattern: RoutePattern = "/blog/[slug]".parse()?;
    /// assert_eq!(pattern.shell_path().map(|path| path.to_string()).as_deref(), Some("/blog/%5Bslug%5D"));
    /// # Ok::<(), vinext_router::PatternError>(())
    /// ```
    #[must_use]
    pub fn shell_path(&self) -> Option<CanonicalPath> {
        bracketed(&self.text).parse().ok()
    }

    /// The paths of what may be shown of the page at `path` while some of its parameters are not known: those of all but the
    /// first few. Those that say the most come first.
    ///
    /// ```
    /// use vinext_router::{CanonicalPath, RoutePattern};
    ///
    /// let pattern: RoutePattern = "/[lang]/blog/[slug]".parse()?;
    /// let path: CanonicalPath = "/en/blog/hello".parse()?;
    /// let shells: Vec<String> = pattern.shell_paths(&path).map(|path| path.to_string()).collect();
    /// assert_eq!(shells, ["/en/blog/%5Bslug%5D", "/%5Blang%5D/blog/%5Bslug%5D"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shell_paths(&self, path: &CanonicalPath) -> impl Iterator<Item = CanonicalPath> {
        let segments: Vec<&str> = raw_segments(&self.text).collect();
        let values: Vec<&str> = path.segments().collect();
        (0..segments.len()).rev().filter_map(move |first| {
            segments[first].starts_with('[').then_some(())?;
            let known = values.get(..first)?.iter().map(|&value| value.to_owned());
            let unknown = segments[first..].iter().map(|segment| bracketed(segment));
            let path: Vec<String> = known.chain(unknown).collect();
            format!("/{}", path.join("/")).parse().ok()
        })
    }
}

/// Brackets as they stand in paths.
fn bracketed(text: &str) -> String {
    text.replace('[', "%5B").replace(']', "%5D")
}

/// The segments of a pattern's text, unread.
pub(crate) fn raw_segments(pattern: &str) -> impl DoubleEndedIterator<Item = &str> {
    pattern.split('/').filter(|segment| !segment.is_empty())
}

impl<'a> PatternSegment<'a> {
    /// Reads one segment; `None` where the brackets make no sense.
    pub(crate) fn of(raw: &'a str) -> Option<Self> {
        let segment = if let Some(name) = enclosed(raw, "[[...", "]]") {
            Self::OptionalCatchAll(name)
        } else if let Some(name) = enclosed(raw, "[...", "]") {
            Self::CatchAll(name)
        } else if let Some(name) = enclosed(raw, "[", "]") {
            Self::Dynamic(name)
        } else {
            Self::Static(raw)
        };
        let (text, least) = match segment {
            Self::Static(text) => (text, true),
            _ => (segment.param()?, !segment.param()?.starts_with('.')),
        };
        (least && !text.is_empty() && !text.contains(['[', ']', '/'])).then_some(segment)
    }

    /// The parameter's name, if this segment has one.
    #[must_use]
    pub const fn param(self) -> Option<&'a str> {
        match self {
            Self::Static(_) => None,
            Self::Dynamic(name) | Self::CatchAll(name) | Self::OptionalCatchAll(name) => Some(name),
        }
    }

    /// True for both catch-all forms.
    #[must_use]
    pub const fn is_catch_all(self) -> bool {
        matches!(self, Self::CatchAll(_) | Self::OptionalCatchAll(_))
    }
}

fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

impl fmt::Display for PatternSegment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(text) => formatter.write_str(text),
            Self::Dynamic(name) => write!(formatter, "[{name}]"),
            Self::CatchAll(name) => write!(formatter, "[...{name}]"),
            Self::OptionalCatchAll(name) => write!(formatter, "[[...{name}]]"),
        }
    }
}

impl TryFrom<String> for RoutePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        check(&text)?;
        Ok(Self { text })
    }
}

fn check(pattern: &str) -> Result<(), PatternError> {
    if pattern == "/" {
        return Ok(());
    }
    let owned = || pattern.to_owned();
    if !pattern.starts_with('/') || pattern.ends_with('/') || pattern.contains("//") {
        return Err(PatternError::Slashes { pattern: owned() });
    }
    let mut names = Vec::new();
    let mut segments = raw_segments(pattern).peekable();
    while let Some(raw) = segments.next() {
        let Some(segment) = PatternSegment::of(raw) else {
            return Err(PatternError::Segment { pattern: owned(), segment: raw.to_owned() });
        };
        if segment.is_catch_all() && segments.peek().is_some() {
            return Err(PatternError::CatchAllNotLast { pattern: owned(), segment: raw.to_owned() });
        }
        if let Some(name) = segment.param() {
            if names.contains(&name) {
                return Err(PatternError::DuplicateParam { pattern: owned(), name: name.to_owned() });
            }
            names.push(name);
        }
    }
    Ok(())
}

impl std::str::FromStr for RoutePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<RoutePattern> for String {
    fn from(pattern: RoutePattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn patterns_print_as_they_were_read() {
        for text in ["/", "/a", "/[id]", "/a/[b]/[...c]", "/[[...x]]", "/a%5Bb"] {
            let pattern: RoutePattern = text.parse().unwrap();
            let mut printed = String::new();
            for segment in pattern.segments() {
                printed.push('/');
                printed.push_str(&segment.to_string());
            }
            assert_eq!(if printed.is_empty() { "/" } else { &printed }, text);
        }
    }

    #[test]
    fn broken_patterns_are_refused() {
        for text in [
            "",
            "a",
            "/a/",
            "//",
            "/a//b",
            "/[]",
            "/[...]",
            "/[[x]]",
            "/a[b]",
            "/[....x]",
            "/[...a]/b",
            "/[[...a]]/b",
            "/[a]/[a]",
            "/[a]/[...a]",
        ] {
            assert!(text.parse::<RoutePattern>().is_err(), "{text}");
        }
    }
}
