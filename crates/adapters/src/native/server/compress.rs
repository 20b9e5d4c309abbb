//! Compression of bodies: of stored ones once, of streamed ones chunk by chunk.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};

use super::body::Body;
use super::encoding::Encoding;
use crate::engine::BodyError;

/// Where gzip's gain per time is best for pages.
const STREAM_LEVEL: u32 = 4;
/// Stored pages are compressed once and sent often.
const STORED_BROTLI: i32 = 7;
const STORED_GZIP: u32 = 7;
const BROTLI_WINDOW: i32 = 19;

/// Whether bodies of this type shrink.
pub(super) fn is_compressible(content_type: Option<&HeaderValue>) -> bool {
    let Some(essence) = content_type.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next())
    else {
        return false;
    };
    let essence = essence.trim();
    essence.starts_with("text/") && essence != "text/event-stream"
        || matches!(essence, "application/json" | "application/javascript" | "application/xml" | "image/svg+xml")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
}

fn gzip(level: u32, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(level));
    encoder.write_all(bytes).and_then(|()| encoder.finish())
}

/// A whole body that is sent once, with gzip.
pub(super) fn once(bytes: &[u8]) -> Bytes {
    // Writing to memory does not fail.
    gzip(STREAM_LEVEL, bytes).map_or_else(|_| Bytes::new(), Bytes::from)
}

/// A whole body, compressed well.
pub(super) fn whole(encoding: Encoding, bytes: &Bytes) -> Bytes {
    let compressed = match encoding {
        Encoding::Gzip => gzip(STORED_GZIP, bytes),
        Encoding::Brotli => {
            let mut out = Vec::with_capacity(bytes.len() / 3);
            let mut encoder = brotli::CompressorWriter::new(
                &mut out,
                4096,
                STORED_BROTLI.cast_unsigned(),
                BROTLI_WINDOW.cast_unsigned(),
            );
            let written = encoder.write_all(bytes).and_then(|()| encoder.flush());
            drop(encoder);
            written.map(|()| out)
        }
    };
    // Writing to memory does not fail.
    compressed.map_or_else(|_| bytes.clone(), Bytes::from)
}

/// A body whose chunks are compressed as they come: what has arrived can be shown.
pub(super) fn streamed(body: Body) -> Body {
    let encoder = GzEncoder::new(Vec::new(), Compression::new(STREAM_LEVEL));
    let chunks = futures_util::stream::try_unfold((body, Some(encoder)), |(mut body, encoder)| async move {
        let Some(mut encoder) = encoder else { return Ok(None) };
        if let Some(frame) = body.frame().await {
            let chunk = frame?.into_data().unwrap_or_default();
            let bytes = push(&mut encoder, &chunk).map_err(|error| failed(&error))?;
            Ok(Some((Frame::data(bytes), (body, Some(encoder)))))
        } else {
            let rest = encoder.finish().map_err(|error| failed(&error))?;
            Ok(Some((Frame::data(Bytes::from(rest)), (body, None))))
        }
    });
    StreamBody::new(chunks).boxed_unsync()
}

fn push(encoder: &mut GzEncoder<Vec<u8>>, chunk: &[u8]) -> io::Result<Bytes> {
    encoder.write_all(chunk)?;
    encoder.flush()?;
    Ok(std::mem::take(encoder.get_mut()).into())
}

fn failed(error: &io::Error) -> BodyError {
    BodyError::Render(error.to_string())
}
