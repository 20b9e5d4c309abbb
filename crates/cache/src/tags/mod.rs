//! Invalidation: a clock per tag, so that no entry is ever searched for.

mod clocks;
mod mark;
mod shared;
mod source;
mod stamp;
mod tag;

pub use self::mark::{Mark, MarkTimes, Subject};
pub(crate) use self::shared::Tags;
pub(crate) use self::source::Target;
pub use self::source::{TagSink, TagSource};
pub use self::stamp::Stamp;
pub use self::tag::{Tag, TagError};
