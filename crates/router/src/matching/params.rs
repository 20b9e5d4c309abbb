//! The values that a path gives to a pattern's parameters.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::inline_stack::InlineStack;

/// A part of a path. Canonical paths are short enough for two bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u16,
    pub(super) end: u16,
}

impl Span {
    #[expect(clippy::cast_possible_truncation, reason = "a canonical path has at most u16::MAX bytes")]
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u16, end: end as u16 }
    }

    fn of(self, path: &str) -> &str {
        path.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }
}

/// Eight parameters fit without a heap allocation.
pub(super) type Spans = InlineStack<Span, 8>;

/// A parameter of a compiled route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Param {
    pub(super) name: Box<str>,
    pub(super) source: ParamSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParamSource {
    /// The next span, one segment.
    Segment,
    /// The next span, some segments.
    Segments,
    /// Everything from this segment on: a slot's own catch-all.
    RestFrom(usize),
    /// The next span of the path that a navigation came from, one segment.
    Origin,
}

/// The parameters of a match, borrowed from its path, in the order of the pattern.
///
/// Values keep the canonical percent-encoding of the path, so that an encoded slash cannot be taken for a separator.
/// An optional catch-all that matched nothing is not there.
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    pub(super) path: &'a str,
    pub(super) params: &'a [Param],
    pub(super) spans: &'a Spans,
    /// The path that an intercepted navigation came from, with its own spans.
    pub(super) origin: Option<(&'a str, &'a Spans)>,
}

impl<'a> Params<'a> {
    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<ParamValue<'a>> {
        self.iter().find_map(|(param, value)| (param == name).then_some(value))
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, ParamValue<'a>)> + use<'a> {
        let Self { path, params, spans, origin } = *self;
        let (mut next, mut next_of_origin) = (0, 0);
        params.iter().filter_map(move |param| {
            let mut take = || {
                let span = spans.get(next).unwrap_or_default();
                next += 1;
                span.of(path)
            };
            let value = match param.source {
                ParamSource::Segment => ParamValue::Segment(take()),
                ParamSource::Segments => ParamValue::Segments(take()),
                ParamSource::Origin => {
                    let span = origin.and_then(|(path, spans)| Some(spans.get(next_of_origin)?.of(path)));
                    next_of_origin += 1;
                    ParamValue::Segment(span.unwrap_or_default())
                }
                ParamSource::RestFrom(from) => ParamValue::Segments(rest_from(path, from)),
            };
            (!value.as_str().is_empty() && !param.name.is_empty()).then_some((&*param.name, value))
        })
    }

    /// How many parameters have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// True if no parameter has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

fn rest_from(path: &str, segment: usize) -> &str {
    path.match_indices('/').nth(segment).map_or("", |(slash, _)| &path[slash + 1..])
}

/// As `{ "slug": "a%20b", "path": ["x", "y"] }`.
impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

/// The value of one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamValue<'a> {
    /// `[name]`: one segment.
    Segment(&'a str),
    /// A catch-all: one or more segments, with the slashes between them.
    Segments(&'a str),
}

impl<'a> ParamValue<'a> {
    /// The part of the path, slashes included.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::Segment(text) | Self::Segments(text) => text,
        }
    }

    /// The segments; exactly one for `[name]`.
    pub fn segments(self) -> impl Iterator<Item = &'a str> {
        self.as_str().split('/')
    }
}

/// A string for one segment, an array of strings for a catch-all.
impl Serialize for ParamValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Segment(text) => serializer.serialize_str(text),
            Self::Segments(_) => serializer.collect_seq(self.segments()),
        }
    }
}
