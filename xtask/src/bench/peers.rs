//! Who builds and serves the same app: this project, Next, and Cloudflare's vinext.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::app33::{self, SourceFile};
use crate::run::step;
use crate::{prepare, workspace};

/// Somebody who builds and serves the app.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Folder with its `package.json` and lockfile.
    template: PathBuf,
    /// What to run in the app's folder.
    pub(super) program: PathBuf,
    /// What it writes, which is removed before each build.
    pub(super) output: &'static [&'static str],
    /// Where its browser scripts are.
    pub(super) scripts: &'static str,
}

/// This project, built with `profile`; then the others, unless it is to be `alone`.
pub(super) fn peers(profile: &str, alone: bool) -> Vec<Peer> {
    let root = workspace::root();
    let mut peers = vec![Peer {
        name: "vinext (this project)",
        template: root.join("examples/thirty-three"),
        program: workspace::binary(profile),
        output: &[".vinext"],
        scripts: ".vinext/client/_next/static",
    }];
    if !alone {
        peers.push(Peer {
            name: "next 16.4.6",
            template: root.join("xtask/peers/next"),
            program: "node_modules/.bin/next".into(),
            output: &[".next"],
            scripts: ".next/static",
        });
        peers.push(Peer {
            name: "vinext 1.4.0 (Cloudflare)",
            template: root.join("xtask/peers/vinext"),
            program: "node_modules/.bin/vinext".into(),
            output: &["dist"],
            scripts: "dist/client",
        });
    }
    peers
}

impl Peer {
    /// The app in a folder of its own below `work`, with the peer's packages.
    pub(super) fn prepare(&self, work: &Path, sources: &[SourceFile]) -> anyhow::Result<PathBuf> {
        let dir = work.join(self.name.split(' ').take(2).collect::<String>().replace(['(', ')', '.'], "-"));
        step(&format!("preparing {}", self.name));
        fs::create_dir_all(&dir)?;
        let _ = fs::remove_dir_all(dir.join("app"));
        app33::write_files(&dir, sources)?;
        for name in ["package.json", "package-lock.json", ".npmrc", "tsconfig.json", "next.config.ts", "vite.config.ts"]
        {
            let from = [self.template.join(name), workspace::root().join("examples/thirty-three").join(name)];
            if let Some(from) = from.iter().find(|path| path.is_file()) {
                fs::copy(from, dir.join(name))?;
            }
        }
        if self.program.is_absolute() {
            prepare::npm(&dir)?;
        } else {
            prepare::npm_of_peer(&dir)?;
        }
        Ok(dir)
    }

    /// The program in the app's folder, still without arguments.
    pub(super) fn command(&self, dir: &Path) -> anyhow::Result<Command> {
        let program = if self.program.is_absolute() { self.program.clone() } else { dir.join(&self.program) };
        // Node itself comes from npm where a peer needs a newer one.
        let path = std::env::join_paths(
            [dir.join("node_modules/.bin"), dir.join("node_modules/node/bin")]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        )?;
        let mut command = Command::new(program);
        command.current_dir(dir).env("PATH", path).env("NEXT_TELEMETRY_DISABLED", "1").env("CI", "1");
        Ok(command)
    }
}
