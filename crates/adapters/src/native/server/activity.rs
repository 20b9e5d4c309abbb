//! When a connection was last of use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What a connection's requests tell its idle timer. Requests only write two integers: the timer looks at them when it
/// rings, so that a busy connection pays nothing for it.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    in_flight: AtomicUsize,
    /// Milliseconds from `opened` to the end of the last request; zero if there was none.
    last_end: AtomicU64,
    first_request: Duration,
    keep_alive: Duration,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Activity {
    /// A connection that may wait this long for its first request, and this long between two.
    pub(super) fn new(first_request: Duration, keep_alive: Duration) -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            in_flight: AtomicUsize::new(0),
            last_end: AtomicU64::new(0),
            first_request,
            keep_alive,
        })
    }

    /// Counts a request, until what it gives is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(Arc::clone(self))
    }

    /// Resolves when the connection has been idle for too long.
    pub(super) async fn idle(&self) {
        loop {
            let deadline = self.deadline();
            if deadline <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(deadline).await;
        }
    }

    /// The earliest moment at which the connection can have been idle for too long.
    fn deadline(&self) -> Instant {
        if self.in_flight.load(Ordering::Acquire) > 0 {
            return Instant::now() + self.keep_alive.max(Duration::from_millis(1));
        }
        match self.last_end.load(Ordering::Acquire) {
            0 => self.opened + self.first_request,
            last_end => self.opened + Duration::from_millis(last_end) + self.keep_alive,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let elapsed = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_end.store(elapsed.max(1), Ordering::Release);
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(30);
    const NEXT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_may_wait_longer_than_one_between_two() {
        let start = Instant::now();
        Activity::new(FIRST, NEXT).idle().await;
        assert_eq!(start.elapsed(), FIRST);

        let activity = Activity::new(FIRST, NEXT);
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(activity.begin());
        let start = Instant::now();
        activity.idle().await;
        assert_eq!(start.elapsed(), NEXT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_with_a_request_in_flight_is_not_idle() {
        let activity = Activity::new(FIRST, NEXT);
        let request = activity.begin();
        let idle = tokio::time::timeout(Duration::from_secs(1000), activity.idle());
        assert!(idle.await.is_err());
        drop(request);
        assert!(tokio::time::timeout(NEXT * 2, activity.idle()).await.is_ok());
    }
}
