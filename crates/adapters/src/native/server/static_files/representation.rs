//! The bytes of a file in one encoding, and their entity tag.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};
use http::HeaderValue;
use tokio::fs::File;
use tokio::sync::{Mutex, OnceCell};

use crate::native::server::compression::compress;
use crate::native::server::etag::{entity_tag, weak};
use crate::native::server::negotiation::Coding;

/// A file in one encoding.
pub(super) struct Representation {
    source: Source,
    coding: Coding,
}

enum Source {
    /// Read at the first request, then kept.
    Memory { path: Utf8PathBuf, cell: Arc<OnceCell<InMemory>> },
    /// Compressed at the first request from what `original` keeps, then kept.
    Compressed { path: Utf8PathBuf, original: Arc<OnceCell<InMemory>>, cell: OnceCell<InMemory> },
    /// Read for every request.
    Disk { path: Utf8PathBuf, measured: Mutex<Option<Measured>> },
}

/// Bytes and their tag.
#[derive(Clone)]
pub(super) struct InMemory {
    pub(super) bytes: Bytes,
    pub(super) etag: HeaderValue,
}

/// The tag of a file as it was at some time.
#[derive(Clone)]
struct Measured {
    len: u64,
    modified: Option<SystemTime>,
    etag: HeaderValue,
}

/// A representation that can be sent.
pub(super) enum Opened {
    /// From memory.
    Memory(InMemory),
    /// From this file.
    File {
        /// At its start.
        file: File,
        /// Its length.
        len: u64,
        /// The tag of its content.
        etag: HeaderValue,
    },
}

impl Opened {
    pub(super) const fn etag(&self) -> &HeaderValue {
        match self {
            Self::Memory(content) => &content.etag,
            Self::File { etag, .. } => etag,
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(content) => content.bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }
}

impl Representation {
    pub(super) fn new(path: Utf8PathBuf, _len: u64, coding: Coding, in_memory: bool) -> Self {
        let source = if in_memory {
            Source::Memory { path, cell: Arc::default() }
        } else {
            Source::Disk { path, measured: Mutex::default() }
        };
        Self { source, coding }
    }

    /// The same in another encoding, if it is in memory.
    pub(super) fn compressed(&self, coding: Coding) -> Option<Self> {
        let Source::Memory { path, cell } = &self.source else { return None };
        let source =
            Source::Compressed { path: path.clone(), original: Arc::clone(cell), cell: OnceCell::new() };
        Some(Self { source, coding })
    }

    /// The bytes, or the file that has them.
    pub(super) async fn open(&self) -> io::Result<Opened> {
        match &self.source {
            Source::Memory { path, cell } => self.read(path, cell).await.cloned().map(Opened::Memory),
            Source::Compressed { path, original, cell } => {
                let compressed = cell.get_or_try_init(|| async {
                    let original = self.read(path, original).await?.clone();
                    let coding = self.coding;
                    let bytes = blocking(move || compress(coding, &original.bytes)).await?;
                    Ok::<_, io::Error>(InMemory { etag: entity_tag(&blake3::hash(&bytes), coding), bytes })
                });
                compressed.await.cloned().map(Opened::Memory)
            }
            Source::Disk { path, measured } => self.open_file(path, measured).await,
        }
    }

    async fn read<'a>(&self, path: &Utf8Path, cell: &'a OnceCell<InMemory>) -> io::Result<&'a InMemory> {
        cell.get_or_try_init(|| async {
            let bytes = Bytes::from(tokio::fs::read(path).await?);
            Ok(InMemory { etag: entity_tag(&blake3::hash(&bytes), self.coding), bytes })
        })
        .await
    }

    /// A file on disk may change under a running server; its tag is made anew when it looks different.
    async fn open_file(&self, path: &Utf8Path, measured: &Mutex<Option<Measured>>) -> io::Result<Opened> {
        let file = File::open(path).await?;
        let metadata = file.metadata().await?;
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        // Whoever comes while a file is being measured waits for that instead of measuring it too.
        let mut known = measured.lock().await;
        let etag = match &*known {
            Some(known) if known.len == len && known.modified == modified => known.etag.clone(),
            _ => {
                let path = path.to_owned();
                let hash = blocking(move || {
                    let mut hasher = blake3::Hasher::new();
                    hasher.update_reader(std::fs::File::open(path)?)?;
                    Ok(hasher.finalize())
                });
                let etag = entity_tag(&hash.await?, self.coding);
                *known = Some(Measured { len, modified, etag: etag.clone() });
                etag
            }
        };
        drop(known);
        Ok(Opened::File { file, len, etag })
    }

    /// The tag of this representation when it is compressed on its way.
    pub(super) fn in_transit(etag: &HeaderValue) -> HeaderValue {
        weak(etag)
    }
}

/// Runs what would hold up other requests on a thread of its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
