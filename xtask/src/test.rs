//! `cargo xtask test`: what CI runs, in the order in which it fails fastest.

use std::process::Command;
use std::time::Instant;

use crate::engine::Engine;
use crate::run::{cargo, check, command, say, step};
use crate::{oracle, prepare, quickjs, size, workspace};

pub(crate) fn run(browser: bool, engine: Option<Engine>) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut needs = vec![prepare::REDIS];
    if browser {
        needs.push(prepare::CHROMIUM);
        // The browser suite visits an app on each engine.
        needs.extend(quickjs::NEEDS);
    }
    let engine = prepare::for_task(engine, &needs)?;
    let chromium = if browser { Some(prepare::chromium()?) } else { None };
    let root = workspace::root();
    let cargo = cargo();
    let run = |title: &str, arguments: &[&str]| timed(title, &mut command(&root, &cargo, arguments));

    run("format", &["fmt", "--all", "--check"])?;
    step("TypeScript: types and tests");
    let runtime = root.join("crates/cli/runtime");
    prepare::npm(&runtime)?;
    check(&mut command(&runtime, "npm", &["run", "--silent", "check"]))?;
    step("what the fixtures pin");
    oracle::ask(oracle::What::Coverage, &[], None, false)?;
    let vinext = engine.build()?;
    let mut tests = engine.cargo("test")?;
    timed("unit, property and integration tests", tests.args(["--exclude", "vinext-cache", "--quiet"]))?;
    // Apart: they stop Tokio's clock, and with that feature of Tokio's everything would be built a second time.
    run("the cache and its stores", &["test", "--locked", "-p", "vinext-cache", "--all-features", "--quiet"])?;
    step("oracle");
    oracle::ask(oracle::What::Check, &[], Some(&vinext), browser)?;
    step("client JavaScript");
    size::check(&vinext, false)?;
    step("known holes");
    let suite = root.join("tests/browser");
    prepare::npm(&suite)?;
    let mut node = command(&root, "node", &["--test", "--test-reporter=spec", "tests/security/security.test.mjs"]);
    check(node.env("VINEXT", &vinext))?;
    if let Some(chromium) = chromium {
        step("browser");
        prepare::npm(&root.join("examples/thirty-three"))?;
        let mut node = command(&suite, "npm", &["test", "--silent"]);
        node.env("CHROMIUM", &chromium).env("VINEXT", &vinext);
        check(&mut node)?;
        if engine == Engine::V8 {
            // The other engine builds and serves the same app.
            let quickjs = Engine::Quickjs.build()?;
            let mut node = command(&suite, "node", &["--test", "thirty-three.test.mjs"]);
            check(node.env("CHROMIUM", &chromium).env("VINEXT", quickjs))?;
            // Cargo's own name is V8's again.
            engine.build()?;
        }
    }
    // A machine that cannot have V8 lints what it can build.
    timed("lints", engine.cargo("clippy")?.args(["--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    // What the crates promise to those who take only a part of them. None of these needs an engine.
    let alone = |package: &str, features: &[&str]| {
        let arguments = ["check", "--locked", "--quiet", "-p", package, "--no-default-features"];
        run(&format!("{package} with {features:?} alone"), &[&arguments, features].concat())
    };
    alone("vinext-router", &[])?;
    alone("vinext-adapters", &[])?;
    alone("vinext-adapters", &["--features", "native"])?;
    // Workspaces of their own, which nothing else compiles.
    let apart = |title: &str, manifest: &str| {
        run(title, &["check", "--locked", "--quiet", "--all-targets", "--manifest-path", manifest])
    };
    apart("fuzz targets", "fuzz/Cargo.toml")?;
    apart("benches of the cache beside others", "crates/cache/peers/Cargo.toml")?;
    // What crates.io would get: each crate has what its manifest names. The light ones are compiled from it; the others
    // would bring the bundler and the engine along once more.
    run(
        "light packages, compiled",
        &[
            "package",
            "--locked",
            "-p",
            "vinext-router",
            "-p",
            "vinext-rsc",
            "-p",
            "vinext-cache",
            "--quiet",
            "--allow-dirty",
        ],
    )?;
    run(
        "packages",
        &["package", "--locked", "--workspace", "--exclude", "xtask", "--no-verify", "--quiet", "--allow-dirty"],
    )?;
    say(&format!("\nall green in {} s", started.elapsed().as_secs()));
    Ok(())
}

/// A step, and how long it took.
fn timed(title: &str, command: &mut Command) -> anyhow::Result<()> {
    let begun = Instant::now();
    step(title);
    check(command)?;
    say(&format!("   {} s", begun.elapsed().as_secs()));
    Ok(())
}
