//! What a config route captured from a request.

/// The value of a parameter, spelt as the path has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Captured {
    One(String),
    /// Of a parameter that repeats.
    Many(Vec<String>),
}

impl Captured {
    pub(super) fn joined(&self) -> String {
        match self {
            Self::One(value) => value.clone(),
            Self::Many(values) => values.join("/"),
        }
    }

    pub(super) fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Parameters in the order in which they were captured; the last of a name counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Captures {
    entries: Vec<(String, Captured)>,
}

impl Captures {
    pub(super) fn set(&mut self, name: &str, value: Captured) {
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Captured> {
        self.entries.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Captured)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }
}
