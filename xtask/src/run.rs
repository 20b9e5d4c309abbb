//! Runs programs and says what it does.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// A line for whoever watches.
#[expect(clippy::print_stdout, reason = "this is a command line")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// A step of a longer task.
pub(crate) fn step(text: &str) {
    say(&format!("\n== {text}"));
}

/// A program with its arguments, started in `dir`.
pub(crate) fn command(dir: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).args(arguments);
    command
}

/// Runs a program and fails if it does.
pub(crate) fn run(dir: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    check(&mut command(dir, program, arguments))
}

/// Runs a prepared program and fails if it does.
pub(crate) fn check(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        bail!("`{name} {}` failed ({status})", arguments.join(" "));
    }
    Ok(())
}

/// What a program prints, or `None` if it cannot be run or fails.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `cargo`, as it was called.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
