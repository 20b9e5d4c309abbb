//! Who learns of failures: the counters, and an observer if there is one.

use std::sync::{Mutex, PoisonError};

use crate::stats::{Counters, Failure, Observer, Operation};
use crate::store::StoreError;

pub(crate) struct Reporter {
    pub(crate) counters: Counters,
    observer: Option<Observer>,
    /// The last failure of a write since somebody asked.
    last: Mutex<Option<StoreError>>,
}

impl Reporter {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self { counters: Counters::default(), observer, last: Mutex::new(None) }
    }

    pub(crate) fn report(&self, store: &str, operation: Operation, error: &StoreError) {
        self.counters.store_errors.count();
        if let Some(observer) = &self.observer {
            observer(&Failure { store, operation, error });
        }
    }

    /// Reports a failure that whoever flushes is to learn of.
    pub(crate) fn report_write(&self, store: &str, operation: Operation, error: StoreError) {
        self.report(store, operation, &error);
        self.keep_last(error);
    }

    /// The same of what was reported before, and has failed again.
    pub(crate) fn repeat_write(&self, error: StoreError) {
        self.counters.store_errors.count();
        self.keep_last(error);
    }

    fn keep_last(&self, error: StoreError) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take_last(&self) -> Option<StoreError> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What a task of ours has come to. One that panicked has failed, and takes nothing else along.
pub(super) async fn settle<T: Send + 'static>(
    deadline: std::time::Duration,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let work = tokio::time::timeout(deadline, work);
    match tokio::spawn(work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(StoreError::TimedOut(deadline)),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}
