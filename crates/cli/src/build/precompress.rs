//! Compressed copies beside every text asset, so that the server never compresses what cannot change.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};

/// Files below this size gain nothing from compression: they fit in a packet as they are.
const MIN_BYTES: u64 = 1000;
/// Past level 6 gzip gains under one percent on scripts and takes twice the time.
const GZIP_LEVEL: u32 = 9;
/// The quality where brotli's time still fits in a build that should not be felt.
const BROTLI_QUALITY: i32 = 9;
const BROTLI_WINDOW: i32 = 22;

/// Text formats that shrink.
const EXTENSIONS: [&str; 8] = ["js", "css", "json", "svg", "txt", "xml", "map", "wasm"];

/// Writes `.gz` and `.br` beside each compressible file below `folder`.
pub(crate) fn precompress(folder: &Utf8Path) -> io::Result<()> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(files.len().max(1));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        compress(file)?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a compression thread panicked")))
        })
    })
}

fn collect(folder: &Utf8Path, files: &mut Vec<Utf8PathBuf>) -> io::Result<()> {
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            collect(entry.path(), files)?;
        } else if metadata.len() >= MIN_BYTES
            && entry.path().extension().is_some_and(|extension| EXTENSIONS.contains(&extension))
        {
            files.push(entry.into_path());
        }
    }
    Ok(())
}

fn compress(file: &Utf8Path) -> io::Result<()> {
    let bytes = std::fs::read(file)?;
    std::fs::write(format!("{file}.gz"), gzip(&bytes)?)?;
    let mut brotli = Vec::with_capacity(bytes.len() / 3);
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut brotli, &parameters)?;
    std::fs::write(format!("{file}.br"), brotli)
}

/// The gzip form of `bytes`, which is also how script sizes are counted.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read as _;

    use super::*;

    #[test]
    fn text_gets_both_copies_and_they_decode_to_the_original() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let text = "export const a = 1;\n".repeat(200);
        std::fs::create_dir(root.join("chunks")).unwrap();
        std::fs::write(root.join("chunks/a.js"), &text).unwrap();
        std::fs::write(root.join("logo.png"), text.as_bytes()).unwrap();
        std::fs::write(root.join("small.js"), "1").unwrap();
        precompress(root).unwrap();
        let mut decoded = String::new();
        let gz = std::fs::read(root.join("chunks/a.js.gz")).unwrap();
        flate2::read::GzDecoder::new(gz.as_slice()).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
        let mut decoded = Vec::new();
        let br = std::fs::read(root.join("chunks/a.js.br")).unwrap();
        brotli::BrotliDecompress(&mut br.as_slice(), &mut decoded).unwrap();
        assert_eq!(decoded, text.as_bytes());
        assert!(!root.join("logo.png.gz").exists() && !root.join("small.js.gz").exists());
    }
}
