//! The response for a static file.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, Take};
use vinext_router::CanonicalPath;

use super::index::{StaticFile, StaticIndex};
use super::representation::{Opened, Representation};
use crate::engine::BodyError;
use crate::native::server::body::{Chunks, ServerBody};
use crate::native::server::compression::Compressed;
use crate::native::server::conditions::{not_modified, range_applies};
use crate::native::server::negotiation::{AcceptEncoding, Coding};
use crate::native::server::range::Portion;

/// How much of a file is read at once.
const READ: usize = 64 * 1024;
const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

impl StaticIndex {
    /// The response for the file of this path; `None` if there is none.
    pub(in crate::native::server) async fn respond(
        &self,
        path: &CanonicalPath,
        method: &Method,
        headers: &HeaderMap,
        compress: bool,
    ) -> Option<io::Result<Response<ServerBody>>> {
        let file = self.get(path)?;
        if *method != Method::GET && *method != Method::HEAD {
            return Some(Ok(not_allowed()));
        }
        Some(file.respond(*method == Method::HEAD, headers, compress).await)
    }
}

fn not_allowed() -> Response<ServerBody> {
    let mut response = Response::new(ServerBody::empty());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

impl StaticFile {
    async fn respond(&self, head: bool, headers: &HeaderMap, compress: bool) -> io::Result<Response<ServerBody>> {
        let range = headers.get(header::RANGE);
        // Ranges are counted in the file as it is: a player that seeks knows nothing of encodings.
        let coding = if range.is_some() { Coding::Identity } else { self.choose(headers, compress) };
        let (opened, in_transit) = self.open(coding).await?;
        let etag = if in_transit { Representation::in_transit(opened.etag()) } else { opened.etag().clone() };

        let mut response = Response::new(ServerBody::empty());
        let out = response.headers_mut();
        out.reserve(8);
        out.insert(header::CACHE_CONTROL, self.cache_control.clone());
        if self.compressible {
            out.insert(header::VARY, ACCEPT_ENCODING);
        }
        if let Some(modified) = self.modified {
            insert(out, header::LAST_MODIFIED, httpdate::fmt_http_date(modified));
        }
        let unchanged = not_modified(headers, &etag, self.modified);
        out.insert(header::ETAG, etag.clone());
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        out.insert(header::CONTENT_TYPE, self.content_type.clone());
        if let Some(name) = coding.name() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));

        let len = opened.len();
        let portion = match range {
            Some(range) if range_applies(headers, &etag, self.modified) => Portion::read(range.as_bytes(), len),
            _ => Portion::Whole,
        };
        let (start, end) = match portion {
            Portion::Whole => (0, len),
            Portion::Part { start, end } => {
                insert(out, header::CONTENT_RANGE, format!("bytes {start}-{}/{len}", end - 1));
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                (start, end)
            }
            Portion::Unsatisfiable => {
                insert(out, header::CONTENT_RANGE, format!("bytes */{len}"));
                *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                return Ok(response);
            }
        };
        if !in_transit {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(end - start));
        }
        if !head {
            *response.body_mut() = body(opened, start, end, if in_transit { coding } else { Coding::Identity }).await?;
        }
        Ok(response)
    }

    fn choose(&self, headers: &HeaderMap, compress: bool) -> Coding {
        let has = |copy: &Option<Representation>| copy.is_some() || (compress && self.compressible);
        let offered = match (has(&self.brotli), has(&self.gzip)) {
            (true, true) => &[Coding::Brotli, Coding::Gzip][..],
            (true, false) => &[Coding::Brotli],
            (false, true) => &[Coding::Gzip],
            (false, false) => return Coding::Identity,
        };
        AcceptEncoding::of(headers).choose(offered)
    }

    /// The representation in this encoding; `true` if it has to be compressed on its way.
    async fn open(&self, coding: Coding) -> io::Result<(Opened, bool)> {
        let copy = match coding {
            Coding::Brotli => self.brotli.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Identity => None,
        };
        match copy {
            Some(copy) => Ok((copy.open().await?, false)),
            None => Ok((self.identity.open().await?, coding != Coding::Identity)),
        }
    }
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// The bytes from `start` to `end`.
async fn body(opened: Opened, start: u64, end: u64, coding: Coding) -> io::Result<ServerBody> {
    match opened {
        Opened::Memory(content) => {
            let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
            Ok(ServerBody::whole(content.bytes.slice(range)))
        }
        Opened::File { mut file, .. } => {
            if start > 0 {
                file.seek(io::SeekFrom::Start(start)).await?;
            }
            let chunks: Chunks = Box::pin(StreamBody::new(Box::pin(read(file.take(end - start))) as FileStream));
            Ok(match Compressed::new(coding, chunks) {
                Ok(compressed) => ServerBody::chunks(compressed),
                Err(chunks) => ServerBody::chunks(chunks),
            })
        }
    }
}

type FileStream = Pin<Box<dyn stream::Stream<Item = Result<Frame<Bytes>, BodyError>> + Send>>;

/// A file in chunks. One that has become shorter breaks the connection: its length has been promised.
fn read(file: Take<File>) -> impl stream::Stream<Item = Result<Frame<Bytes>, BodyError>> + Send {
    stream::try_unfold(file, |mut file| async move {
        if file.limit() == 0 {
            return Ok(None);
        }
        let mut chunk = bytes::BytesMut::with_capacity(READ);
        let read = file.read_buf(&mut chunk).await.map_err(|error| BodyError::Connection(error.to_string()))?;
        if read == 0 {
            return Err(BodyError::Connection("the file was cut while it was sent".to_owned()));
        }
        Ok(Some((Frame::data(chunk.freeze()), file)))
    })
}
