//! Files that travel as they are: images, fonts and whatever else a stylesheet or an import names.

mod image;
mod store;

pub use image::ImageSize;
pub(crate) use store::{Asset, AssetStore};

use camino::Utf8Path;

/// How a file that is not code is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssetKind {
    /// An object with `src`, `width` and `height`, as `next/image` takes it.
    Image,
    /// Its URL.
    File,
}

const IMAGES: [&str; 9] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "bmp", "svg"];
const FILES: [&str; 16] = [
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp4",
    "webm",
    "ogg",
    "mp3",
    "wav",
    "flac",
    "aac",
    "pdf",
    "vtt",
    "glb",
    "webmanifest",
];

/// What importing `id` means, if it names an asset.
pub(crate) fn asset_kind(id: &str) -> Option<AssetKind> {
    let extension = Utf8Path::new(id).extension()?;
    let is = |list: &[&str]| list.iter().any(|known| extension.eq_ignore_ascii_case(known));
    if is(&IMAGES) {
        Some(AssetKind::Image)
    } else if is(&FILES) {
        Some(AssetKind::File)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_objects_and_other_assets_are_urls() {
        assert_eq!(asset_kind("/a/b.PNG"), Some(AssetKind::Image));
        assert_eq!(asset_kind("/a/b.woff2"), Some(AssetKind::File));
        assert_eq!(asset_kind("/a/b.tsx"), None);
        assert_eq!(asset_kind("/a/png"), None);
    }
}
