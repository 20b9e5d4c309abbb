//! What a browser loads for each page of a built app: its own server is started and asked by Chromium.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::run::{command, output};
use crate::{prepare, workspace};

/// How long a server may take until it answers.
const READY: Duration = Duration::from_secs(30);

/// Ends the server with the measurement, however that went.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // The program's own children, where it is a wrapper around another, are in its group.
        let _ = Command::new("kill").args(["--", &format!("-{}", self.0.id())]).stderr(Stdio::null()).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Path to compressed bytes of scripts. `server` is the command that serves the app in `dir`, without its port.
pub(crate) fn measure(mut server: Command, paths: &[&str]) -> anyhow::Result<BTreeMap<String, u64>> {
    use std::os::unix::process::CommandExt as _;

    let chromium = prepare::chromium()?;
    let suite = workspace::root().join("tests/browser");
    prepare::npm(&suite)?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let name = server.get_program().to_string_lossy().into_owned();
    server.args(["-p", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Server(server.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?);
    let origin = format!("http://127.0.0.1:{port}");
    wait_for(&origin).with_context(|| format!("{name} does not serve the app"))?;
    let mut node = command(&suite, "node", &["first-load.mjs", &origin]);
    node.args(paths).env("CHROMIUM", chromium).stderr(Stdio::inherit());
    let output = node.output().context("cannot start node")?;
    if !output.status.success() {
        bail!("the pages of {name} could not be loaded");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn wait_for(origin: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    while output("curl", &["--silent", "--fail", "--output", "/dev/null", "--max-time", "5", origin]).is_none() {
        if started.elapsed() > READY {
            bail!("no answer within {} s", READY.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// The pages of the app that are compared: those without parameters, and one of each with.
pub(crate) fn paths(app: &Path) -> anyhow::Result<Vec<String>> {
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(app.join(".vinext/build-manifest.json"))?)?;
    let routes = manifest["routes"].as_array().context("the manifest lists routes")?;
    let pages = routes.iter().filter(|route| route["kind"] == "page" && route["id"] != "/_not-found/page");
    let patterns = pages.filter_map(|route| route["pattern"].as_str());
    let filled =
        |pattern: &str| pattern.replace("[...slug]", "install/linux").replace("[slug]", "post-1").replace("[id]", "3");
    // Pages that were added to make the app larger are alike.
    Ok(patterns.filter(|pattern| !pattern.starts_with("/gen")).map(filled).collect())
}
