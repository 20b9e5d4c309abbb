//! The second reading of paths and the second matcher. Nothing here comes from the crate but the list of routes.

use vinext_router::{PatternSegment, RouteGraph, RoutePattern};

/// The decoded segments of a target's path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading(Vec<Vec<u8>>);

/// Reads a target as a person would with the URL standard beside them; `None` for what is no path.
pub(crate) fn read(target: &str) -> Option<Reading> {
    let lower = target.to_ascii_lowercase();
    let after_scheme =
        ["http://", "https://"].iter().find(|scheme| lower.starts_with(**scheme)).map(|scheme| scheme.len());
    let path = match after_scheme {
        Some(length) => {
            let rest = &target[length..];
            &rest[rest.find(['/', '\\', '?']).unwrap_or(rest.len())..]
        }
        None => target,
    };
    let path = path.split('?').next()?;
    let mut segments = Vec::new();
    for raw in path.split(['/', '\\']) {
        let segment = decode(raw.as_bytes())?;
        match segment.as_slice() {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            text if text.iter().any(u8::is_ascii_control) => return None,
            text if std::str::from_utf8(text).is_err() => return None,
            _ => segments.push(segment),
        }
    }
    Some(Reading(segments))
}

/// Decodes once.
fn decode(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'%' {
            let digits = std::str::from_utf8(raw.get(at + 1..at + 3)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            out.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            out.push(raw[at]);
            at += 1;
        }
    }
    Some(out)
}

/// The decoded segments of a path that is canonical.
pub(crate) fn decoded(path: &str) -> Vec<Vec<u8>> {
    path.split('/').filter(|segment| !segment.is_empty()).map(|segment| decode(segment.as_bytes()).unwrap()).collect()
}

impl Reading {
    /// What is below the base path, or else the whole, and whether it is outside. The framework's own files are below the
    /// asset prefix too.
    pub(crate) fn below(&self, base: &str, asset_prefix: &str) -> (Vec<Vec<u8>>, bool) {
        let (base, prefix) = (decoded(base), decoded(asset_prefix));
        if !prefix.is_empty()
            && self.0.starts_with(&prefix)
            && self.0.get(prefix.len()).is_some_and(|next| next == b"_next")
        {
            (self.0[prefix.len()..].to_vec(), false)
        } else if self.0.starts_with(&base) {
            (self.0[base.len()..].to_vec(), false)
        } else {
            (self.0.clone(), true)
        }
    }
}

/// The id of the route of a path: every pattern is tried, the most specific one counts.
pub(crate) fn find(graph: &RouteGraph, path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let own = graph.routes.iter().filter(|route| route.intercepts.is_none() && !route.id.is_not_found());
    own.filter(|route| takes(&route.pattern, &segments))
        .min_by_key(|route| route.pattern.segments().map(rank).collect::<Vec<_>>())
        .map(|route| route.id.to_string())
}

fn rank(segment: PatternSegment<'_>) -> u8 {
    match segment {
        PatternSegment::Static(_) => 0,
        PatternSegment::Dynamic(_) => 1,
        PatternSegment::CatchAll(_) => 2,
        PatternSegment::OptionalCatchAll(_) => 3,
    }
}

fn takes(pattern: &RoutePattern, path: &[&str]) -> bool {
    let mut rest = path;
    for segment in pattern.segments() {
        rest = match (segment, rest) {
            (PatternSegment::Static(text), [first, after @ ..])
                if decode(first.as_bytes()) == decode(text.as_bytes()) =>
            {
                after
            }
            (PatternSegment::Dynamic(_), [_, after @ ..]) => after,
            (PatternSegment::CatchAll(_), [_, ..]) | (PatternSegment::OptionalCatchAll(_), _) => return true,
            _ => return false,
        };
    }
    rest.is_empty()
}

/// Whether a pair of a query is of the framework's own.
pub(crate) fn is_internal_key(pair: &str) -> bool {
    let key = decode(pair.split('=').next().unwrap_or_default().as_bytes()).unwrap_or_default();
    let own = [&b"_rsc"[..], b"__nextLocale", b"__nextDefaultLocale", b"__nextDataReq"];
    own.contains(&key.as_slice())
        || (key.starts_with(b"nxtP") && key.len() > 4)
        || (key.starts_with(b"nxtI") && key.len() > 4)
}
