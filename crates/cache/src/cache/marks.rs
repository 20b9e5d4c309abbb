//! Marks on their way to where others find them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::report::{Reporter, settle};
use crate::stats::Operation;
use crate::tags::{Mark, MarkTimes, Stamp, Subject, TagSink, TagSource};

/// How many marks wait one by one while nobody takes them. More become one mark of everything.
const MAX_WAITING: usize = 65_536;
/// How long until what has failed is tried again: at first, and at most. Where marks are kept comes back at any moment, and
/// within a second of that everybody is to know them.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

pub(crate) struct Marks {
    source: Arc<dyn TagSource>,
    deadline: Duration,
    reporter: Arc<Reporter>,
    queue: Mutex<Queue>,
    wake: Notify,
    settled: Notify,
    loaded: watch::Sender<bool>,
}

#[derive(Default)]
struct Queue {
    order: VecDeque<Subject>,
    waiting: HashMap<Subject, Mark>,
    is_flying: bool,
    failures: u64,
    closed: bool,
}

impl Marks {
    pub(super) fn new(source: Arc<dyn TagSource>, deadline: Duration, reporter: Arc<Reporter>) -> Arc<Self> {
        Arc::new(Self {
            source,
            deadline,
            reporter,
            queue: Mutex::default(),
            wake: Notify::new(),
            settled: Notify::new(),
            loaded: watch::Sender::new(false),
        })
    }

    /// Reads the marks of earlier times into the sink, then listens for those of others and publishes our own.
    pub(super) fn start(self: &Arc<Self>, sink: impl Fn() -> TagSink) {
        tokio::spawn(Arc::clone(self).load(sink()));
        tokio::spawn(Arc::clone(&self.source).listen(sink()));
        tokio::spawn(Arc::clone(self).work(sink()));
    }

    pub(super) fn source(&self) -> &Arc<dyn TagSource> {
        &self.source
    }

    /// Waits until the marks of earlier times are known.
    pub(super) async fn loaded(&self) {
        if !*self.loaded.borrow() {
            // The sender lives as long as this does.
            let _ = self.loaded.subscribe().wait_for(|loaded| *loaded).await;
        }
    }

    pub(super) fn publish(&self, mark: Mark) {
        let mut queue = self.queue();
        if queue.waiting.len() >= MAX_WAITING && !queue.waiting.contains_key(&mark.subject) {
            let newest = queue.waiting.values().map(|mark| mark.times.newest()).max().unwrap_or_default();
            let times = MarkTimes { expired: newest.max(mark.times.newest()), ..MarkTimes::default() };
            queue.order.clear();
            queue.waiting.clear();
            queue.put(Mark { subject: Subject::Everything, times });
        } else {
            queue.put(mark);
        }
        drop(queue);
        self.wake.notify_one();
    }

    pub(super) fn len(&self) -> usize {
        let queue = self.queue();
        queue.waiting.len() + usize::from(queue.is_flying)
    }

    /// Waits until everything is published, or something has failed.
    pub(super) async fn flush(&self) {
        let failures = self.queue().failures;
        loop {
            let settled = self.settled.notified();
            {
                let queue = self.queue();
                if queue.failures > failures || (queue.waiting.is_empty() && !queue.is_flying) {
                    return;
                }
            }
            settled.await;
        }
    }

    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.wake.notify_one();
    }

    async fn load(self: Arc<Self>, sink: TagSink) {
        let mut pause = FIRST_PAUSE;
        while sink.is_open() {
            let source = Arc::clone(&self.source);
            match settle(self.deadline, async move { source.load().await }).await {
                Ok(marks) => {
                    for mark in &marks {
                        sink.apply(mark);
                    }
                    self.loaded.send_replace(true);
                    return;
                }
                Err(error) if pause == FIRST_PAUSE => {
                    self.reporter.report(self.source.name(), Operation::Load, &error);
                }
                Err(_) => self.reporter.counters.store_errors.count(),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn work(self: Arc<Self>, sink: TagSink) {
        let mut pause = FIRST_PAUSE;
        while let Some(mark) = self.next().await {
            let (source, sent) = (Arc::clone(&self.source), mark.clone());
            let result = settle(self.deadline, async move { source.publish(&sent).await }).await;
            let failed = match result {
                Ok(kept) => {
                    if let Some(kept) = kept {
                        sink.apply(&kept);
                    }
                    false
                }
                Err(error) => {
                    if pause == FIRST_PAUSE {
                        self.reporter.report_write(self.source.name(), Operation::Publish, error);
                    } else {
                        self.reporter.repeat_write(error);
                    }
                    true
                }
            };
            let closed = {
                let mut queue = self.queue();
                queue.is_flying = false;
                queue.failures += u64::from(failed);
                if failed {
                    queue.put(mark);
                }
                queue.closed
            };
            self.settled.notify_waiters();
            if !failed {
                pause = FIRST_PAUSE;
            } else if closed {
                // Nobody is left who could want it, and the process may be about to end.
                return;
            } else {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    async fn next(&self) -> Option<Mark> {
        loop {
            let woken = self.wake.notified();
            {
                let mut queue = self.queue();
                if let Some(mark) = queue.take() {
                    return Some(mark);
                }
                if queue.closed {
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
    fn put(&mut self, mark: Mark) {
        match self.waiting.entry(mark.subject.clone()) {
            Entry::Occupied(mut before) => {
                let times = before.get().times.merge(mark.times, Stamp::default());
                before.get_mut().times = times;
            }
            Entry::Vacant(place) => {
                self.order.push_back(mark.subject.clone());
                place.insert(mark);
            }
        }
    }

    fn take(&mut self) -> Option<Mark> {
        let subject = self.order.pop_front()?;
        let mark = self.waiting.remove(&subject)?;
        self.is_flying = true;
        Some(mark)
    }
}
