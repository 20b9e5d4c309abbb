//! Requests on their way to the first isolate that is free.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex as StdMutex, PoisonError};

use tokio::sync::{Mutex, mpsc, watch};

use super::exchange::Reply;
use crate::engine::{EngineError, EngineRequest};

/// A request and where its response goes.
pub(super) struct Job {
    pub(super) request: EngineRequest,
    pub(super) reply: Reply,
    /// Closed when the client has gone.
    pub(super) presence: watch::Receiver<()>,
}

/// A bounded queue with many takers.
pub(super) struct Queue {
    sender: StdMutex<Option<mpsc::Sender<Job>>>,
    receiver: Mutex<mpsc::Receiver<Job>>,
    taken: AtomicBool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        Self { sender: StdMutex::new(Some(sender)), receiver: Mutex::new(receiver), taken: AtomicBool::new(false) }
    }

    /// Puts a request in, or says why not.
    pub(super) fn push(&self, job: Job) -> Result<(), EngineError> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.as_ref().ok_or(EngineError::Closed)?;
        sender.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EngineError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => EngineError::Closed,
        })
    }

    /// Takes a request out. Takers stand in line, so that one after the other gets work.
    pub(super) async fn next(&self) -> Option<Job> {
        let job = self.receiver.lock().await.recv().await;
        self.taken.store(true, Ordering::Relaxed);
        job
    }

    /// Whether no isolate has got as far as taking a request.
    pub(super) fn is_untouched(&self) -> bool {
        !self.taken.load(Ordering::Relaxed)
    }

    /// Lets the takers finish what is queued and then end.
    pub(super) fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
