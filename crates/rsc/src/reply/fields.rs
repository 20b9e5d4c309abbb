//! Which field of a form holds what.

use std::collections::{BTreeMap, HashSet};

use super::Reply;
use super::error::{FieldProblem, Limited, ReplyError};
use super::limits::ReplyLimits;
use super::tag::{FieldId, number};
use crate::multipart::{Field, Form};

/// A field's name behind the prefix, read.
enum Name {
    /// `1`: a value, or a file.
    Number(FieldId),
    /// `S1`: the next value of a stream.
    Stream(FieldId),
    /// `_1_name`: a field of a form in the reply.
    Entry,
}

/// The fields of one reply.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) prefix: String,
    pub(super) models: BTreeMap<FieldId, &'a str>,
    /// How long each file is.
    pub(super) files: BTreeMap<FieldId, usize>,
    pub(super) streams: BTreeMap<FieldId, Vec<&'a str>>,
    pub(super) entries: usize,
}

impl<'a> Fields<'a> {
    /// Those of a whole reply.
    pub(super) fn of_reply(reply: Reply<'a>, limits: &ReplyLimits) -> Result<Self, ReplyError> {
        let mut fields = Self::default();
        match reply {
            Reply::Text(text) => {
                if text.len() > limits.max_bytes {
                    return Err(ReplyError::over(Limited::Bytes, limits.max_bytes));
                }
                fields.models.insert(0, text);
            }
            Reply::Form(form) => {
                measure(form, limits)?;
                for field in &form.fields {
                    fields.add(&field.name, field)?;
                }
            }
        }
        fields.whole()
    }

    /// With a field whose name is `name` behind the prefix.
    pub(super) fn add(&mut self, name: &str, field: &'a Field) -> Result<(), ReplyError> {
        let problem = |problem| ReplyError::field(&field.name, problem);
        let text = || {
            if field.is_file() {
                return Err(problem(FieldProblem::File));
            }
            std::str::from_utf8(&field.value).map_err(|_| problem(FieldProblem::NotUtf8))
        };
        let is_new = match read_name(name).ok_or_else(|| problem(FieldProblem::Unknown))? {
            Name::Number(id) if field.is_file() => self.files.insert(id, field.value.len()).is_none(),
            Name::Number(id) => self.models.insert(id, text()?).is_none(),
            Name::Stream(id) => {
                self.streams.entry(id).or_default().push(text()?);
                true
            }
            Name::Entry => {
                self.entries += 1;
                true
            }
        };
        if is_new { Ok(()) } else { Err(problem(FieldProblem::Twice)) }
    }

    /// The fields, if they can be those of a reply: there is a root, and no number stands for two things.
    pub(super) fn whole(self) -> Result<Self, ReplyError> {
        let problem = |name: String, problem| ReplyError::field(&format!("{}{name}", self.prefix), problem);
        if !self.models.contains_key(&0) {
            return Err(problem("0".to_owned(), FieldProblem::Missing));
        }
        let mut seen = HashSet::new();
        for id in self.models.keys().chain(self.files.keys()).chain(self.streams.keys()) {
            if !seen.insert(*id) {
                return Err(problem(id.to_string(), FieldProblem::Twice));
            }
        }
        for (id, values) in &self.streams {
            let end = values.iter().position(|value| value.starts_with('C'));
            if end != Some(values.len() - 1) {
                return Err(problem(format!("S{id}"), FieldProblem::StreamEnd));
            }
        }
        Ok(self)
    }
}

/// Holds a form against the limits that need no look into its values.
pub(super) fn measure(form: &Form, limits: &ReplyLimits) -> Result<(), ReplyError> {
    if form.fields.len() > limits.max_fields {
        return Err(ReplyError::over(Limited::Fields, limits.max_fields));
    }
    let mut bytes = 0_usize;
    for field in &form.fields {
        let name_bytes = field.name.len().max(field.filename.as_ref().map_or(0, String::len));
        if name_bytes > limits.max_name_bytes {
            return Err(ReplyError::over(Limited::NameBytes, limits.max_name_bytes));
        }
        bytes = bytes.saturating_add(field.name.len()).saturating_add(field.value.len());
    }
    if bytes > limits.max_bytes { Err(ReplyError::over(Limited::Bytes, limits.max_bytes)) } else { Ok(()) }
}

/// Numbers in names are decimal. React's reader takes `" 1"`, `"0x1"` and `""` for numbers too.
fn read_name(name: &str) -> Option<Name> {
    let decimal = |digits: &str| number(digits.as_bytes(), 10);
    if let Some(rest) = name.strip_prefix('_') {
        let (id, _) = rest.split_once('_')?;
        return decimal(id).map(|_| Name::Entry);
    }
    match name.strip_prefix('S') {
        Some(id) => decimal(id).map(Name::Stream),
        None => decimal(name).map(Name::Number),
    }
}
