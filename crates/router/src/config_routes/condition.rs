//! `has` and `missing`: what else of a request a config route asks for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::linear::Linear;
use super::params::{Captured, Captures};
use super::pattern::Malformed;
use crate::encoding;
use crate::request::cookies;

/// An item of `has` or `missing`, as `next.config` and a proxy's matcher write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionDefinition {
    /// Where to look.
    #[serde(rename = "type")]
    pub kind: ConditionKind,
    /// The name to look for; a host has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A regex for all of the value. Without one, any value will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Where a condition looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConditionKind {
    /// A header of the request.
    Header,
    /// A cookie of the request.
    Cookie,
    /// A key of the query.
    Query,
    /// The host, without its port.
    Host,
}

/// What conditions may look at.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'h, 'q> {
    pub(crate) header: &'h dyn Fn(&str) -> Option<&'h [u8]>,
    pub(crate) query: &'q str,
}

/// A compiled condition.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    kind: ConditionKind,
    key: String,
    value: Option<Linear>,
}

impl Condition {
    pub(super) fn new(definition: &ConditionDefinition) -> Result<Self, Malformed> {
        let key = match (&definition.kind, &definition.key) {
            (ConditionKind::Host, _) => String::new(),
            (ConditionKind::Header, Some(key)) if !key.is_empty() => key.to_ascii_lowercase(),
            (_, Some(key)) if !key.is_empty() => key.clone(),
            _ => return Err(Malformed("has a condition without a `key`".to_owned())),
        };
        if definition.kind == ConditionKind::Host && definition.value.is_none() {
            return Err(Malformed("has a condition of type `host` without a `value`".to_owned()));
        }
        let compiled = |value: &str| {
            let of_value = |Malformed(problem)| Malformed(format!("has a condition whose `value` {value:?} {problem}"));
            Linear::value(value).map_err(of_value)
        };
        let value = definition.value.as_deref().map(compiled).transpose()?;
        Ok(Self { kind: definition.kind, key, value })
    }

    /// Whether it holds; what it captures goes to `captures`.
    pub(super) fn holds(&self, facts: &Facts<'_, '_>, captures: &mut Captures) -> bool {
        let Some(found) = self.find(facts).filter(|found| !found.is_empty()) else { return false };
        let Some(value) = &self.value else {
            captures.set(&parameter_name(&self.key), Captured::One(found.into_owned()));
            return true;
        };
        let Some(groups) = value.captures(&found) else { return false };
        let mut named = false;
        for (index, name) in value.names() {
            named = true;
            if let Some(group) = groups.get(index) {
                captures.set(name, Captured::One(group.as_str().to_owned()));
            }
        }
        if !named && self.kind == ConditionKind::Host {
            captures.set("host", Captured::One(found.into_owned()));
        }
        true
    }

    fn find<'f, 'h: 'f, 'q: 'f>(&self, facts: &Facts<'h, 'q>) -> Option<Cow<'f, str>> {
        let header = |name: &str| (facts.header)(name).and_then(|value| std::str::from_utf8(value).ok());
        match self.kind {
            ConditionKind::Header => header(&self.key).map(Cow::Borrowed),
            ConditionKind::Cookie => cookie((facts.header)("cookie")?, &self.key),
            ConditionKind::Query => query(facts.query, &self.key),
            ConditionKind::Host => {
                let host = header("host")?;
                let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
                Some(Cow::Owned(host[..end.unwrap_or(host.len())].to_ascii_lowercase()))
            }
        }
    }

    /// The names that a destination may use.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.value.iter().flat_map(Linear::names).map(|(_, name)| name.to_owned()).collect();
        match self.kind {
            ConditionKind::Host if names.is_empty() => names.push("host".to_owned()),
            _ if self.value.is_none() => names.push(parameter_name(&self.key)),
            _ => {}
        }
        names
    }
}

/// The parameter that a key becomes: its letters.
fn parameter_name(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphabetic).collect()
}

fn cookie<'a>(header: &'a [u8], wanted: &str) -> Option<Cow<'a, str>> {
    let (_, value) = cookies(header).find(|(name, _)| *name == wanted.as_bytes())?;
    let value = std::str::from_utf8(value).ok()?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    Some(decoded(value, false))
}

/// The last value of a key.
fn query<'a>(query: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let pairs = query.split('&').rev();
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| decoded(key, true) == wanted)
        .map(|(_, value)| decoded(value, true))
}

/// What cannot be decoded stays as it is.
pub(super) fn decoded(text: &str, form: bool) -> Cow<'_, str> {
    if !(text.contains('%') || form && text.contains('+')) {
        return Cow::Borrowed(text);
    }
    let spaced = if form { text.replace('+', " ") } else { text.to_owned() };
    let mut bytes = Vec::new();
    match encoding::decode_segment(spaced.as_bytes(), &mut bytes) {
        Ok(()) => String::from_utf8(bytes).map_or(Cow::Owned(spaced), Cow::Owned),
        Err(_) => Cow::Owned(spaced),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ask(json: &str, headers: &[(&str, &str)], query: &str) -> Option<Captures> {
        let definition: ConditionDefinition = serde_json::from_str(json).unwrap();
        let condition = Condition::new(&definition).unwrap();
        let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes());
        let mut captures = Captures::default();
        condition.holds(&Facts { header: &header, query }, &mut captures).then_some(captures)
    }

    fn one(captures: Option<Captures>, name: &str) -> String {
        captures.unwrap().get(name).unwrap().joined()
    }

    #[test]
    fn a_value_that_needs_backtracking_is_refused_and_shown() {
        let definition = r#"{ "type": "header", "key": "x", "value": "(?<=a)b" }"#;
        let Malformed(problem) = Condition::new(&serde_json::from_str(definition).unwrap()).unwrap_err();
        assert!(problem.starts_with("has a condition whose `value` \"(?<=a)b\" looks around"), "{problem}");
    }

    #[test]
    fn a_header_is_found_whatever_its_case() {
        let json = r#"{ "type": "header", "key": "X-Who" }"#;
        assert_eq!(one(ask(json, &[("x-who", "ann")], ""), "XWho".to_lowercase().as_str()), "ann");
        assert!(ask(json, &[("x-who", "")], "").is_none());
        assert!(ask(json, &[], "").is_none());
    }

    #[test]
    fn a_value_is_compared_whole_and_captured_by_name() {
        let json = r#"{ "type": "query", "key": "page", "value": "(?<page>\\d+)" }"#;
        assert_eq!(one(ask(json, &[], "page=1&page=23"), "page"), "23");
        assert!(ask(json, &[], "page=2x").is_none());
        assert!(ask(json, &[], "page=").is_none());
    }

    #[test]
    fn cookies_and_hosts_are_read() {
        let cookie = r#"{ "type": "cookie", "key": "b", "value": "2 3" }"#;
        assert!(ask(cookie, &[("cookie", "a=1; b=2%203")], "").is_some());
        assert!(ask(cookie, &[("cookie", "ab=2%203")], "").is_none());
        let host = r#"{ "type": "host", "value": "(?<sub>.*)\\.example" }"#;
        assert_eq!(one(ask(host, &[("host", "Shop.example:3000")], ""), "sub"), "shop");
        assert!(ask(host, &[("host", "shop.example.evil")], "").is_none());
    }

    #[test]
    fn keys_of_a_query_may_be_encoded() {
        let json = r#"{ "type": "query", "key": "a b" }"#;
        assert_eq!(one(ask(json, &[], "a+b=c%2Fd"), "ab"), "c/d");
    }
}
