//! Marks in KV: one name for each subject that an instance has invalidated, with the mark beside it, so that a list of names
//! says it all.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::SHORTEST;
use super::api::{self, Api};
use crate::codec;
use crate::store::{BoxFuture, StoreError};
use crate::tags::{Mark, MarkTimes, Stamp, Subject, TagSink, TagSource};

/// By how much the clocks of instances may differ. A mark is later by that for the others: what they have made in the
/// meantime is made once more.
const TOLERANCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct KvMarks {
    api: Arc<Api>,
    prefix: String,
    /// Who this is: two that write the same name would undo each other's marks.
    instance: String,
    keep: Duration,
    look_every: Duration,
    capacity: usize,
    own: Mutex<HashMap<Subject, MarkTimes>>,
}

impl std::fmt::Debug for KvMarks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KvMarks").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl KvMarks {
    pub(super) fn new(api: Arc<Api>, prefix: &str, keep: Duration, look_every: Duration, capacity: usize) -> Self {
        // Its keys are random, and different for each.
        let instance = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
        Self { api, prefix: format!("{prefix}-mark-"), instance, keep, look_every, capacity, own: Mutex::default() }
    }

    fn name_of(&self, subject: &Subject) -> String {
        let digest = blake3::hash(&codec::encode_subject(subject)).to_hex();
        format!("{}{}-{}", self.prefix, &digest[..32], self.instance)
    }

    async fn put(&self, mark: &Mark) -> Result<(), StoreError> {
        let about = api::to_hex(&codec::encode_mark(mark));
        // Longer than any entry that it is about.
        self.api.put(&self.name_of(&mark.subject), b"", &about, self.keep + SHORTEST).await
    }

    async fn all(&self) -> Result<Vec<Mark>, StoreError> {
        let listed = self.api.list(&self.prefix).await?;
        let marks = listed.iter().map(|(name, about)| {
            let bytes = api::from_hex(about).ok_or_else(|| StoreError::Corrupt(format!("`{name}` is no mark")))?;
            Ok(codec::decode_mark(bytes)?)
        });
        marks.collect()
    }
}

impl TagSource for KvMarks {
    fn name(&self) -> &'static str {
        "kv"
    }

    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>> {
        Box::pin(self.all())
    }

    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>> {
        Box::pin(async move {
            let later = |stamp: Stamp| if stamp == Stamp::default() { stamp } else { stamp.after(TOLERANCE) };
            let MarkTimes { stale, expired, deadline } = mark.times;
            let times = MarkTimes { stale: later(stale), expired: later(expired), deadline };
            let mut own = self.own.lock().await;
            // What is so old is not there any more, and neither is any entry that it is about.
            let is_kept = |known: &MarkTimes| known.newest().after(self.keep + SHORTEST) > mark.times.newest();
            let known = own.get(&mark.subject).copied().filter(is_kept).unwrap_or_default();
            let times = known.merge(times, Stamp::default());
            if own.len() >= self.capacity && !own.contains_key(&mark.subject) {
                own.retain(|_, known| is_kept(known));
            }
            if own.len() >= self.capacity && !own.contains_key(&mark.subject) {
                let newest = own.values().map(MarkTimes::newest).fold(times.newest(), Stamp::max);
                let times = MarkTimes { expired: newest, ..MarkTimes::default() };
                self.put(&Mark { subject: Subject::Everything, times }).await?;
                let names = own.keys().filter(|subject| **subject != Subject::Everything);
                let names: Vec<String> = names.map(|subject| self.name_of(subject)).collect();
                own.clear();
                own.insert(Subject::Everything, times);
                self.api.delete_all(&names).await?;
                return Ok(None);
            }
            self.put(&Mark { subject: mark.subject.clone(), times }).await?;
            own.insert(mark.subject.clone(), times);
            Ok(None)
        })
    }

    fn listen(self: Arc<Self>, sink: TagSink) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let own = format!("-{}", self.instance);
            while sink.is_open() {
                sleep(self.look_every).await;
                // What fails is looked for again; who asks for entries learns that the store is away.
                let Ok(Ok(listed)) = timeout(PATIENCE, self.api.list(&self.prefix)).await else { continue };
                let of_others = listed.iter().filter(|(name, _)| !name.ends_with(&own));
                for mark in of_others.filter_map(|(_, about)| codec::decode_mark(api::from_hex(about)?).ok()) {
                    sink.apply(&mark);
                }
            }
        })
    }
}
