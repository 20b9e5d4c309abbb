//! `cargo xtask oracle`: the fixtures on the real Next and on vinext.

use crate::run::{cargo, check, command, run as run_program, step};
use crate::{prepare, workspace};

/// What to do with the fixtures.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum What {
    /// Build and serve them on Next, and write what it answers
    Record,
    /// Build and serve them on vinext, and compare
    Check,
    /// Say what they pin
    Coverage,
}

pub(crate) fn run(what: What, fixture: Option<&str>) -> anyhow::Result<()> {
    let root = workspace::root();
    if matches!(what, What::Check) {
        prepare::for_build()?;
        step("building vinext");
        run_program(&root, &cargo(), &["build", "--locked", "--workspace", "--bin", "vinext"])?;
    }
    ask(what, fixture)
}

/// Runs the oracle; vinext is built.
pub(crate) fn ask(what: What, fixture: Option<&str>) -> anyhow::Result<()> {
    let oracle = workspace::root().join("tests/oracle");
    prepare::npm(&oracle)?;
    if matches!(what, What::Record) {
        prepare::npm_of_peer(&oracle.join("next"))?;
    }
    let name = match what {
        What::Record => "record",
        What::Check => "check",
        What::Coverage => "coverage",
    };
    let mut node = command(&oracle, "node", &["oracle.mjs", name]);
    node.args(fixture).env("VINEXT", workspace::binary("dev"));
    check(&mut node)
}
