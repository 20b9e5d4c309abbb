//! What is written to a store, behind the backs of those who fill.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::report::{Reporter, settle};
use crate::entry::Entry;
use crate::key::{CacheKey, KeyId};
use crate::stats::Operation;
use crate::store::{Store, StoreError, Weigh as _};

/// How many writes go on at a time.
const WORKERS: usize = 4;
/// How many may wait, and how many bytes of entries. The oldest gives way: a store may have forgotten it anyway.
const MAX_WAITING: usize = 4096;
const MAX_WAITING_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) struct Writes {
    store: Arc<dyn Store>,
    deadline: Duration,
    reporter: Arc<Reporter>,
    queue: Mutex<Queue>,
    wake: Notify,
    settled: Notify,
}

#[derive(Default)]
struct Queue {
    /// The keys of `waiting`, in the order of their coming.
    order: VecDeque<KeyId>,
    waiting: HashMap<KeyId, Write>,
    /// What is being written, one thing per key.
    flying: HashMap<KeyId, Write>,
    bytes: u64,
    closed: bool,
}

#[derive(Clone)]
struct Write {
    key: CacheKey,
    action: Action,
}

/// What a key will have when everything is written.
pub(super) enum Pending {
    /// What it has now.
    Nothing,
    Entry(Arc<Entry>),
    /// Nothing any more.
    Removal,
}

#[derive(Clone)]
enum Action {
    Set(Arc<Entry>),
    Remove,
    RemoveEntry(Arc<Entry>),
    RemoveDamaged,
}

impl Write {
    fn bytes(&self) -> u64 {
        match &self.action {
            Action::Set(entry) => entry.weight(),
            Action::Remove | Action::RemoveEntry(_) | Action::RemoveDamaged => 0,
        }
    }
}

impl Writes {
    pub(super) fn start(store: Arc<dyn Store>, deadline: Duration, reporter: Arc<Reporter>) -> Arc<Self> {
        let writes = Arc::new(Self {
            store,
            deadline,
            reporter,
            queue: Mutex::default(),
            wake: Notify::new(),
            settled: Notify::new(),
        });
        for _ in 0..WORKERS {
            tokio::spawn(Arc::clone(&writes).work());
        }
        writes
    }

    pub(super) fn set(&self, key: &CacheKey, entry: &Arc<Entry>) {
        self.put(Write { key: key.clone(), action: Action::Set(Arc::clone(entry)) });
    }

    pub(super) fn remove(&self, key: &CacheKey) {
        self.put(Write { key: key.clone(), action: Action::Remove });
    }

    /// Has an entry removed that was found to have expired, unless something else is to be done with its key.
    pub(super) fn remove_entry(&self, key: &CacheKey, entry: &Arc<Entry>) {
        self.put_behind(Write { key: key.clone(), action: Action::RemoveEntry(Arc::clone(entry)) });
    }

    /// The same of an entry that was found to be damaged.
    pub(super) fn remove_damaged(&self, key: &CacheKey) {
        self.put_behind(Write { key: key.clone(), action: Action::RemoveDamaged });
    }

    fn put_behind(&self, write: Write) {
        let queue = self.queue();
        if !queue.waiting.contains_key(&write.key.id()) {
            self.put_into(queue, write);
        }
    }

    fn put(&self, write: Write) {
        self.put_into(self.queue(), write);
    }

    fn put_into(&self, mut queue: MutexGuard<'_, Queue>, write: Write) {
        let id = write.key.id();
        queue.bytes += write.bytes();
        if let Some(before) = queue.waiting.insert(id, write) {
            queue.bytes -= before.bytes();
        } else {
            queue.order.push_back(id);
        }
        while (queue.order.len() > MAX_WAITING || queue.bytes > MAX_WAITING_BYTES)
            && queue.order.len() > 1
            && let Some(oldest) = queue.order.pop_front()
        {
            if let Some(dropped) = queue.waiting.remove(&oldest) {
                queue.bytes -= dropped.bytes();
            }
            self.reporter.counters.writes_dropped.count();
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// What is on its way for a key.
    pub(super) fn pending(&self, key: KeyId) -> Pending {
        let queue = self.queue();
        let write = queue.waiting.get(&key).or_else(|| queue.flying.get(&key));
        match write.map(|write| &write.action) {
            Some(Action::Set(entry)) => Pending::Entry(Arc::clone(entry)),
            Some(Action::Remove | Action::RemoveDamaged) => Pending::Removal,
            Some(Action::RemoveEntry(_)) | None => Pending::Nothing,
        }
    }

    pub(super) fn len(&self) -> usize {
        let queue = self.queue();
        queue.waiting.len() + queue.flying.len()
    }

    /// Waits until everything is written, or has failed.
    pub(super) async fn flush(&self) {
        loop {
            let settled = self.settled.notified();
            if self.len() == 0 {
                return;
            }
            settled.await;
        }
    }

    /// Lets the workers go when they have done what there is to do.
    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.wake.notify_waiters();
        self.wake.notify_one();
    }

    async fn work(self: Arc<Self>) {
        while let Some(write) = self.next().await {
            let (store, id) = (Arc::clone(&self.store), write.key.id());
            let operation = match write.action {
                Action::Set(_) => Operation::Set,
                Action::Remove | Action::RemoveEntry(_) | Action::RemoveDamaged => Operation::Remove,
            };
            let result = settle(self.deadline, async move { write.perform(&*store).await }).await;
            if let Err(error) = result {
                self.reporter.report_write(self.store.name(), operation, error);
            }
            self.queue().flying.remove(&id);
            // The same key may have waited for this.
            self.wake.notify_one();
            self.settled.notify_waiters();
        }
        // The next worker goes, too.
        self.wake.notify_one();
    }

    /// The next write, when there is one. `None`: there will be no more.
    async fn next(&self) -> Option<Write> {
        loop {
            let woken = self.wake.notified();
            {
                let mut queue = self.queue();
                if let Some(write) = queue.take() {
                    if !queue.order.is_empty() {
                        self.wake.notify_one();
                    }
                    return Some(write);
                }
                if queue.closed && queue.order.is_empty() {
                    return None;
                }
            }
            woken.await;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The oldest write whose key nothing is being done with.
    fn take(&mut self) -> Option<Write> {
        let place = self.order.iter().position(|key| !self.flying.contains_key(key))?;
        let id = self.order.remove(place)?;
        let write = self.waiting.remove(&id)?;
        self.bytes -= write.bytes();
        self.flying.insert(id, write.clone());
        Some(write)
    }
}

impl Write {
    async fn perform(&self, store: &dyn Store) -> Result<(), StoreError> {
        match &self.action {
            Action::Set(entry) => store.set(&self.key, entry).await,
            Action::Remove => store.remove(&self.key).await,
            Action::RemoveEntry(entry) => store.remove_entry(&self.key, entry).await,
            Action::RemoveDamaged => store.remove_damaged(&self.key).await,
        }
    }
}
