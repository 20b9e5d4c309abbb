//! `cargo xtask oracle`: the fixtures on the real Next and on vinext.

use std::path::Path;

use crate::run::{check, command};
use crate::{prepare, workspace};

/// What to do with the fixtures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// Build and serve them on Next, and write what it answers
    Record,
    /// Build and serve them on vinext, and compare
    Check,
    /// Show both sides of what is not the same
    Diff,
    /// Say which lines of the surface they pin, and which have none
    Coverage,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Check => "check",
            Self::Diff => "diff",
            Self::Coverage => "coverage",
        }
    }
}

pub(crate) fn run(what: What, fixtures: &[String]) -> anyhow::Result<()> {
    let browser = what != What::Coverage;
    let vinext = match what {
        What::Check | What::Diff => Some(prepare::for_task(None, &[prepare::CHROMIUM])?.build()?),
        What::Record | What::Coverage => None,
    };
    ask(what, fixtures, vinext.as_deref(), browser)
}

/// Runs the oracle, without its flows if there is no `browser`.
pub(crate) fn ask(what: What, fixtures: &[String], vinext: Option<&Path>, browser: bool) -> anyhow::Result<()> {
    let oracle = workspace::root().join("tests/oracle");
    prepare::npm(&oracle)?;
    if what == What::Record {
        prepare::npm_of_peer(&oracle.join("next"))?;
    }
    let mut node = command(&oracle, "node", &["oracle.mjs", what.name()]);
    node.args(fixtures);
    if let Some(vinext) = vinext {
        node.env("VINEXT", vinext);
    }
    if browser {
        node.env("CHROMIUM", prepare::chromium()?);
    } else {
        node.env("ORACLE_FLOWS", "no");
    }
    check(&mut node)
}
