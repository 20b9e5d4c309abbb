//! `cargo xtask demo`: from a clone to an app in the browser.

use crate::engine::Engine;
use crate::run::{self, check, command, say, step};
use crate::{prepare, workspace};

/// The app that the demo serves.
const EXAMPLE: &str = "examples/thirty-three";

pub(crate) fn run(port: u16, build_only: bool, engine: Option<Engine>) -> anyhow::Result<()> {
    // The whole workspace's features, so that the tests find everything compiled.
    let vinext = prepare::for_build(engine)?.build()?;
    let root = workspace::root();
    let app = root.join(EXAMPLE);
    step("installing the example's npm packages");
    prepare::npm(&app)?;
    let vinext = vinext.to_string_lossy();
    step(&format!("vinext build {EXAMPLE}"));
    run::run(&root, &vinext, &["build", EXAMPLE])?;
    if build_only {
        return Ok(());
    }
    step(&format!("vinext start {EXAMPLE} (stop it with Ctrl-C)"));
    say(&format!("open http://localhost:{port}"));
    check(command(&root, &vinext, &["start", EXAMPLE]).arg("-p").arg(port.to_string()))
}
