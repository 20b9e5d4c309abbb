//! Which JavaScript engine a build gets, and how it is built: V8, or QuickJS where V8's library cannot be had.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::run::{cargo, check, command, step};
use crate::{quickjs, v8, workspace};

/// A JavaScript engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// V8: everything is made fast for it
    V8,
    /// QuickJS-ng: needs no library, and is many times slower
    Quickjs,
}

impl Engine {
    /// What is asked for, else what can be had at once.
    pub(crate) fn choose(asked: Option<Self>) -> anyhow::Result<Self> {
        match asked {
            Some(Self::Quickjs) => Ok(Self::Quickjs),
            Some(Self::V8) => v8::find_or_build().map(|()| Self::V8),
            None => Ok(if v8::find()? { Self::V8 } else { Self::Quickjs }),
        }
    }

    /// `cargo` with everything that chooses the engine, for all of the workspace.
    pub(crate) fn cargo(self, subcommand: &str) -> anyhow::Result<Command> {
        let mut cargo = command(&workspace::root(), &cargo(), &[subcommand, "--locked", "--workspace"]);
        if self == Self::Quickjs {
            cargo
                .args(["--no-default-features", "--features", "vinext/quickjs", "--config"])
                .arg(quickjs::path_override()?);
            for (name, value) in quickjs::environment()? {
                cargo.env(name, value);
            }
        }
        Ok(cargo)
    }

    /// Builds `vinext` and says where it is. The binaries of both engines lie side by side.
    pub(crate) fn build(self) -> anyhow::Result<PathBuf> {
        step(match self {
            Self::V8 => "building vinext (the first time: about 20 minutes on 2 cores)",
            Self::Quickjs => "building vinext on QuickJS (the first time: about 20 minutes on 2 cores)",
        });
        check(self.cargo("build")?.args(["--bin", "vinext"]))?;
        let built = workspace::binary("dev");
        if self == Self::V8 {
            return Ok(built);
        }
        let mut name = OsString::from("vinext-quickjs");
        name.push(std::env::consts::EXE_SUFFIX);
        let kept = built.with_file_name(name);
        fs::copy(&built, &kept)?;
        Ok(kept)
    }
}
