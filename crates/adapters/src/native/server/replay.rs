//! A body that two read, one after the other: the proxy as far as it likes, then whoever answers, from its beginning.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::engine::{BodyError, RequestBody, empty_body};

/// What the first reader has read is kept for the second.
pub(super) struct Replay {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    /// `None` once the second reader has it.
    source: Option<RequestBody>,
    kept: VecDeque<Bytes>,
    /// How many more bytes the first reader gets.
    room: usize,
}

impl Replay {
    /// The first reader gets `limit` bytes at most: they are kept in memory.
    pub(super) fn new(source: RequestBody, limit: usize) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { source: Some(source), kept: VecDeque::new(), room: limit })) }
    }

    /// What the first reader reads.
    pub(super) fn first(&self) -> RequestBody {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.source.as_ref().is_none_or(Body::is_end_stream) {
            return empty_body();
        }
        First(Arc::clone(&self.shared)).boxed_unsync()
    }

    /// The whole body, for the second reader. The first one's ends here.
    pub(super) fn second(self) -> RequestBody {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(source) = shared.source.take() else { return empty_body() };
        if shared.kept.is_empty() {
            return source;
        }
        Second { kept: std::mem::take(&mut shared.kept), source }.boxed_unsync()
    }
}

struct First(Arc<Mutex<Shared>>);

impl Body for First {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = &mut *shared;
        loop {
            let Some(source) = shared.source.as_mut().filter(|_| shared.room > 0) else { return Poll::Ready(None) };
            match ready!(Pin::new(source).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let shown = data.slice(..data.len().min(shared.room));
                    shared.room -= shown.len();
                    shared.kept.push_back(data);
                    return Poll::Ready(Some(Ok(Frame::data(shown))));
                }
                // The second reader will hear of it, too: there is nothing more to come.
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

struct Second {
    kept: VecDeque<Bytes>,
    source: RequestBody,
}

impl Body for Second {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.kept.pop_front() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => Pin::new(&mut self.source).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.kept.is_empty() && self.source.is_end_stream()
    }

    /// What was read is as long as it is: a body whose length was known still has it.
    fn size_hint(&self) -> SizeHint {
        let kept: u64 = self.kept.iter().map(|data| data.len() as u64).sum();
        let rest = self.source.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(kept + rest.lower());
        if let Some(upper) = rest.upper() {
            hint.set_upper(kept + upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::ResponseBody;

    fn body(parts: &[&'static str]) -> RequestBody {
        let (sender, body) = ResponseBody::channel(parts.len());
        for part in parts {
            sender.try_send(Ok(Bytes::from_static(part.as_bytes()))).unwrap();
        }
        body.boxed_unsync()
    }

    async fn text(body: RequestBody) -> String {
        String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn both_readers_get_the_whole() {
        let replay = Replay::new(body(&["one ", "two"]), 100);
        assert_eq!(text(replay.first()).await, "one two");
        assert_eq!(text(replay.second()).await, "one two");
    }

    #[tokio::test]
    async fn what_the_first_did_not_read_the_second_does() {
        let replay = Replay::new(body(&["one ", "two"]), 100);
        let mut first = replay.first();
        assert_eq!(first.frame().await.unwrap().unwrap().into_data().unwrap(), "one ");
        assert_eq!(text(replay.second()).await, "one two");
        assert!(first.frame().await.is_none(), "its time is over");
    }

    #[tokio::test]
    async fn the_limit_is_the_first_readers_alone() {
        let replay = Replay::new(body(&["one ", "two"]), 5);
        assert_eq!(text(replay.first()).await, "one t");
        assert_eq!(text(replay.second()).await, "one two");
    }

    #[tokio::test]
    async fn a_length_that_was_known_still_is() {
        let replay = Replay::new(super::super::body::full("one two"), 100);
        assert_eq!(text(replay.first()).await, "one two");
        assert_eq!(replay.second().size_hint().exact(), Some(7));
    }

    #[tokio::test]
    async fn without_a_body_there_is_nothing_to_read() {
        let replay = Replay::new(empty_body(), 5);
        assert!(Body::is_end_stream(&replay.first()));
        assert!(Body::is_end_stream(&replay.second()));
    }
}
