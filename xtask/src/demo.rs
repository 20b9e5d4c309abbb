//! `cargo xtask demo`: from a clone to an app in the browser.

use crate::run::{self, cargo, check, command, say, step};
use crate::{prepare, workspace};

/// The app that the demo serves.
const EXAMPLE: &str = "examples/thirty-three";

pub(crate) fn run(port: u16, build_only: bool) -> anyhow::Result<()> {
    prepare::for_build()?;
    let root = workspace::root();
    step("building vinext (the first time: about 20 minutes on 2 cores)");
    // The whole workspace's features, so that the tests find everything compiled.
    run::run(&root, &cargo(), &["build", "--locked", "--workspace", "--bin", "vinext"])?;
    let app = root.join(EXAMPLE);
    step("installing the example's npm packages");
    prepare::npm(&app)?;
    let vinext = workspace::binary("dev");
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
