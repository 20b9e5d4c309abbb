//! Every asset of the project, read and named once however many graphs and stylesheets use it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

/// An asset that will be written to `_next/static/media/`.
#[derive(Debug)]
pub(crate) struct Asset {
    /// `<stem>.<hash>.<extension>`.
    pub(crate) name: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// The assets of a build.
#[derive(Debug, Default)]
pub(crate) struct AssetStore {
    by_path: Mutex<FxHashMap<Utf8PathBuf, Arc<Asset>>>,
}

impl AssetStore {
    /// Reads `path` and promises that it will be written.
    pub(crate) fn emit(&self, path: &Utf8Path) -> io::Result<Arc<Asset>> {
        if let Some(asset) = self.by_path.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(Arc::clone(asset));
        }
        let bytes = std::fs::read(path)?;
        let asset = Arc::new(Asset { name: asset_name(path, &bytes), bytes });
        let mut by_path = self.by_path.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(by_path.entry(path.to_owned()).or_insert(asset)))
    }

    /// Everything emitted, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Asset>> {
        let mut assets: Vec<_> =
            self.by_path.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        assets.sort_by(|a, b| a.name.cmp(&b.name));
        assets.dedup_by(|a, b| a.name == b.name);
        assets
    }
}

/// A name that changes with the content and needs no escaping in a URL.
fn asset_name(path: &Utf8Path, bytes: &[u8]) -> String {
    let stem: String = path
        .file_stem()
        .unwrap_or("asset")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .collect();
    let hash = &blake3::hash(bytes).to_hex()[..8];
    match path.extension() {
        Some(extension) => format!("{stem}.{hash}.{}", extension.to_ascii_lowercase()),
        None => format!("{stem}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_the_content_and_are_safe_in_a_url() {
        let one = asset_name(Utf8Path::new("/a/my photo (1).PNG"), b"1");
        let two = asset_name(Utf8Path::new("/a/my photo (1).PNG"), b"2");
        assert!(one.starts_with("my_photo__1_.") && one.ends_with(".png"), "{one}");
        assert_ne!(one, two);
    }
}
