//! How much JavaScript browsers load: the 33-route app, every script of the build, compressed one by one.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::{command, output, run, say};
use crate::{prepare, workspace};

const APP: &str = "examples/thirty-three";
/// Bytes as of the commit that the file belongs to.
const RECORD: &str = "docs/client-size.txt";
/// DESIGN section 7: React and its Flight client alone are 76.5 kB.
const CEILING: u64 = 88_000;

/// Bytes of the scripts in a folder, each compressed, and how many they are.
pub(crate) fn scripts(folder: &Path) -> anyhow::Result<(u64, usize)> {
    let mut bytes = 0;
    let mut files = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            let (more, number) = scripts(&path)?;
            bytes += more;
            files += number;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&fs::read(&path)?)?;
            bytes += encoder.finish()?.len() as u64;
            files += 1;
        }
    }
    Ok((bytes, files))
}

/// Builds the app, says how large its scripts are and how that changed, and fails above the ceiling.
pub(crate) fn check(vinext: &Path, renew: bool) -> anyhow::Result<()> {
    let root = workspace::root();
    prepare::npm(&root.join(APP))?;
    if output(&vinext.to_string_lossy(), &["build", &root.join(APP).to_string_lossy()]).is_none() {
        // Once more, for what it says.
        run(&root, &vinext.to_string_lossy(), &["build", APP])?;
    }
    let (bytes, files) = scripts(&root.join(APP).join(".vinext/client/_next/static"))?;
    let committed = command(&root, "git", &["show", &format!("HEAD:{RECORD}")]).output()?;
    let before: Option<i64> = String::from_utf8_lossy(&committed.stdout).trim().parse().ok();
    let change = before.map_or_else(
        || "nothing is recorded to compare with".to_owned(),
        |before| format!("{:+} bytes since the last commit's record", bytes.cast_signed() - before),
    );
    say(&format!("client JS of {APP}: {bytes} bytes in {files} files, gzip; {change}; ceiling {CEILING}"));
    if renew {
        fs::write(root.join(RECORD), format!("{bytes}\n"))?;
    }
    if bytes > CEILING {
        bail!("the client JS is above its ceiling");
    }
    Ok(())
}
