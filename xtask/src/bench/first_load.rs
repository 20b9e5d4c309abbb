//! What a browser loads for each page of a built app: its own server is started and asked by Chromium.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};

use super::server::Server;
use crate::run::command;
use crate::{prepare, workspace};

/// Path to compressed bytes of scripts.
pub(super) fn measure(server: &Server, paths: &[&str]) -> anyhow::Result<BTreeMap<String, u64>> {
    let chromium = prepare::chromium()?;
    let suite = workspace::root().join("tests/browser");
    prepare::npm(&suite)?;
    let mut node = command(&suite, "node", &["first-load.mjs", &format!("http://{}", server.address)]);
    let output = node.args(paths).env("CHROMIUM", chromium).stderr(Stdio::inherit()).output();
    let output = output.context("cannot start node")?;
    if !output.status.success() {
        bail!("the pages could not be loaded");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The pages of the app that are compared: those without parameters, and one of each with.
pub(super) fn paths(app: &Path) -> anyhow::Result<Vec<String>> {
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(app.join(".vinext/build-manifest.json"))?)?;
    let routes = manifest["routes"].as_array().context("the manifest lists routes")?;
    let pages = routes.iter().filter(|route| route["kind"] == "page" && route["id"] != "/_not-found/page");
    let patterns = pages.filter_map(|route| route["pattern"].as_str());
    let filled =
        |pattern: &str| pattern.replace("[...slug]", "install/linux").replace("[slug]", "post-1").replace("[id]", "3");
    // Pages that were added to make the app larger are alike.
    Ok(patterns.filter(|pattern| !pattern.starts_with("/gen")).map(filled).collect())
}
