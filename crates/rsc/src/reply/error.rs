//! Why a reply is refused.

use thiserror::Error;

/// A reply that React never writes, or too much of one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// More than one of the limits allows.
    #[error("the reply is over its limit of {limit} {what}")]
    OverLimit {
        /// What there is too much of.
        what: Limited,
        /// The limit.
        limit: u64,
    },
    /// A field that has no place in a reply, or that is there twice.
    #[error("field {name:?} {problem}")]
    Field {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: FieldProblem,
    },
    /// A model that is not JSON.
    #[error("field {field:?} is not JSON at byte {offset}: {problem}")]
    Json {
        /// The name of its field.
        field: String,
        /// Where.
        offset: usize,
        /// What is wrong there.
        problem: JsonProblem,
    },
    /// A value that React does not write.
    #[error("{value:?} in field {field:?} {problem}")]
    Value {
        /// The name of its field.
        field: String,
        /// The value, or the beginning of it.
        value: String,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// A server function's id that is none.
    #[error("{id:?} is not the id of a server function: 42 hexadecimal digits")]
    MalformedActionId {
        /// The id, or the beginning of it.
        id: String,
    },
}

impl ReplyError {
    pub(super) fn over(what: Limited, limit: usize) -> Self {
        Self::OverLimit { what, limit: limit as u64 }
    }

    pub(super) fn field(name: &str, problem: FieldProblem) -> Self {
        Self::Field { name: excerpt(name.as_bytes()), problem }
    }
}

/// What a reply can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Limited {
    /// Bytes of the whole.
    #[error("bytes")]
    Bytes,
    /// Fields.
    #[error("fields")]
    Fields,
    /// Bytes of a name.
    #[error("bytes of a field's name")]
    NameBytes,
    /// Arguments.
    #[error("arguments")]
    Arguments,
    /// Levels.
    #[error("levels of values")]
    Depth,
    /// Values.
    #[error("values")]
    Values,
    /// References.
    #[error("references")]
    References,
    /// References that lead back.
    #[error("cycles")]
    Cycles,
    /// What references add.
    #[error("values that references repeat")]
    Sharing,
    /// Digits.
    #[error("digits of a number")]
    BigIntDigits,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FieldProblem {
    /// Its name is none that React gives.
    #[error("is no field of a reply")]
    Unknown,
    /// It is there twice, or its number is another field's too.
    #[error("is there twice")]
    Twice,
    /// The root is missing.
    #[error("is missing")]
    Missing,
    /// It is a file where a value should be.
    #[error("is a file")]
    File,
    /// It is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// A stream without its end, or with something after it.
    #[error("is a stream that does not end where it should")]
    StreamEnd,
}

/// What is wrong with JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonProblem {
    /// Something else should be there.
    #[error("unexpected input")]
    Unexpected,
    /// A string that is malformed or has no end.
    #[error("malformed string")]
    String,
    /// A number that is malformed.
    #[error("malformed number")]
    Number,
    /// The same key twice in one object.
    #[error("the key of the object is there twice")]
    KeyTwice,
    /// The key `__proto__`.
    #[error("the key \"__proto__\" is not accepted")]
    Proto,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueProblem {
    /// It starts with `$`, and React does not write it so.
    #[error("is no value that React writes")]
    Unknown,
    /// There is no field of the kind that it refers to.
    #[error("refers to nothing that is there")]
    Missing,
    /// The path of the reference is not made of own keys, from a field's root to an object.
    #[error("does not lead to an object through own keys")]
    Path,
    /// What it refers to can be taken once, and was.
    #[error("takes what another value took")]
    Taken,
    /// The field is not what a map, a set, an iterator or a server function is made of.
    #[error("refers to a field of another shape")]
    Shape,
    /// The file's length is no multiple of an element's.
    #[error("refers to a file of a length that it cannot have")]
    Length,
    /// Following it comes back to itself, without an object in between.
    #[error("refers to itself")]
    Loop,
    /// The value of a promise is never a promise.
    #[error("is a promise for a promise")]
    Promise,
    /// A server function whose bound arguments need the field that it stands in: React would wait for ever.
    #[error("is bound to what waits for it")]
    Waits,
    /// A key `then` with a value that may become a function.
    #[error("may not be a \"then\"")]
    Then,
}

/// Enough of `text` to find it by.
pub(super) fn excerpt(text: &[u8]) -> String {
    const ENOUGH: usize = 80;
    let text = String::from_utf8_lossy(&text[..text.len().min(ENOUGH + 4)]).into_owned();
    match text.char_indices().find(|(at, _)| *at >= ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
