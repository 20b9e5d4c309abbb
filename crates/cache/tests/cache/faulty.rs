//! A store that fails as it is told to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vinext_cache::{BoxFuture, CacheKey, Entry, MemoryStore, Store, StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It answers after so many turns of the runtime.
    Slow(u8),
    /// It says that it failed.
    Fail,
    /// It never answers.
    Hang,
    /// It says that it has done what it was asked, and has not.
    Lose,
    /// It says that what it has is damaged.
    Damage,
    /// It panics.
    Panic,
}

/// A memory store with faults: those that are queued, one for each call, then the one that is set.
#[derive(Clone)]
pub(crate) struct FaultyStore {
    store: Arc<MemoryStore>,
    faults: Arc<Mutex<(VecDeque<Fault>, Fault)>>,
    calls: Arc<AtomicUsize>,
}

impl FaultyStore {
    pub(crate) fn new(queued: impl IntoIterator<Item = Fault>) -> Self {
        Self {
            store: Arc::new(MemoryStore::new(1024 * 1024)),
            faults: Arc::new(Mutex::new((queued.into_iter().collect(), Fault::Slow(0)))),
            calls: Arc::default(),
        }
    }

    pub(crate) fn set_fault(&self, fault: Fault) {
        self.faults.lock().unwrap().1 = fault;
    }

    pub(crate) fn queue(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().0.extend(faults);
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    async fn suffer<'a, T>(&'a self, lost: T, work: BoxFuture<'a, Result<T, StoreError>>) -> Result<T, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut faults = self.faults.lock().unwrap();
            faults.0.pop_front().unwrap_or(faults.1)
        };
        match fault {
            Fault::Slow(turns) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                work.await
            }
            Fault::Fail => Err(StoreError::Unavailable("as told".to_owned())),
            Fault::Damage => Err(StoreError::Corrupt("as told".to_owned())),
            Fault::Hang => std::future::pending().await,
            Fault::Lose => Ok(lost),
            Fault::Panic => panic!("as told"),
        }
    }
}

impl Store for FaultyStore {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move { self.suffer(None, Box::pin(async move { self.store.get(key).await })).await })
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.suffer((), Box::pin(async move { self.store.set(key, entry).await })).await })
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.suffer((), Box::pin(async move { self.store.remove(key).await })).await })
    }
}
