//! Entries that a build has made.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::{BoxFuture, Store, StoreError, files};
use crate::codec;
use crate::entry::Entry;
use crate::key::{CacheKey, KeyId};
use crate::tags::TagSource;

/// How many files are read at a time: a disk that hangs takes no more threads than that.
const AT_A_TIME: usize = 32;

/// A store over a folder of prerendered entries, which is only read. A seed is found when the store has nothing for its key.
/// One that was removed or invalidated does not come back: the store's tag source remembers, beyond a restart if it is one
/// that does. A damaged one stays where it is, and is looked at once by each process.
pub struct SeededStore {
    name: String,
    store: Arc<dyn Store>,
    seeds: PathBuf,
    /// Seeds that have given way in this process, or are damaged. They are not looked at again.
    gone: Mutex<HashSet<KeyId>>,
    permits: Arc<Semaphore>,
}

impl std::fmt::Debug for SeededStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeededStore").field("name", &self.name).field("seeds", &self.seeds).finish_non_exhaustive()
    }
}

impl SeededStore {
    /// The store over the seeds of a folder, which need not exist.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, seeds: impl Into<PathBuf>) -> Self {
        Self {
            name: format!("{} over seeds", store.name()),
            store,
            seeds: seeds.into(),
            gone: Mutex::default(),
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Puts a seed into a folder, as builds do. See [`Entry::prerendered`].
    pub fn plant(seeds: &Path, key: &CacheKey, entry: &Entry) -> io::Result<()> {
        let path = files::path(seeds, key.id());
        let temporary = path.with_extension("new");
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        files::write(&path, &temporary, &codec::encode(key, entry))
    }

    fn gone(&self) -> MutexGuard<'_, HashSet<KeyId>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn seed(&self, key: &CacheKey) -> Result<Option<Arc<Entry>>, StoreError> {
        if self.gone().contains(&key.id()) {
            return Ok(None);
        }
        let (path, key) = (files::path(&self.seeds, key.id()), key.clone());
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            files::read(&path, &key)
        });
        let found = read.await.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        Ok(found.map(|(entry, _)| Arc::new(entry)))
    }

    /// Does not look at a seed again that is to go, or that is damaged.
    async fn give_up(&self, key: &CacheKey, goes: impl Fn(&Entry) -> bool) -> Result<(), StoreError> {
        let goes = match self.seed(key).await {
            Ok(seed) => seed.is_some_and(|seed| goes(&seed)),
            Err(StoreError::Corrupt(_)) => true,
            Err(error) => return Err(error),
        };
        if goes {
            self.gone().insert(key.id());
        }
        Ok(())
    }
}

impl Store for SeededStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move {
            match self.store.get(key).await {
                Ok(Some(entry)) => Ok(Some(entry)),
                // It was later than the seed, and is to be removed.
                Err(StoreError::Corrupt(damage)) => Err(StoreError::Corrupt(damage)),
                // A store that fails is no reason to render what is here.
                found => self.seed(key).await?.map_or(found, |seed| Ok(Some(seed))),
            }
        })
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.set(key, entry)
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let seed = self.give_up(key, |_| true).await;
            self.store.remove(key).await.and(seed)
        })
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let seed = self.give_up(key, |seed| seed.is_same_as(entry)).await;
            self.store.remove_entry(key, entry).await.and(seed)
        })
    }

    fn remove_damaged<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let seed = self.give_up(key, |_| false).await;
            self.store.remove_damaged(key).await.and(seed)
        })
    }

    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        self.store.tag_source()
    }
}
