//! The bodies of responses and requests.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, Limited, StreamBody};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::engine::{BodyError, RequestBody, ResponseBody, empty_body};
use crate::native::outbound::idle::{Activity, Patience, Watched};

/// The body of every response.
pub(super) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is there.
pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body whose beginning is there, and whose rest is asked for while that goes out.
pub(super) fn followed(
    beginning: Bytes,
    rest: impl Future<Output = Result<ResponseBody, BodyError>> + Send + 'static,
) -> Body {
    let rest = rest.map(|body| match body {
        Ok(body) => body.into_data_stream().boxed(),
        Err(error) => stream::iter([Err(error)]).boxed(),
    });
    let chunks = stream::iter([Ok(beginning)]).chain(rest.flatten_stream());
    StreamBody::new(chunks.map_ok(Frame::data)).boxed_unsync()
}

/// No body.
pub(super) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A request's body, whose sender may be silent for `patience`, and may keep us waiting for `deadline` in all.
pub(super) fn watched(incoming: Incoming, patience: Duration, deadline: Duration) -> RequestBody {
    if http_body::Body::is_end_stream(&incoming) {
        return empty_body();
    }
    let watched = Watched::new(incoming, Patience::new(Arc::new(Activity::new()), Some(patience)));
    Due::new(watched, deadline).boxed_unsync()
}

/// A body that has to be whole in time: who sends a byte now and then is never silent for long. Only time that is spent
/// waiting for the client counts, not what the reader takes for itself.
struct Due<B> {
    body: B,
    deadline: Duration,
    left: Duration,
    /// Since when the client has the word.
    since: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<B> Due<B> {
    fn new(body: B, deadline: Duration) -> Self {
        Self { body, deadline, left: deadline, since: None, sleep: None }
    }

    /// Ends when the time is over; from the first call on the client has the word.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = *self.since.get_or_insert_with(Instant::now) + self.left;
        if until <= Instant::now() {
            return Poll::Ready(());
        }
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if sleep.deadline() != until {
            sleep.as_mut().reset(until);
        }
        sleep.as_mut().poll(cx)
    }
}

impl<B> http_body::Body for Due<B>
where
    B: http_body::Body<Data = Bytes, Error = BodyError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let waited = self.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            self.left = self.left.saturating_sub(waited);
            return Poll::Ready(frame);
        }
        ready!(self.poll_over(cx));
        let problem = format!("the body was not whole after {} ms", self.deadline.as_millis());
        Poll::Ready(Some(Err(BodyError::Connection(problem))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body, up to `limit` bytes.
pub(super) fn limited(body: RequestBody, limit: usize) -> RequestBody {
    if http_body::Body::is_end_stream(&body) {
        return body;
    }
    Limited::new(body, limit)
        .map_err(move |error| match error.downcast::<BodyError>() {
            Ok(own) => *own,
            // Only the limit itself has another error.
            Err(_) => BodyError::TooLarge { limit },
        })
        .boxed_unsync()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body::Body as _;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(1000);

    fn poll(body: &mut Due<ResponseBody>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[tokio::test]
    async fn who_sends_a_little_now_and_then_has_no_more_time_for_it() {
        let (sender, body) = ResponseBody::channel(1);
        let mut body = Due::new(body, DEADLINE);
        for left in [DEADLINE / 2, Duration::ZERO] {
            assert!(poll(&mut body).is_pending());
            // Half of the time goes by.
            body.since = Some(Instant::now().checked_sub(DEADLINE / 2).unwrap());
            sender.try_send(Ok(Bytes::from_static(b"x"))).unwrap();
            assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
            assert!(body.left <= left);
        }
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(BodyError::Connection(_))))));
    }

    #[tokio::test]
    async fn the_time_of_who_reads_is_not_the_clients() {
        let (sender, body) = ResponseBody::channel(2);
        let mut body = Due::new(body, DEADLINE);
        for _ in 0..2 {
            sender.try_send(Ok(Bytes::from_static(b"x"))).unwrap();
        }
        for _ in 0..2 {
            assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        }
        assert_eq!((body.left, body.since), (DEADLINE, None));
        drop(sender);
        assert!(matches!(poll(&mut body), Poll::Ready(None)));
    }
}
