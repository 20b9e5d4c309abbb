//! Replies: what a client sends to a server function.
//!
//! React's `encodeReply` gives one JSON text, or a form: field `0` is the root, the other numbers are what it refers to,
//! `S1` are the values of a stream and `_1_name` the fields of a form among the arguments. Text that starts with `$` means
//! what JSON has no word for: `$@1` a promise, `$Q1` a map, `$0:a` an object that was written before.
//!
//! React's own reader is lenient, and has been broken through that more than once: by references that walked up
//! prototypes, by promises for themselves, by small replies that are huge to walk. [`check`] accepts what React writes and
//! nothing else, before any JavaScript sees it. It decodes nothing into values: what it says is safe is read by React.
//!
//! - References lead through own keys of what was sent, to something that is there; nothing is taken twice.
//! - Cycles are accepted where React writes them, through an object, a map or a set; not a value that is only itself, and
//!   not a promise for a promise.
//! - What React writes and never finishes reading is refused too: a server function whose bound arguments refer to the field
//!   that it stands in.
//! - A call without JavaScript is a form with `$ACTION_…` fields: [`action_form`].
//!
//! Time and memory are proportional to the length of the reply, and nothing recurses.

mod action;
mod check;
mod error;
mod fields;
mod forest;
mod graph;
mod limits;
mod tag;
mod waits;

use crate::multipart::Form;

pub use action::{ActionForm, ActionId, FormAction, action_form};
pub use error::{FieldProblem, JsonProblem, Limited, ReplyError, ValueProblem};
pub use limits::ReplyLimits;

/// What `encodeReply` gives.
#[derive(Debug, Clone, Copy)]
pub enum Reply<'a> {
    /// A body of type `text/plain`: the root alone.
    Text(&'a str),
    /// A body of type `multipart/form-data`.
    Form(&'a Form),
}

impl<'a> From<&'a str> for Reply<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Form> for Reply<'a> {
    fn from(form: &'a Form) -> Self {
        Self::Form(form)
    }
}

/// What is in a reply that was checked: [`check`] gives it, and nobody else does.
///
/// ```compile_fail,E0639
/// use vinext_rsc::reply::{ActionId, ReplyFacts};
///
/// fn claimed(server_functions: Vec<ActionId>) -> ReplyFacts {
///     ReplyFacts { arguments: Some(1), server_functions, values: 1, references: 0, cycles: 0, depth: 1, files: 0, streams: 0, work: 1 }
/// }
/// ```
///
/// There are no facts about a reply that nobody has looked at:
///
/// ```compile_fail,E0599
/// use vinext_rsc::reply::ReplyFacts;
///
/// fn unlooked() -> ReplyFacts {
///     ReplyFacts::default()
/// }
/// ```
///
/// Nor are there any without the error that a bad reply is:
///
/// ```compile_fail,E0308
/// use vinext_rsc::reply::{ReplyFacts, ReplyLimits, check};
///
/// fn trusting(reply: &str) -> ReplyFacts {
///     check(reply, &ReplyLimits::default())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyFacts {
    /// How many arguments there are, if the root is a list.
    pub arguments: Option<usize>,
    /// The server functions among the arguments, in their order; what React will look up.
    pub server_functions: Vec<ActionId>,
    /// Values in all fields.
    pub values: usize,
    /// References between them.
    pub references: usize,
    /// References that lead back to what they are in.
    pub cycles: usize,
    /// How deep they are nested, through references too.
    pub depth: usize,
    /// Files: blobs, and the bytes of buffers.
    pub files: usize,
    /// Streams.
    pub streams: usize,
    /// The steps that the check took: at most a few for each byte of the reply.
    pub work: u64,
}

impl ReplyFacts {
    /// Before anything has been read.
    const NONE: Self = Self {
        arguments: None,
        server_functions: Vec::new(),
        values: 0,
        references: 0,
        cycles: 0,
        depth: 0,
        files: 0,
        streams: 0,
        work: 0,
    };
}

/// Checks a reply to a server function that was called by JavaScript.
///
/// ```
/// use vinext_rsc::reply::{ReplyLimits, check};
///
/// let facts = check("[1,{\"a\":[]},\"$0:1:a\"]", &ReplyLimits::default())?;
/// assert_eq!((facts.arguments, facts.references), (Some(3), 1));
/// assert!(check("[{},\"$0:0:constructor\"]", &ReplyLimits::default()).is_err());
/// # Ok::<(), vinext_rsc::reply::ReplyError>(())
/// ```
pub fn check<'a>(reply: impl Into<Reply<'a>>, limits: &ReplyLimits) -> Result<ReplyFacts, ReplyError> {
    let fields = fields::Fields::of_reply(reply.into(), limits)?;
    check::Checked::new(&fields, limits).map(|checked| checked.facts)
}
