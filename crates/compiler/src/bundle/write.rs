//! Writes what was built.

use std::fs;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rolldown::BundleOutput;
use rolldown_common::Output;

use super::error::BuildError;
use crate::assets::Asset;

/// Empties a directory that belongs to the build.
pub(crate) fn empty(dir: &Utf8Path) -> Result<(), BuildError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(BuildError::Write { path: dir.to_owned(), source: error });
        }
        _ => {}
    }
    fs::create_dir_all(dir).map_err(|source| BuildError::Write { path: dir.to_owned(), source })
}

/// Writes one file and the directories above it.
pub(crate) fn file(path: &Utf8Path, content: &[u8]) -> Result<(), BuildError> {
    let written = match path.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(path, content)),
        None => fs::write(path, content),
    };
    written.map_err(|source| BuildError::Write { path: path.to_owned(), source })
}

/// Writes a graph's chunks and assets below `dir`.
pub(crate) fn bundle(dir: &Utf8Path, bundle: &BundleOutput) -> Result<(), BuildError> {
    for output in &bundle.assets {
        file(&dir.join(output.filename()), output.content_as_bytes())?;
    }
    Ok(())
}

/// Writes images, fonts and the like.
pub(crate) fn media(client: &Utf8Path, assets: &[Arc<Asset>]) -> Result<(), BuildError> {
    let folder: Utf8PathBuf = client.join("_next/static/media");
    assets.iter().try_for_each(|asset| file(&folder.join(&asset.name), &asset.bytes))
}

/// The chunks of a graph.
pub(crate) fn chunks(bundle: &BundleOutput) -> impl Iterator<Item = &rolldown_common::OutputChunk> {
    bundle.assets.iter().filter_map(|output| match output {
        Output::Chunk(chunk) => Some(&**chunk),
        Output::Asset(_) => None,
    })
}
