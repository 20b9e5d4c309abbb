//! `cargo xtask test`: what CI runs, in the order in which it fails fastest.

use std::time::Instant;

use crate::run::{cargo, check, command, say, step};
use crate::{oracle, prepare, size, workspace};

pub(crate) fn run(browser: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    prepare::for_build()?;
    let chromium = if browser { Some(prepare::chromium()?) } else { None };
    let root = workspace::root();
    let cargo = cargo();
    let run = |title: &str, arguments: &[&str]| -> anyhow::Result<()> {
        let begun = Instant::now();
        step(title);
        check(&mut command(&root, &cargo, arguments))?;
        say(&format!("   {} s", begun.elapsed().as_secs()));
        Ok(())
    };

    run("format", &["fmt", "--all", "--check"])?;
    step("TypeScript: types and tests");
    let runtime = root.join("crates/cli/runtime");
    prepare::npm(&runtime)?;
    check(&mut command(&runtime, "npm", &["run", "--silent", "check"]))?;
    run("build", &["build", "--locked", "--workspace", "--bin", "vinext"])?;
    run("unit, property and integration tests", &["test", "--locked", "--workspace", "--quiet"])?;
    step("oracle");
    oracle::ask(oracle::What::Coverage, &[], false)?;
    oracle::ask(oracle::What::Check, &[], browser)?;
    step("client JavaScript");
    size::check(false)?;
    if let Some(chromium) = chromium {
        step("browser");
        prepare::npm(&root.join("examples/thirty-three"))?;
        let suite = root.join("tests/browser");
        prepare::npm(&suite)?;
        let mut node = command(&suite, "npm", &["test", "--silent"]);
        node.env("CHROMIUM", chromium).env("VINEXT", workspace::binary("dev"));
        check(&mut node)?;
    }
    run("lints", &["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    // What the crates promise to those who take only a part of them.
    let alone = |package: &str, features: &[&str]| {
        let arguments = ["check", "--locked", "--quiet", "-p", package, "--no-default-features"];
        run(&format!("{package} with {features:?} alone"), &[&arguments, features].concat())
    };
    alone("vinext-router", &[])?;
    alone("vinext-adapters", &[])?;
    alone("vinext-adapters", &["--features", "native"])?;
    say(&format!("\nall green in {} s", started.elapsed().as_secs()));
    Ok(())
}
