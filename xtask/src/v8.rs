//! Where V8's static library comes from.
//!
//! The `v8` crate takes it from `RUSTY_V8_ARCHIVE`, else from its cache below Cargo's home, else from the releases of
//! the V8 project or what `RUSTY_V8_MIRROR` names in their place. A machine that reaches none of these builds it from the
//! crate's own source.

mod build;
mod releases;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

pub(crate) use self::build::build;
use self::releases::Reach;
use crate::run::{check, command, say};
use crate::workspace;

/// The version that `deno_core` links.
const VERSION: &str = "150.4.0";

/// Where a build gets the library.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// What `RUSTY_V8_ARCHIVE` names.
    Named(String),
    Cached,
    Shared(PathBuf),
    /// Below the folder that `RUSTY_V8_MIRROR` names.
    Mirrored(PathBuf),
    Downloaded,
    /// Nowhere yet.
    Missing(Why),
}

/// Why it cannot be had at once.
#[derive(Debug, PartialEq, Eq)]
enum Why {
    /// The address that does not answer.
    Unreachable(String),
    NoProgram,
}

/// What is done for want of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Quickjs,
    Build,
}

/// Whether a build will have the library; says where it comes from, or that QuickJS takes its place.
pub(crate) fn find() -> anyhow::Result<bool> {
    take(&way()?, Instead::Quickjs)
}

/// Makes sure that a build will have the library, whatever it takes.
pub(crate) fn find_or_build() -> anyhow::Result<()> {
    if take(&way()?, Instead::Build)? { Ok(()) } else { build() }
}

fn way() -> anyhow::Result<Way> {
    if let Some(named) = std::env::var_os("RUSTY_V8_ARCHIVE") {
        let named = named.to_string_lossy().into_owned();
        if !releases::is_address(&named) && !Path::new(&named).is_file() {
            bail!("RUSTY_V8_ARCHIVE names {named}, which is no file: name the library, or unset it to have it found");
        }
        return Ok(Way::Named(named));
    }
    let mirror = releases::mirror();
    let url = releases::url(mirror.as_deref());
    if !releases::is_address(&url) {
        let file = PathBuf::from(&url);
        if !file.is_file() {
            bail!("RUSTY_V8_MIRROR has no {url}: put the library there, name an address, or unset it to have it found");
        }
        return Ok(Way::Mirrored(file));
    }
    if releases::cache().is_file() {
        return Ok(Way::Cached);
    }
    if let Some(shared) = releases::shared_archive() {
        return Ok(Way::Shared(shared));
    }
    Ok(match releases::reach(&url) {
        Reach::Reached => Way::Downloaded,
        Reach::Unreachable => Way::Missing(Why::Unreachable(url)),
        Reach::NothingToAskWith => Way::Missing(Why::NoProgram),
    })
}

/// Says which way it is, and whether it ends with a library.
fn take(way: &Way, instead: Instead) -> anyhow::Result<bool> {
    say(&sentence(way, instead));
    if let Way::Shared(archive) = way {
        place(archive, &releases::cache())?;
    }
    Ok(!matches!(way, Way::Missing(_)))
}

fn sentence(way: &Way, instead: Instead) -> String {
    match way {
        Way::Named(named) if releases::is_address(named) => {
            format!("V8: the v8 crate downloads what RUSTY_V8_ARCHIVE names (about 40 MB, a minute): {named}")
        }
        Way::Named(named) => format!("V8: the library that RUSTY_V8_ARCHIVE names, {named}; nothing to download"),
        Way::Cached => "V8: the library in Cargo's cache; nothing to download".to_owned(),
        Way::Shared(_) => {
            "V8: the library in ../shared/v8, which goes to Cargo's cache; nothing to download".to_owned()
        }
        Way::Mirrored(file) => format!("V8: the library of RUSTY_V8_MIRROR, {}; nothing to download", file.display()),
        Way::Downloaded => "V8: the v8 crate downloads its library (about 40 MB, a minute)".to_owned(),
        Way::Missing(why) => {
            let why = match why {
                Why::Unreachable(url) => format!("{url} cannot be reached"),
                Why::NoProgram => "there is no curl, python3 or deno to download it with".to_owned(),
            };
            match instead {
                Instead::Quickjs => format!(
                    "V8: {why}, so vinext is built on QuickJS (about 20 minutes on 2 cores, once), where everything \
                     works but JavaScript runs many times slower; `cargo xtask v8` builds V8 itself, in about 80 minutes"
                ),
                Instead::Build => format!(
                    "V8: {why}, so it is built from its source: about 80 minutes on 2 cores, once; interrupted, it goes \
                     on where it was"
                ),
            }
        }
    }
}

fn place(from: &Path, to: &Path) -> anyhow::Result<()> {
    let folder = to.parent().context("the cache has a folder")?;
    fs::create_dir_all(folder)?;
    let draft = to.with_extension("draft");
    fs::copy(from, &draft)?;
    fs::rename(draft, to)?;
    Ok(())
}

/// A package in Cargo's registry, fetched if need be.
pub(crate) fn registry_package(name: &str) -> anyhow::Result<PathBuf> {
    check(&mut command(&workspace::root(), &crate::run::cargo(), &["fetch", "--locked"]))?;
    let sources = workspace::cargo_home().join("registry/src");
    let folders = fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))?;
    let found = folders.flatten().map(|folder| folder.path().join(name)).find(|path| path.is_dir());
    found.with_context(|| format!("{name} is not in Cargo's registry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_happens() {
        let missing = Way::Missing(Why::Unreachable("https://example.org/v8".to_owned()));
        let builds = sentence(&missing, Instead::Build);
        assert!(builds.contains("80 minutes") && !builds.contains("QuickJS"), "{builds}");
        let replaces = sentence(&missing, Instead::Quickjs);
        assert!(replaces.contains("built on QuickJS (about 20 minutes"), "{replaces}");
        let lacks = sentence(&Way::Missing(Why::NoProgram), Instead::Quickjs);
        assert!(!lacks.contains("reached"), "{lacks}");
    }

    #[test]
    fn every_way_says_how_long_it_is() {
        let ways = [
            Way::Named("/lib/v8.a".to_owned()),
            Way::Named("https://example.org/v8.a.gz".to_owned()),
            Way::Cached,
            Way::Shared(PathBuf::from("v8.a.gz")),
            Way::Mirrored(PathBuf::from("/mirror/v8.a.gz")),
            Way::Downloaded,
            Way::Missing(Why::NoProgram),
        ];
        for way in ways {
            let said = sentence(&way, Instead::Build);
            assert!(said.contains("minute") || said.contains("nothing to download"), "{said}");
        }
    }
}
