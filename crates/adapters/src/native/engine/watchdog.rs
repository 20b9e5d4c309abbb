//! Stops isolates that never pause.
//!
//! An isolate marks when it starts to run JavaScript and when it is done. A thread looks at the marks of all isolates
//! and terminates the one that has been busy for longer than the limit.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use deno_core::v8::IsolateHandle;

const IDLE: u64 = u64::MAX;

/// The marks of one isolate.
#[derive(Debug)]
pub(super) struct Heartbeat {
    origin: Instant,
    limit: Duration,
    /// Milliseconds from `origin` to the start of the current run; [`IDLE`] between runs.
    busy_since: AtomicU64,
    expired: AtomicBool,
    isolate: Mutex<Option<IsolateHandle>>,
}

impl Heartbeat {
    pub(super) fn new(limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            limit,
            busy_since: AtomicU64::new(IDLE),
            expired: AtomicBool::new(false),
            isolate: Mutex::new(None),
        })
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    pub(super) fn attach(&self, isolate: IsolateHandle) {
        *self.isolate.lock().unwrap_or_else(PoisonError::into_inner) = Some(isolate);
    }

    pub(super) fn detach(&self) {
        self.isolate.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(IDLE - 1)
    }

    pub(super) fn busy(&self) {
        self.busy_since.store(self.now(), Ordering::Release);
    }

    pub(super) fn idle(&self) {
        self.busy_since.store(IDLE, Ordering::Release);
    }

    /// Gives the current run its whole time again.
    pub(super) fn renew(&self) {
        let renewed = |since: u64| (since != IDLE).then(|| self.now());
        // Whoever has ended it in between is right.
        let _ = self.busy_since.fetch_update(Ordering::AcqRel, Ordering::Acquire, renewed);
    }

    /// Whether the isolate has been stopped.
    pub(super) fn expired(&self) -> bool {
        self.expired.load(Ordering::Acquire)
    }

    pub(super) fn reset(&self) {
        self.idle();
        self.expired.store(false, Ordering::Release);
    }

    fn check(&self) {
        if self.expired() || !self.is_overdue(self.now()) {
            return;
        }
        if let Some(isolate) = &*self.isolate.lock().unwrap_or_else(PoisonError::into_inner) {
            self.expired.store(true, Ordering::Release);
            isolate.terminate_execution();
        }
    }

    /// Whether the current run has had its time at `now`, in milliseconds from `origin`.
    fn is_overdue(&self, now: u64) -> bool {
        let since = self.busy_since.load(Ordering::Acquire);
        since != IDLE && Duration::from_millis(now.saturating_sub(since)) >= self.limit
    }
}

/// Starts the thread that looks after `heartbeats`. It ends when they are gone.
pub(super) fn watch(heartbeats: &[Arc<Heartbeat>]) -> std::io::Result<()> {
    let limit = heartbeats.iter().map(|heartbeat| heartbeat.limit).min().unwrap_or(Duration::from_secs(1));
    let pause = (limit / 10).clamp(Duration::from_millis(5), Duration::from_millis(250));
    let heartbeats: Vec<Weak<Heartbeat>> = heartbeats.iter().map(Arc::downgrade).collect();
    std::thread::Builder::new().name("v8-watchdog".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(pause);
            let mut alive = false;
            for heartbeat in heartbeats.iter().filter_map(Weak::upgrade) {
                alive = true;
                heartbeat.check();
            }
            if !alive {
                return;
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_time_and_a_renewed_one_has_it_again() {
        let heartbeat = Heartbeat::new(Duration::from_secs(10));
        assert!(!heartbeat.is_overdue(u64::MAX - 1), "nothing runs");
        heartbeat.renew();
        assert!(!heartbeat.is_overdue(u64::MAX - 1), "nothing to renew");
        heartbeat.busy_since.store(0, Ordering::Release);
        assert!(!heartbeat.is_overdue(9_999));
        assert!(heartbeat.is_overdue(10_000));
        let before = heartbeat.now();
        heartbeat.renew();
        assert!(!heartbeat.is_overdue(before + 9_999));
        heartbeat.idle();
        assert!(!heartbeat.is_overdue(u64::MAX - 1));
    }
}
