//! How long an exchange may stand still: time runs while the other side has the word, not while we have.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::OutboundBody;
use crate::engine::BodyError;

/// When something was last sent or received, for both directions of an exchange.
#[derive(Debug)]
pub(in crate::native) struct Activity {
    begun: Instant,
    last: AtomicU64,
}

impl Activity {
    pub(in crate::native) fn new() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }

    fn touch(&self) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.begun + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// Ends when there has been no activity for the cap.
#[derive(Debug)]
pub(in crate::native) struct Patience {
    activity: Arc<Activity>,
    limit: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl Patience {
    pub(in crate::native) fn new(activity: Arc<Activity>, cap: Option<Duration>) -> Self {
        let first = |cap: Duration| Box::pin(tokio::time::sleep_until(activity.last() + cap));
        let limit = cap.map(|cap| (cap, first(cap)));
        Self { activity, limit }
    }

    fn poll_exhausted(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some((cap, sleep)) = &mut self.limit else { return Poll::Pending };
        loop {
            ready!(sleep.as_mut().poll(cx));
            let until = self.activity.last() + *cap;
            if until <= Instant::now() {
                return Poll::Ready(*cap);
            }
            sleep.as_mut().reset(until);
        }
    }

    pub(super) async fn exhausted(&mut self) -> Duration {
        poll_fn(|cx| self.poll_exhausted(cx)).await
    }
}

/// The body of a request. What follows it (trailers) is one hop's own.
pub(super) struct Sent {
    body: OutboundBody,
    activity: Arc<Activity>,
}

impl Sent {
    pub(super) fn new(body: OutboundBody, activity: Arc<Activity>) -> Self {
        Self { body, activity }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
            self.activity.touch();
            if !matches!(&frame, Some(Ok(frame)) if frame.is_trailers()) {
                return Poll::Ready(frame);
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that the other side sends, and may not be silent in the middle of.
pub(in crate::native) struct Watched<B = Incoming> {
    body: B,
    patience: Patience,
    is_waiting: bool,
}

impl<B> Watched<B> {
    pub(in crate::native) fn new(body: B, patience: Patience) -> Self {
        Self { body, patience, is_waiting: false }
    }
}

impl<B> Body for Watched<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        loop {
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => {}
                Poll::Ready(frame) => {
                    this.is_waiting = false;
                    let lost = |error: B::Error| BodyError::Connection(error.to_string());
                    return Poll::Ready(frame.map(|frame| frame.map_err(lost)));
                }
                Poll::Pending => break,
            }
        }
        if !this.is_waiting {
            this.is_waiting = true;
            this.patience.activity.touch();
        }
        let after = ready!(this.patience.poll_exhausted(cx));
        Poll::Ready(Some(Err(BodyError::Connection(format!("nothing came for {} ms", after.as_millis())))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::engine::ResponseBody;

    const CAP: Duration = Duration::from_secs(1000);

    /// An exchange that has stood still for longer than the cap.
    fn old() -> Arc<Activity> {
        let begun = Instant::now().checked_sub(CAP * 2).unwrap();
        Arc::new(Activity { begun, last: AtomicU64::new(0) })
    }

    type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

    fn poll<B: Body + Unpin>(body: &mut B) -> Polled<B> {
        Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[tokio::test]
    async fn silence_of_the_other_server_ends_it() {
        assert_eq!(Patience::new(old(), Some(CAP)).exhausted().await, CAP);
        let (_sender, body) = ResponseBody::channel(1);
        let mut body = Watched { is_waiting: true, ..Watched::new(body, Patience::new(old(), Some(CAP))) };
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(BodyError::Connection(_))))));
    }

    #[tokio::test]
    async fn nobody_who_reads_slowly_is_taken_for_a_server_that_is_silent() {
        let (sender, body) = ResponseBody::channel(1);
        let mut body = Watched::new(body, Patience::new(old(), Some(CAP)));
        assert!(poll(&mut body).is_pending(), "it is asked for the first time now");
        sender.try_send(Ok(Bytes::from_static(b"x"))).unwrap();
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        assert!(poll(&mut body).is_pending());
    }

    #[tokio::test]
    async fn what_is_sent_counts_as_well() {
        let activity = old();
        let mut sent = Sent::new(crate::engine::empty_body(), Arc::clone(&activity));
        assert!(matches!(poll(&mut sent), Poll::Ready(None)));
        let mut patience = Patience::new(activity, Some(CAP));
        assert!(patience.poll_exhausted(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
    }

    #[tokio::test]
    async fn without_a_cap_it_waits() {
        let mut patience = Patience::new(old(), None);
        assert!(patience.poll_exhausted(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
    }
}
