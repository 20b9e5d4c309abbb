//! The subcommands, one file each.

pub(crate) mod build;
pub(crate) mod info;
pub(crate) mod start;

use console::{Term, style};

use crate::error::CliError;

/// The threads that a command's asynchronous work runs on.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Engine { source: source.into() })
}

/// Says something that did not stop the command.
pub(crate) fn warn(message: &str) {
    Term::stderr().write_line(&format!("{} {message}", style("⚠").yellow())).ok();
}
