//! `destination`: where a config route leads, with what was captured put in its places.

use super::condition::decoded;
use super::params::{Captured, Captures};
use super::pattern::Malformed;

/// Text with places for parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// With the delimiter before it, which goes when there is no value.
    /// `written` is the parameter as it stands in the source.
    Param {
        prefix: &'static str,
        name: String,
        written: String,
    },
}

/// What a template is part of: it decides how values are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    /// Of a redirect: a value is spelt as the path has it.
    Query,
    /// Of a rewrite: the page is given the value as the path spells it, so the escapes are escaped.
    PageQuery,
    Host,
}

impl Template {
    /// Finds the parameters of these names. Everything else is text.
    pub(super) fn new(source: &str, known: &[String]) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find([':', '\\']) {
            text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if rest.as_bytes()[at] == b'\\' {
                let mut chars = after.chars();
                text.extend(chars.next());
                rest = chars.as_str();
                continue;
            }
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            if !known.iter().any(|known| known == name) {
                text.push(':');
                rest = after;
                continue;
            }
            let prefix = if text.ends_with('/') { "/" } else { "" };
            if !prefix.is_empty() {
                text.pop();
            }
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            rest = behind.strip_prefix(['*', '+', '?']).unwrap_or(behind);
            let written = format!(":{}", &after[..after.len() - rest.len()]);
            parts.push(Part::Param { prefix, name: name.to_owned(), written });
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Self { parts }
    }

    fn uses(&self, name: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Param { name: used, .. } if used == name))
    }

    /// The text with values as they are: for headers.
    pub(super) fn fill_plain(&self, captures: &Captures) -> String {
        self.fill(captures, Captured::joined, true)
    }

    fn fill_for(&self, captures: &Captures, place: Place) -> String {
        let spell = |value: &Captured| match place {
            Place::Host => value.joined().bytes().map(host_byte).collect(),
            Place::Path | Place::Query | Place::PageQuery => spelt(&value.joined(), place),
        };
        self.fill(captures, spell, matches!(place, Place::Query | Place::PageQuery))
    }

    fn fill(&self, captures: &Captures, spell: impl Fn(&Captured) -> String, keep_missing: bool) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Param { prefix, name, written } => match captures.get(name) {
                    Some(value) => {
                        out.push_str(prefix);
                        out.push_str(&spell(value));
                    }
                    // What has no value stays as it was written where no delimiter could go with it.
                    None if keep_missing => {
                        out.push_str(prefix);
                        out.push_str(written);
                    }
                    None => {}
                },
            }
        }
        out
    }
}

/// A value in a URL.
fn spelt(value: &str, place: Place) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        let splits = place != Place::Path && matches!(byte, b'&' | b'=' | b'+');
        push_url_byte(byte, splits || (place == Place::PageQuery && byte == b'%'), &mut out);
    }
    out
}

fn ascii(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for byte in source.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A byte of a value in a URL. What ends a path or splits a header is escaped, an escape stays one.
fn push_url_byte(byte: u8, escape: bool, out: &mut String) {
    let unsafe_byte = !byte.is_ascii_graphic() || matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'?' | b'#');
    if escape || unsafe_byte {
        out.push_str(&format!("%{byte:02X}"));
    } else {
        out.push(char::from(byte));
    }
}

/// No value adds a port, a user or a path to a host.
fn host_byte(byte: u8) -> char {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') { char::from(byte) } else { '-' }
}

/// A compiled `destination`.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    /// `https://` and the host, if it is on another one.
    authority: Option<(String, Template)>,
    path: Template,
    query: Vec<(String, Template)>,
    hash: Option<Template>,
}

/// A destination with everything in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// `https://host`, if it is on another host.
    pub(super) origin: Option<String>,
    /// Never begins with `//`.
    pub(super) path: String,
    /// Without the question mark.
    pub(super) query: String,
    /// With the hash sign.
    pub(super) hash: String,
}

impl Destination {
    pub(super) fn new(source: &str, known: &[String]) -> Result<Self, Malformed> {
        // A location is ASCII.
        let source = ascii(source);
        let source = source.as_str();
        let (before_hash, hash) = match source.split_once('#') {
            Some((before, hash)) => (before, Some(hash)),
            None => (source, None),
        };
        let (before_query, query) = split_query(before_hash, known);
        let (authority, path) = if before_query.starts_with('/') && !before_query.starts_with("//") {
            (None, before_query)
        } else {
            let (scheme, rest) =
                before_query.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")).ok_or_else(
                    || Malformed("has a `destination` that starts with neither `/` nor `http(s)://`".to_owned()),
                )?;
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if host.is_empty() || host.contains('@') {
                return Err(Malformed("has a `destination` without a plain host".to_owned()));
            }
            (Some((format!("{scheme}://"), Template::new(host, known))), path)
        };
        let query = query
            .map(|query| {
                let pairs = query.split('&').filter(|pair| !pair.is_empty());
                pairs
                    .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                    .map(|(key, value)| (key.to_owned(), Template::new(value, known)))
                    .collect()
            })
            .unwrap_or_default();
        let destination = Self {
            authority,
            path: Template::new(path, known),
            query,
            hash: hash.map(|hash| Template::new(hash, known)),
        };
        destination.check(source, known)
    }

    /// A name that nothing captures is a mistake of the one who wrote it.
    fn check(self, source: &str, known: &[String]) -> Result<Self, Malformed> {
        let after_scheme = source.split_once("://").map_or(source, |(_, rest)| rest);
        let mut rest = after_scheme;
        while let Some(at) = rest.find(':') {
            let escaped = rest[..at].ends_with('\\');
            let after = &rest[at + 1..];
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let name = &after[..end];
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_unnamed = !name.is_empty() && !is_name && self.authority.is_none();
            if !escaped && is_unnamed {
                return Err(Malformed(format!(
                    "has a `destination` with the unnamed parameter `:{name}`; give it a name in `source`"
                )));
            }
            if !escaped && is_name && !known.iter().any(|known| known == name) {
                return Err(Malformed(format!(
                    "has a `destination` with `:{name}`, which neither `source` nor `has` captures"
                )));
            }
            rest = after;
        }
        Ok(self)
    }

    /// Whether it leaves this host.
    pub(super) const fn is_external(&self) -> bool {
        self.authority.is_some()
    }

    /// Whether its host has no place for a parameter.
    pub(super) fn has_plain_host(&self) -> bool {
        let parts = self.authority.iter().flat_map(|(_, host)| &host.parts);
        parts.into_iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// For a redirect: what the destination says of the query wins, the rest of the request's stays.
    pub(super) fn redirect(&self, captures: &Captures, query: &str) -> Filled {
        let added =
            self.query.iter().map(|(key, value)| (key.clone(), value.fill_for(captures, Place::Query))).collect();
        self.filled(captures, query, added)
    }

    /// For a rewrite: the same, with the parameters that the path has no place for.
    pub(super) fn rewrite(&self, captures: &Captures, query: &str) -> Filled {
        let mut added: Vec<(String, String)> = Vec::new();
        for (key, value) in &self.query {
            added.push((key.clone(), value.fill_for(captures, Place::PageQuery)));
        }
        let placed =
            |name: &str| self.path.uses(name) || self.authority.as_ref().is_some_and(|(_, host)| host.uses(name));
        if !captures.iter().any(|(name, _)| placed(name)) {
            let own: Vec<_> = self.query.iter().map(|(key, _)| decoded(key, true).into_owned()).collect();
            for (name, value) in captures.iter().filter(|(name, _)| !own.iter().any(|key| key == name)) {
                added.extend(value.values().iter().map(|value| (name.to_owned(), spelt(value, Place::PageQuery))));
            }
        }
        self.filled(captures, query, added)
    }

    fn filled(&self, captures: &Captures, query: &str, added: Vec<(String, String)>) -> Filled {
        let path = self.path.fill_for(captures, Place::Path);
        // `//host` would be another site's.
        let path = format!("/{}", path.trim_start_matches(['/', '\\']));
        let origin =
            self.authority.as_ref().map(|(scheme, host)| format!("{scheme}{}", host.fill_for(captures, Place::Host)));
        let hash =
            self.hash.as_ref().map(|hash| format!("#{}", hash.fill_for(captures, Place::Path))).unwrap_or_default();
        Filled { origin, path, query: ascii(&merged(query, added)), hash }
    }
}

/// The query of a destination. A question mark behind a parameter is its modifier.
fn split_query<'a>(source: &'a str, known: &[String]) -> (&'a str, Option<&'a str>) {
    let is_modifier = |at: usize| {
        let name = source[..at].rsplit_once(':').map(|(_, name)| name);
        name.is_some_and(|name| known.iter().any(|known| known == name)) && {
            let after = &source[at + 1..];
            after.is_empty() || after.starts_with(['/', '?', '.', '-'])
        }
    };
    match source.match_indices('?').map(|(at, _)| at).find(|&at| !is_modifier(at)) {
        Some(at) => (&source[..at], Some(&source[at + 1..])),
        None => (source, None),
    }
}

/// The request's query with the values of `added` for their keys: in its own place what was there, the rest behind.
fn merged(query: &str, added: Vec<(String, String)>) -> String {
    let added: Vec<_> =
        added.into_iter().map(|(key, value)| (decoded(&key, true).into_owned(), format!("{key}={value}"))).collect();
    let mut placed: Vec<String> = Vec::new();
    let mut out: Vec<&str> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = decoded(pair.split('=').next().unwrap_or_default(), true);
        if !added.iter().any(|(name, _)| *name == key) {
            out.push(pair);
        } else if !placed.iter().any(|name| *name == key) {
            out.extend(added.iter().filter(|(name, _)| *name == key).map(|(_, pair)| pair.as_str()));
            placed.push(key.into_owned());
        }
    }
    out.extend(added.iter().filter(|(name, _)| !placed.contains(name)).map(|(_, pair)| pair.as_str()));
    out.join("&")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn captures(pairs: &[(&str, &str)]) -> Captures {
        let mut captures = Captures::default();
        for (name, value) in pairs {
            let value = match value.split_once(',') {
                Some(_) => Captured::Many(value.split(',').map(str::to_owned).collect()),
                None => Captured::One((*value).to_owned()),
            };
            captures.set(name, value);
        }
        captures
    }

    fn redirect(destination: &str, pairs: &[(&str, &str)], query: &str) -> String {
        let known: Vec<_> = pairs.iter().map(|(name, _)| (*name).to_owned()).chain(["no".to_owned()]).collect();
        let filled = Destination::new(destination, &known).unwrap().redirect(&captures(pairs), query);
        let query = if filled.query.is_empty() { String::new() } else { format!("?{}", filled.query) };
        format!("{}{}{query}{}", filled.origin.unwrap_or_default(), filled.path, filled.hash)
    }

    #[test]
    fn values_take_their_places() {
        assert_eq!(redirect("/posts/:a", &[("a", "x%20y")], "q=1"), "/posts/x%20y?q=1");
        assert_eq!(redirect("/m/:a*", &[("a", "x,y")], ""), "/m/x/y");
        assert_eq!(redirect("/m/:no*", &[], ""), "/m");
        assert_eq!(redirect("/m/:no?", &[], ""), "/m");
        assert_eq!(redirect("/p?y=:a", &[("a", "1")], ""), "/p?y=1");
        assert_eq!(redirect("/p/:a?y=:a", &[("a", "1")], ""), "/p/1?y=1");
        assert_eq!(redirect("/p#:a", &[("a", "top")], "x"), "/p?x#top");
        assert_eq!(redirect("https://:a.example:8080/:a", &[("a", "x")], ""), "https://x.example:8080/x");
        assert_eq!(redirect("https://example", &[], "x"), "https://example/?x");
        assert_eq!(redirect("/é ü", &[], ""), "/%C3%A9%20%C3%BC");
    }

    #[test]
    fn what_the_destination_says_of_the_query_wins() {
        assert_eq!(redirect("/p?from=config", &[], "from=a&b=1&from=c"), "/p?from=config&b=1");
        assert_eq!(redirect("/p?from=config", &[], "b=1"), "/p?b=1&from=config");
    }

    #[test]
    fn a_value_ends_no_path_and_no_header_and_leads_to_no_other_host() {
        assert_eq!(redirect("/p/:a", &[("a", "x y?z\r\n#")], ""), "/p/x%20y%3Fz%0D%0A%23");
        assert_eq!(redirect("/:a", &[("a", "/evil.example")], ""), "/evil.example");
        assert_eq!(redirect("/:a", &[("a", "\\evil.example")], ""), "/%5Cevil.example");
        assert_eq!(redirect("/p?k=:a", &[("a", "x&y=z")], ""), "/p?k=x%26y%3Dz");
        assert_eq!(redirect("https://:a.example/", &[("a", "evil.com/@x:1")], ""), "https://evil.com--x-1.example/");
    }

    fn rewrite(destination: &str, pairs: &[(&str, &str)], query: &str) -> String {
        let known: Vec<_> = pairs.iter().map(|(name, _)| (*name).to_owned()).chain(["no".to_owned()]).collect();
        let filled = Destination::new(destination, &known).unwrap().rewrite(&captures(pairs), query);
        format!("{}?{}", filled.path, filled.query)
    }

    #[test]
    fn a_rewrite_tells_the_page_what_its_path_has_no_place_for() {
        assert_eq!(rewrite("/p", &[("a", "1"), ("b", "2")], "a=mine&x=1"), "/p?a=1&x=1&b=2");
        assert_eq!(rewrite("/p/:a", &[("a", "1"), ("b", "2")], ""), "/p/1?");
        assert_eq!(rewrite("/p?a=:a", &[("a", "x%26y")], ""), "/p?a=x%2526y");
        assert_eq!(rewrite("/p?n=:no*", &[("a", "1,2")], ""), "/p?n=:no*&a=1&a=2");
    }

    #[test]
    fn names_that_nothing_captures_are_refused() {
        for destination in ["/p/:b", "/p?x=:b", "//evil.example", "ftp://x", "https://user@x/", "p", "/p/:0"] {
            assert!(Destination::new(destination, &["a".to_owned()]).is_err(), "{destination}");
        }
    }
}
