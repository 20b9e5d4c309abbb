//! `source`: which paths a config route is about.

use super::linear::Linear;
use super::params::{Captured, Captures};
use super::pattern::{self, Malformed, Token};

/// A compiled `source`, or a matcher of a proxy.
#[derive(Debug, Clone)]
pub(super) struct Source {
    linear: Linear,
    /// Per capturing group: its name, and what its repetitions are separated by.
    groups: Vec<(Option<String>, Option<String>)>,
}

impl Source {
    /// A `source` of `next.config`: its letters are small or capital.
    pub(super) fn new(source: &str) -> Result<Self, Malformed> {
        Self::compile(source, true)
    }

    /// A matcher of a proxy: its letters are what they are.
    pub(super) fn exact(source: &str) -> Result<Self, Malformed> {
        Self::compile(source, false)
    }

    fn compile(source: &str, ignore_case: bool) -> Result<Self, Malformed> {
        if !source.starts_with('/') {
            return Err(Malformed("does not start with `/`".to_owned()));
        }
        let tokens = pattern::parse(source)?;
        let linear = Linear::path(&tokens, ignore_case)?;
        let groups = tokens
            .into_iter()
            .filter_map(|token| match token {
                Token::Param(param) if param.captures => {
                    let separator = param.modifier.repeats().then(|| format!("{}{}", param.suffix, param.prefix));
                    Some((param.name, separator))
                }
                Token::Param(_) | Token::Text(_) => None,
            })
            .collect();
        Ok(Self { linear, groups })
    }

    /// The parameters of a path that it takes. A parameter without a name is nobody's.
    pub(super) fn captures(&self, path: &str) -> Option<Captures> {
        let found = self.linear.captures(path)?;
        let mut captures = Captures::default();
        for (index, (name, separator)) in self.groups.iter().enumerate() {
            let (Some(name), Some(value)) = (name, found.get(index + 1)) else { continue };
            let value = value.as_str();
            captures.set(
                name,
                match separator.as_deref() {
                    None => Captured::One(value.to_owned()),
                    Some("") => Captured::Many(vec![value.to_owned()]),
                    Some(separator) => Captured::Many(value.split(separator).map(str::to_owned).collect()),
                },
            );
        }
        Some(captures)
    }

    /// The names that a destination may use.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().filter_map(|(name, _)| name.as_deref())
    }
}
