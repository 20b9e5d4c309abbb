//! `vinext info`: what a bug report needs to say.

use std::fmt::Write as _;

use vinext_adapters::manifest::{BuildDir, Manifest, ManifestError};

use crate::args::InfoArgs;
use crate::config;
use crate::error::CliError;
use crate::project::{Project, installed_version};

/// Packages whose versions decide how an app behaves.
const PACKAGES: [&str; 5] = ["react", "react-dom", "react-server-dom-webpack", "next", "typescript"];

/// Runs the command.
pub(crate) fn run(args: &InfoArgs) -> Result<(), CliError> {
    let project = Project::open(&args.dir)?;
    console::Term::stdout().write_line(&report(&project)).ok();
    Ok(())
}

fn report(project: &Project) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "vinext:   {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(out, "platform: {} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(out, "engine:   {}", vinext_adapters::native::engine::version());
    let node = std::process::Command::new("node").arg("--version").output();
    let node = node.ok().filter(|output| output.status.success());
    let node =
        node.map_or_else(|| "not found".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let _ = writeln!(out, "node:     {node} (vinext runs without it)");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let _ = writeln!(out, "cores:    {cores}");
    let _ = writeln!(out, "project:  {}", project.root);
    let app = project.app_dir().map_or_else(|error| error.to_string(), |dir| dir.to_string());
    let _ = writeln!(out, "app:      {app}");
    let config = config::find(&project.root).map_or_else(|| "none".to_owned(), |path| path.to_string());
    let _ = writeln!(out, "config:   {config}");
    let _ = writeln!(out, "build:    {}", build(project));
    out.push_str("packages:\n");
    for name in PACKAGES {
        let version = installed_version(&project.root, name).unwrap_or_else(|| "not installed".to_owned());
        let _ = writeln!(out, "  {name:<26} {version}");
    }
    out.truncate(out.trim_end().len());
    out
}

/// What the output folder has. A `distDir` of `next.config` is not looked for: a broken configuration is reported, too.
fn build(project: &Project) -> String {
    let dir = BuildDir::new(project.root.join(config::Config::default().dist_dir));
    match Manifest::read(&dir) {
        Ok(manifest) => format!("{} ({} routes)", manifest.build_id, manifest.routes.len()),
        Err(ManifestError::Missing { .. }) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn the_report_names_versions_and_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("node_modules/react")).unwrap();
        std::fs::write(root.join("node_modules/react/package.json"), r#"{"version":"19.3.1"}"#).unwrap();
        let report = report(&Project::open(root).unwrap());
        assert!(report.contains("react                      19.3.1"), "{report}");
        assert!(report.contains("build:    none"), "{report}");
        assert!(report.contains("react-dom                  not installed"), "{report}");
    }
}
