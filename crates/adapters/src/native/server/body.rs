//! The bodies of responses.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::activity::InFlight;
use crate::engine::BodyError;

/// A body in chunks.
pub(super) type Chunks = Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>;

/// The body of a response: in memory, so that it costs one write, or in chunks.
pub(super) struct ServerBody {
    content: Content,
    /// The connection is busy while the body is being sent.
    in_flight: Option<InFlight>,
}

enum Content {
    Empty,
    Whole(Bytes),
    Chunks(Chunks),
}

impl ServerBody {
    /// No body.
    pub(super) const fn empty() -> Self {
        Self { content: Content::Empty, in_flight: None }
    }

    /// A body that is known.
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let content = if bytes.is_empty() { Content::Empty } else { Content::Whole(bytes) };
        Self { content, in_flight: None }
    }

    /// A body that arrives in chunks.
    pub(super) fn chunks(chunks: impl Body<Data = Bytes, Error = BodyError> + Send + 'static) -> Self {
        Self { content: Content::Chunks(Box::pin(chunks)), in_flight: None }
    }

    /// Holds `in_flight` until the body has been sent or dropped.
    pub(super) fn holding(mut self, in_flight: InFlight) -> Self {
        self.in_flight = Some(in_flight);
        self
    }
}

impl Body for ServerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match std::mem::replace(&mut self.content, Content::Empty) {
            Content::Empty => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Content::Chunks(mut chunks) => {
                let polled = chunks.as_mut().poll_frame(cx);
                if !matches!(polled, Poll::Ready(None | Some(Err(_)))) {
                    self.content = Content::Chunks(chunks);
                }
                polled
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Whole(_) => false,
            Content::Chunks(chunks) => chunks.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Empty => SizeHint::with_exact(0),
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Chunks(chunks) => chunks.size_hint(),
        }
    }
}
