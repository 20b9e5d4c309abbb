//! What can go wrong in a store.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why a store has not done what it was asked. A cache takes it for a miss, counts it and tells its observer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It has not answered in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// A file could not be read or written.
    #[error("input or output failed: {0}")]
    Io(#[from] io::Error),
    /// There is no room for more, or nothing can be written at all. It is said once, until there has been room again.
    #[error("the disk is {}, nothing more is written to it until that has changed: {error}", state_of(.0), error = .0)]
    Full(#[source] io::Error),
    /// What it gave is no entry.
    #[error("what is stored is damaged: {0}")]
    Corrupt(String),
    /// It cannot be reached.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// It refused.
    #[error("the store refused: {0}")]
    Refused(String),
}

fn state_of(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::ReadOnlyFilesystem { "read-only" } else { "full" }
}
