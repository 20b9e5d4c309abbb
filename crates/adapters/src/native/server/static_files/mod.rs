//! Files that are served as they are: a build's `client/` folder and the project's `public/` folder.
//!
//! The [`index`] is made once, at the start: a request is a lookup of its canonical path in a map, so that nothing a
//! client sends becomes a path of the file system. Small files are read when they are first asked for and then stay in
//! memory ([`representation`]); a [`response`] chooses the encoding, the range and the status.

mod index;
mod representation;
mod response;

pub(super) use self::index::{MemoryLimits, StaticIndex};
