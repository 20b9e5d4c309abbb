//! Files that are served as they are: the client's output and the project's `public/`.
//!
//! All of them are known when the server starts, so a request is one look in a table: nothing a client sends is ever
//! made into a path of the file system.

use std::collections::{BTreeMap, HashMap};
use std::fs::Metadata;
use std::io;
use std::ops::Range;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::TryStreamExt as _;
use http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use vinext_router::RouteId;

use super::body::{self, Body};
use super::encoding::{Encoding, negotiate};
use super::range;
use super::{ServeError, is_read, response};
use crate::engine::BodyError;
use crate::manifest::{Manifest, MetadataAsset};

/// Files up to this size are kept in memory, as long as there is room.
const IN_MEMORY: u64 = 1024 * 1024;
/// What is kept in memory of all files. The others are not read before somebody asks for them.
const ROOM: u64 = 64 * 1024 * 1024;
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATED: HeaderValue = HeaderValue::from_static("public, max-age=0");
const METADATA: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// The files of a build and of its project's `public/`, by URL path.
#[derive(Debug)]
pub struct StaticFiles {
    files: HashMap<String, StaticFile>,
    /// By the id of the route.
    metadata: HashMap<String, StaticFile>,
    /// Bytes that may still be kept in memory.
    room: u64,
}

/// A file and its encoded copies.
#[derive(Debug)]
pub(super) struct StaticFile {
    plain: Content,
    encoded: [Option<Content>; 2],
    content_type: HeaderValue,
    cache_control: HeaderValue,
    compressible: bool,
}

/// The bytes of a file.
#[derive(Debug, Clone)]
struct Content {
    source: Source,
    length: u64,
    etag: HeaderValue,
}

#[derive(Debug, Clone)]
enum Source {
    Memory(Bytes),
    Disk(Utf8PathBuf),
}

impl StaticFiles {
    /// Reads the files of the build in `build`, and those of `public`, if there is such a folder.
    ///
    /// # Errors
    ///
    /// [`ServeError::Files`] if one cannot be read.
    pub fn index(build: &Utf8Path, public: Option<&Utf8Path>, manifest: &Manifest) -> Result<Self, ServeError> {
        Self::index_within(ROOM, &build.join("client"), public)
            .and_then(|files| files.with_metadata(build, &manifest.metadata))
            .map_err(|(path, source)| ServeError::Files { path, source })
    }

    /// The build's own files first: each page asks for them.
    fn index_within(room: u64, client: &Utf8Path, public: Option<&Utf8Path>) -> Result<Self, (Utf8PathBuf, io::Error)> {
        let mut files = Self { files: HashMap::new(), metadata: HashMap::new(), room };
        files.add(client, client, &IMMUTABLE)?;
        if let Some(public) = public {
            files.add(public, public, &REVALIDATED)?;
        }
        Ok(files)
    }

    /// Reads the metadata files of the build in `dir`.
    fn with_metadata(
        mut self,
        dir: &Utf8Path,
        assets: &BTreeMap<String, MetadataAsset>,
    ) -> Result<Self, (Utf8PathBuf, io::Error)> {
        for (route, asset) in assets {
            let path = dir.join(&asset.file);
            let mut read = || {
                let mut file = StaticFile::read(&path, &path.metadata()?, &METADATA, &mut self.room)?;
                file.content_type = HeaderValue::try_from(&asset.content_type).map_err(io::Error::other)?;
                Ok(file)
            };
            self.metadata.insert(route.clone(), read().map_err(|error| (path.clone(), error))?);
        }
        Ok(self)
    }

    /// The metadata file that a route is.
    pub(super) fn metadata(&self, route: &RouteId) -> Option<&StaticFile> {
        self.metadata.get(route.as_str())
    }

    /// The file at a canonical path.
    pub(super) fn find(&self, path: &str) -> Option<&StaticFile> {
        self.files.get(path)
    }

    fn add(&mut self, root: &Utf8Path, folder: &Utf8Path, cache: &HeaderValue) -> Result<(), (Utf8PathBuf, io::Error)> {
        let entries = match folder.read_dir_utf8() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result.map_err(|error| (folder.to_owned(), error))?,
        };
        for entry in entries {
            let entry = entry.map_err(|error| (folder.to_owned(), error))?;
            let path = entry.into_path();
            let failed = |error| (path.clone(), error);
            // A link that leads nowhere, or round and round, is no file.
            let Ok(metadata) = path.metadata() else { continue };
            if metadata.is_dir() {
                self.add(root, &path, cache)?;
                continue;
            }
            // In `public/` a file that ends in `.gz` is a file like any other.
            if *cache == IMMUTABLE && is_copy(&path) {
                continue;
            }
            let file = StaticFile::read(&path, &metadata, cache, &mut self.room).map_err(failed)?;
            let inside = path.strip_prefix(root).unwrap_or(&path);
            // URLs have their unusual characters encoded; the router gives canonical paths in the same form.
            let url = vinext_router::CanonicalPath::from_segments(inside.components().map(|part| part.as_str()));
            if let Ok(url) = url {
                self.files.entry(url.as_str().to_owned()).or_insert(file);
            }
        }
        Ok(())
    }
}

/// Whether a file is the compressed copy of the one beside it.
fn is_copy(path: &Utf8Path) -> bool {
    let encoded = path
        .extension()
        .is_some_and(|extension| Encoding::ALL.iter().any(|encoding| encoding.extension() == extension));
    encoded && path.with_extension("").is_file()
}

impl Content {
    fn read(path: &Utf8Path, metadata: &Metadata, room: &mut u64) -> io::Result<Self> {
        let length = metadata.len();
        let left = room.checked_sub(length).filter(|_| length <= IN_MEMORY);
        let (source, etag) = if let Some(left) = left {
            *room = left;
            let bytes = std::fs::read(path)?;
            let etag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..24]);
            (Source::Memory(bytes.into()), etag)
        } else {
            // As Next's, of what the file system says: who has a film in `public/` does not wait for it to be read.
            let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            (Source::Disk(path.to_owned()), format!("W/\"{length:x}-{:x}\"", changed.as_millis()))
        };
        let etag = HeaderValue::try_from(etag).map_err(io::Error::other)?;
        Ok(Self { source, length, etag })
    }

    async fn body(&self, part: Range<u64>) -> io::Result<Body> {
        match &self.source {
            Source::Memory(bytes) => Ok(body::full(range::slice(bytes, &part))),
            Source::Disk(path) => {
                let mut file = tokio::fs::File::open(path).await?;
                file.seek(io::SeekFrom::Start(part.start)).await?;
                let rest = file.take(part.end - part.start);
                let chunks = futures_util::stream::try_unfold(rest, |mut rest| async move {
                    let mut chunk = Vec::with_capacity(64 * 1024);
                    let read = (&mut rest).take(64 * 1024).read_to_end(&mut chunk).await?;
                    Ok::<_, io::Error>((read > 0).then(|| (Frame::data(Bytes::from(chunk)), rest)))
                });
                Ok(StreamBody::new(chunks.map_err(|error| BodyError::Connection(error.to_string()))).boxed_unsync())
            }
        }
    }
}

impl StaticFile {
    fn read(path: &Utf8Path, metadata: &Metadata, cache: &HeaderValue, room: &mut u64) -> io::Result<Self> {
        let mut copy = |encoding: Encoding| {
            let path = Utf8PathBuf::from(format!("{path}.{}", encoding.extension()));
            match path.metadata() {
                Ok(metadata) => Content::read(&path, &metadata, room).map(Some),
                Err(_) => Ok(None),
            }
        };
        let [brotli, gzip] = Encoding::ALL.map(&mut copy);
        let (content_type, compressible) = content_type(path);
        Ok(Self {
            plain: Content::read(path, metadata, room)?,
            encoded: [brotli?, gzip?],
            content_type,
            cache_control: cache.clone(),
            compressible,
        })
    }

    fn choose(&self, headers: &HeaderMap) -> (&Content, Option<Encoding>) {
        let copy = |encoding: Encoding| self.encoded[usize::from(encoding == Encoding::Gzip)].as_ref();
        let chosen = negotiate(headers, |encoding| copy(encoding).is_some());
        match chosen.and_then(|encoding| Some((copy(encoding)?, encoding))) {
            Some((content, encoding)) => (content, Some(encoding)),
            None => (&self.plain, None),
        }
    }

    /// Answers a request for the file.
    pub(super) async fn respond(&self, method: &Method, headers: &HeaderMap) -> Response<Body> {
        if !is_read(method) {
            let mut response = response::plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        // A part of an encoded copy is of no use to who wants a part of the file.
        let wants_range = headers.contains_key(RANGE);
        let (content, encoding) = if wants_range { (&self.plain, None) } else { self.choose(headers) };
        let mut response = Response::new(body::empty());
        let out = response.headers_mut();
        out.insert(CONTENT_TYPE, self.content_type.clone());
        out.insert(CACHE_CONTROL, self.cache_control.clone());
        out.insert(ETAG, content.etag.clone());
        out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if self.compressible {
            out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if let Some(encoding) = encoding {
            out.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        if matches_etag(headers.get(IF_NONE_MATCH), &content.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        let etag = Some(&content.etag);
        let Some(part) = range::select(headers, etag, content.length, &mut response) else { return response };
        let length = part.end - part.start;
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        if method == Method::HEAD || length == 0 {
            return response;
        }
        match content.body(part).await {
            Ok(body) => *response.body_mut() = body,
            Err(_) => return response::internal_error(),
        }
        response
    }
}

/// Whether `if-none-match` names this entity: <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>.
pub(super) fn matches_etag(header: Option<&HeaderValue>, etag: &HeaderValue) -> bool {
    let (Some(header), Ok(etag)) = (header.and_then(|value| value.to_str().ok()), etag.to_str()) else { return false };
    header.trim() == "*"
        || header.split(',').any(|item| item.trim().trim_start_matches("W/") == etag.trim_start_matches("W/"))
}

/// The media type of a file, and whether its bytes shrink.
fn content_type(path: &Utf8Path) -> (HeaderValue, bool) {
    let guessed = mime_guess::from_path(path).first_or_octet_stream();
    let essence = match guessed.essence_str() {
        "text/javascript" => "application/javascript",
        other => other,
    };
    let is_text = essence.starts_with("text/")
        || matches!(
            essence,
            "application/javascript"
                | "application/json"
                | "application/xml"
                | "image/svg+xml"
                | "application/manifest+json"
        );
    let value =
        if is_text && essence != "image/svg+xml" { format!("{essence}; charset=UTF-8") } else { essence.to_owned() };
    let value = HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    (value, is_text || essence == "application/wasm")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("client/_next/a.js", "0123456789");
        write("public/_next/a.js", "another");
        write("public/b.txt", "01234");
        let files = StaticFiles::index_within(12, &root.join("client"), Some(&root.join("public"))).unwrap();
        let kept = files.find("/_next/a.js").unwrap();
        assert!(matches!(&kept.plain.source, Source::Memory(bytes) if *bytes == "0123456789"), "the build's own wins");
        assert_eq!(kept.cache_control, IMMUTABLE);
        let left = files.find("/b.txt").unwrap();
        assert!(matches!(&left.plain.source, Source::Disk(path) if path.ends_with("public/b.txt")));
        assert!(left.plain.etag.as_bytes().starts_with(b"W/\"5-"), "{:?}", left.plain.etag);
        assert_eq!(left.plain.length, 5);
    }
}
