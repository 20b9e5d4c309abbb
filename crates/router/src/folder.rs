//! The grammar of folder names inside `app/`.
//!
//! | name | meaning |
//! |---|---|
//! | `blog` | a static segment; `%5F` stands for a leading underscore, other escapes are read as in a URL |
//! | `[id]` | one dynamic segment |
//! | `[...path]` | one or more segments |
//! | `[[...path]]` | any number of segments |
//! | `(shop)` | a group: files apply, the URL does not change |
//! | `@modal` | a slot: a prop of the layout beside it, the URL does not change |
//! | `_lib` | private: nothing below is a route |
//! | `(.)x` `(..)x` `(..)(..)x` `(...)x` | interception of `x` from the same level, one up, two up, the root |

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::encoding;

/// What a folder name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Folder {
    /// A pattern segment, in the notation of [`RoutePattern`](crate::RoutePattern).
    Segment(String),
    /// `(name)`.
    Group,
    /// `@name`.
    Slot(String),
    /// `_name`.
    Private,
    /// An interception marker and the pattern segment that follows it.
    Intercepting(InterceptionMarker, String),
}

/// From how far away an intercepting folder names its target.
///
/// Levels are route segments: groups and slots do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InterceptionMarker {
    /// `(.)`: a sibling.
    #[serde(rename = "(.)")]
    SameLevel,
    /// `(..)`: one level up.
    #[serde(rename = "(..)")]
    OneUp,
    /// `(..)(..)`: two levels up.
    #[serde(rename = "(..)(..)")]
    TwoUp,
    /// `(...)`: from the root.
    #[serde(rename = "(...)")]
    Root,
}

impl InterceptionMarker {
    // Longest first: `(..)` begins `(..)(..)`.
    const ALL: [Self; 4] = [Self::TwoUp, Self::Root, Self::OneUp, Self::SameLevel];

    /// The marker as it is written in a folder name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameLevel => "(.)",
            Self::OneUp => "(..)",
            Self::TwoUp => "(..)(..)",
            Self::Root => "(...)",
        }
    }
}

impl fmt::Display for InterceptionMarker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a folder name is refused, and what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadName {
    pub(crate) reason: &'static str,
    pub(crate) help: &'static str,
}

impl Folder {
    /// Reads a folder name.
    pub(crate) fn parse(name: &str) -> Result<Self, BadName> {
        if name.starts_with('_') {
            return Ok(Self::Private);
        }
        if let Some(slot) = name.strip_prefix('@') {
            return if slot.is_empty() || slot.contains(['[', ']', '(', ')', '@']) {
                Err(BadName {
                    reason: "a slot needs a plain name",
                    help: "name the slot as the layout's prop should be called: \"@modal\"",
                })
            } else {
                Ok(Self::Slot(slot.to_owned()))
            };
        }
        for marker in InterceptionMarker::ALL {
            if let Some(target) = name.strip_prefix(marker.as_str()) {
                return Self::intercepting(marker, target);
            }
        }
        if let Some(group) = name.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            return if group.is_empty() {
                Err(BadName { reason: "a group needs a name", help: "write \"(name)\"" })
            } else {
                Ok(Self::Group)
            };
        }
        pattern_segment(name).map(Self::Segment)
    }

    fn intercepting(marker: InterceptionMarker, target: &str) -> Result<Self, BadName> {
        if target.is_empty() || target.starts_with(['(', '@', '_']) {
            return Err(BadName {
                reason: "an interception marker must be followed by the segment it intercepts",
                help: "write \"(.)photo\" or \"(..)[id]\"; to go up more than two levels, start from the root with \"(...)\"",
            });
        }
        pattern_segment(target).map(|segment| Self::Intercepting(marker, segment))
    }
}

/// A folder name that adds a segment to the URL, in pattern notation.
fn pattern_segment(name: &str) -> Result<String, BadName> {
    if name.starts_with('[') && name.ends_with(']') && name.len() > 1 {
        dynamic_segment(name)
    } else {
        static_segment(name)
    }
}

fn dynamic_segment(name: &str) -> Result<String, BadName> {
    let inner = &name[1..name.len() - 1];
    let (inner, optional) = match inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    if inner.contains('…') {
        return Err(BadName {
            reason: "the ellipsis is one character, \"…\"",
            help: "write three dots: \"[...name]\"",
        });
    }
    let (param, catch_all) = match inner.strip_prefix("...") {
        Some(param) => (param, true),
        None => (inner, false),
    };
    if param.is_empty() {
        return Err(BadName {
            reason: "the parameter has no name",
            help: "write \"[name]\", \"[...name]\" or \"[[...name]]\"",
        });
    }
    if param.starts_with('.') {
        return Err(BadName {
            reason: "a parameter name may not start with a dot",
            help: "write \"[name]\" for one segment, or exactly three dots for all the rest: \"[...name]\"",
        });
    }
    if param.contains(['[', ']']) {
        return Err(BadName {
            reason: "extra brackets around the parameter name",
            help: "write \"[name]\", \"[...name]\" or \"[[...name]]\"",
        });
    }
    if param.bytes().any(|byte| byte.is_ascii_control() || byte == b'/') {
        return Err(BadName {
            reason: "the parameter name contains a control character",
            help: "use letters, digits, \"-\" and \"_\"",
        });
    }
    if optional && !catch_all {
        return Err(BadName {
            reason: "a single segment cannot be optional",
            help: "write \"[[...name]]\", or make a page in the parent folder as well",
        });
    }
    Ok(name.to_owned())
}

fn static_segment(name: &str) -> Result<String, BadName> {
    let mut decoded = Vec::new();
    // A name that is not valid percent-encoding is text that happens to contain a `%`.
    if encoding::decode_segment(name.as_bytes(), &mut decoded).is_err() {
        decoded.clear();
        decoded.extend_from_slice(name.as_bytes());
    }
    if matches!(decoded.as_slice(), b"" | b"." | b"..") {
        return Err(BadName { reason: "no URL can reach a dot segment", help: "rename the folder" });
    }
    if decoded.iter().any(u8::is_ascii_control) {
        return Err(BadName {
            reason: "the name contains a control character, so no URL can reach it",
            help: "rename the folder",
        });
    }
    let mut segment = String::with_capacity(name.len());
    encoding::encode_segment(&decoded, &mut segment);
    Ok(segment)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn segment(text: &str) -> Folder {
        Folder::Segment(text.to_owned())
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        let cases = [
            ("blog", segment("blog")),
            (".well-known", segment(".well-known")),
            ("rss.xml", segment("rss.xml")),
            ("[id]", segment("[id]")),
            ("[...path]", segment("[...path]")),
            ("[[...path]]", segment("[[...path]]")),
            ("(shop)", Folder::Group),
            ("_lib", Folder::Private),
            ("%5Fvisible", segment("_visible")),
            ("%5fvisible", segment("_visible")),
            ("@modal", Folder::Slot("modal".to_owned())),
            ("(.)photo", Folder::Intercepting(InterceptionMarker::SameLevel, "photo".to_owned())),
            ("(..)[id]", Folder::Intercepting(InterceptionMarker::OneUp, "[id]".to_owned())),
            ("(..)(..)a", Folder::Intercepting(InterceptionMarker::TwoUp, "a".to_owned())),
            ("(...)[...x]", Folder::Intercepting(InterceptionMarker::Root, "[...x]".to_owned())),
        ];
        for (name, folder) in cases {
            assert_eq!(Folder::parse(name), Ok(folder), "{name}");
        }
    }

    #[test]
    fn static_names_are_canonical_url_segments() {
        assert_eq!(Folder::parse("café"), Ok(segment("caf%C3%A9")));
        assert_eq!(Folder::parse("a b"), Ok(segment("a%20b")));
        assert_eq!(Folder::parse("100%"), Ok(segment("100%25")));
        assert_eq!(Folder::parse("a[b"), Ok(segment("a%5Bb")));
    }

    #[test]
    fn bad_names_are_refused() {
        for name in [
            "[]",
            "[...]",
            "[[...]]",
            "[[id]]",
            "[....x]",
            "[.x]",
            "[…x]",
            "[[x]",
            "[x]]",
            "[[[...x]]]",
            "@",
            "()",
            "(.)",
            "(..)(..)(..)x",
            "(.)(group)",
            "(.)@slot",
            "..",
            ".",
            "%2e%2e",
            "",
            "[..x]",
        ] {
            assert!(Folder::parse(name).is_err(), "{name}");
        }
    }
}
