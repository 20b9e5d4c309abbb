//! Compression: of whole bodies, once; and of streams, without holding anything back.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Body, Frame};

use super::body::Chunks;
use super::negotiation::Coding;
use crate::engine::BodyError;

/// Bodies below this gain nothing from compression: they fit in a packet as they are.
pub(super) const MIN_BYTES: usize = 1024;

/// For what is compressed while somebody waits: half of the gain for a tenth of the time.
const STREAM_GZIP: u32 = 2;
const STREAM_BROTLI: u32 = 2;
/// A stream's window: every stream in flight holds one, and pages are seldom larger.
const STREAM_WINDOW: u32 = 18;
/// For what is compressed once and sent often.
const STORED_GZIP: u32 = 7;
const STORED_BROTLI: i32 = 6;
const STORED_WINDOW: i32 = 22;

/// Compressed bytes are passed on at this size, even if more input is ready.
const FULL_CHUNK: usize = 16 * 1024;

/// Compresses a whole body that will be sent often.
pub(super) fn compress(coding: Coding, bytes: &[u8]) -> io::Result<Bytes> {
    let out = Vec::with_capacity(bytes.len() / 3 + 64);
    match coding {
        Coding::Identity => Ok(Bytes::copy_from_slice(bytes)),
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::new(STORED_GZIP));
            encoder.write_all(bytes)?;
            encoder.finish().map(Bytes::from)
        }
        Coding::Brotli => {
            let mut out = out;
            let params = BrotliEncoderParams {
                quality: STORED_BROTLI,
                lgwin: STORED_WINDOW,
                size_hint: bytes.len(),
                ..BrotliEncoderParams::default()
            };
            brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
            Ok(out.into())
        }
    }
}

/// A body that is compressed as it is sent.
///
/// Input that is ready is compressed together; when there is none, what is there is flushed, so that the browser gets to
/// see every chunk when it was written.
pub(super) struct Compressed {
    input: Chunks,
    /// `None` when the body has ended.
    encoder: Option<Encoder>,
    /// Input has gone into the encoder and not come out of it.
    held: bool,
}

enum Encoder {
    Gzip(GzEncoder<Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
}

impl Encoder {
    fn out(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Brotli(encoder) => encoder.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.flush(),
            Self::Brotli(encoder) => encoder.flush(),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
        }
    }
}

impl Compressed {
    /// Compresses `input`; `None` for the identity, which needs no encoder.
    pub(super) fn new(coding: Coding, input: Chunks) -> Result<Self, Chunks> {
        let encoder = match coding {
            Coding::Identity => return Err(input),
            Coding::Gzip => Encoder::Gzip(GzEncoder::new(Vec::new(), Compression::new(STREAM_GZIP))),
            Coding::Brotli => {
                Encoder::Brotli(Box::new(CompressorWriter::new(Vec::new(), 4096, STREAM_BROTLI, STREAM_WINDOW)))
            }
        };
        Ok(Self { input, encoder: Some(encoder), held: false })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            let Some(encoder) = &mut self.encoder else { return Poll::Ready(None) };
            match self.input.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers describe the body as it was; they are not sent.
                    let Ok(bytes) = frame.into_data() else { continue };
                    encoder.write(&bytes).map_err(|error| broken(&error))?;
                    self.held = true;
                    if encoder.out().len() >= FULL_CHUNK {
                        return Poll::Ready(Some(Ok(std::mem::take(encoder.out()).into())));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    self.encoder = None;
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    let rest = self.encoder.take().map(Encoder::finish).transpose().map_err(|error| broken(&error))?;
                    return Poll::Ready(rest.filter(|rest| !rest.is_empty()).map(|rest| Ok(rest.into())));
                }
                Poll::Pending if self.held => {
                    self.held = false;
                    encoder.flush().map_err(|error| broken(&error))?;
                    let out = std::mem::take(encoder.out());
                    return if out.is_empty() { Poll::Pending } else { Poll::Ready(Some(Ok(out.into()))) };
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

fn broken(error: &io::Error) -> BodyError {
    BodyError::Connection(format!("compression failed: {error}"))
}

impl Body for Compressed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.poll(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::io::Read as _;

    use http_body_util::BodyExt as _;

    use super::*;
    use crate::engine::ResponseBody;

    fn decompress(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match coding {
            Coding::Gzip => drop(flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out)),
            Coding::Brotli => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out)),
            Coding::Identity => out.extend_from_slice(bytes),
        }
        out
    }

    #[test]
    fn whole_bodies_round_trip() {
        let text = b"hello, hello, hello".repeat(100);
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Identity] {
            assert_eq!(decompress(coding, &compress(coding, &text).unwrap()), text);
        }
    }

    #[tokio::test]
    async fn a_chunk_can_be_read_before_the_next_one_is_written() {
        for coding in [Coding::Gzip, Coding::Brotli] {
            let (sender, body) = ResponseBody::channel(4);
            let mut compressed = Compressed::new(coding, Box::pin(body)).ok().unwrap();
            let mut sent = Vec::new();
            for text in ["<p>one</p>", "<p>two</p>"] {
                sender.send(Ok(Bytes::from(text))).await.unwrap();
                sent.extend_from_slice(&compressed.frame().await.unwrap().unwrap().into_data().unwrap());
                assert!(decompress(coding, &sent).ends_with(text.as_bytes()), "{coding:?}: {text}");
            }
            drop(sender);
            while let Some(frame) = compressed.frame().await {
                sent.extend_from_slice(&frame.unwrap().into_data().unwrap());
            }
            assert_eq!(decompress(coding, &sent), b"<p>one</p><p>two</p>");
        }
    }

    #[tokio::test]
    async fn an_error_ends_the_stream_without_an_end_mark() {
        let (sender, body) = ResponseBody::channel(4);
        sender.send(Err(BodyError::Render("broken".to_owned()))).await.unwrap();
        let mut compressed = Compressed::new(Coding::Gzip, Box::pin(body)).ok().unwrap();
        assert!(compressed.frame().await.unwrap().is_err());
        assert!(compressed.frame().await.is_none());
    }
}
