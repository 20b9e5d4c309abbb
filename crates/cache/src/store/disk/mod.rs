//! Entries on a disk.

mod index;
mod log;
mod room;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::UNIX_EPOCH;

use tokio::sync::Semaphore;

use self::index::Index;
use self::log::TagLog;
use self::room::Room;
use super::{BoxFuture, Store, StoreError, files};
use crate::codec;
use crate::entry::Entry;
use crate::key::{CacheKey, KeyId};
use crate::tags::TagSource;

/// How many files are read and written at a time. A disk that hangs takes no more threads than that.
const AT_A_TIME: usize = 32;

/// Entries in a folder, up to a number of bytes; the least recently used give way. The folder survives whatever ends the
/// process. It is for one process at a time: another would not learn of the invalidations of this one.
///
/// When the disk is full, or cannot be written, nothing more is written to it; one write a minute tries. That is said once, by
/// [`StoreError::Full`]. What a skipped write would have replaced is removed, so that it does not come back, and entries give
/// way to the marks of invalidations.
#[derive(Debug, Clone)]
pub struct DiskStore {
    disk: Arc<Disk>,
    tags: Arc<TagLog>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Disk {
    entries: PathBuf,
    temporary: PathBuf,
    capacity: u64,
    index: Mutex<Index>,
    /// Keys whose files are outdated and could not be removed. There are never more than files.
    outdated: Mutex<HashSet<KeyId>>,
    room: Room,
    written: AtomicU64,
}

impl DiskStore {
    /// The store of a folder, which is made if it is not there. What is in it already is found at once, and counted by a
    /// thread of its own: until that is done, nothing gives way.
    pub fn open(folder: impl Into<PathBuf>, capacity: u64) -> io::Result<Self> {
        let folder = folder.into();
        let (entries, temporary) = (folder.join("entries"), folder.join("temporary"));
        fs::create_dir_all(&entries)?;
        fs::create_dir_all(&temporary)?;
        // What a process that was stopped has left half written.
        for file in fs::read_dir(&temporary)? {
            files::remove(&file?.path())?;
        }
        let disk = Arc::new(Disk {
            entries,
            temporary,
            capacity,
            index: Mutex::default(),
            outdated: Mutex::default(),
            room: Room::default(),
            written: AtomicU64::new(0),
        });
        let tags = Arc::new(TagLog::new(&folder, Arc::clone(&disk)));
        let counted = Arc::downgrade(&disk);
        std::thread::Builder::new().name("cache-count".to_owned()).spawn(move || Disk::count(&counted))?;
        Ok(Self { disk, tags, permits: Arc::new(Semaphore::new(AT_A_TIME)) })
    }

    /// Bytes in use. `None`: they are still being counted.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.disk.index().bytes()
    }

    /// Does something that waits for the disk where it is in nobody's way.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let disk = Arc::clone(&self.disk);
        let work = tokio::task::spawn_blocking(move || {
            // Given back when the disk has answered, not when nobody waits any more.
            let _permit = permit;
            work(&disk)
        });
        work.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}

impl Disk {
    fn path(&self, id: KeyId) -> PathBuf {
        files::path(&self.entries, id)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outdated(&self) -> MutexGuard<'_, HashSet<KeyId>> {
        self.outdated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &CacheKey) -> Result<Option<Arc<Entry>>, StoreError> {
        if self.outdated().contains(&key.id()) {
            return Ok(None);
        }
        let path = self.path(key.id());
        let Some((entry, size)) = files::read(&path, key)? else {
            self.index().forget(key.id());
            return Ok(None);
        };
        self.index().touch(key.id(), size);
        Ok(Some(Arc::new(entry)))
    }

    fn set(&self, key: &CacheKey, entry: &Entry) -> Result<(), StoreError> {
        let id = key.id();
        if !self.room.admits() {
            return self.remove(id);
        }
        let bytes = codec::encode(key, entry);
        let size = bytes.len() as u64;
        if size > self.capacity {
            return self.remove(id);
        }
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = self.temporary.join(format!("{}-{number}", std::process::id()));
        if let Err(error) = files::write(&self.path(id), &temporary, &bytes) {
            // What is there is older than what could not be written.
            let removed = self.remove(id);
            if !room::is_closed(&error) {
                return Err(error.into());
            }
            return if self.room.missed() { Err(StoreError::Full(error)) } else { removed };
        }
        self.room.found();
        self.outdated().remove(&id);
        self.index().touch(id, size);
        self.make_room()
    }

    fn remove(&self, id: KeyId) -> Result<(), StoreError> {
        self.index().forget(id);
        let path = self.path(id);
        let Err(error) = files::remove(&path) else {
            self.outdated().remove(&id);
            return Ok(());
        };
        // A disk that cannot be written says so of files that are not there, too.
        if path.exists() {
            self.outdated().insert(id);
        }
        if room::is_closed(&error) { Ok(()) } else { Err(error.into()) }
    }

    /// Removes the least recently used, however much room there is. `false`: there is nothing to remove.
    fn give_way(&self) -> io::Result<bool> {
        let Some(oldest) = self.index().oldest() else { return Ok(false) };
        files::remove(&self.path(oldest))?;
        Ok(true)
    }

    fn make_room(&self) -> Result<(), StoreError> {
        loop {
            let Some(oldest) = self.index().oldest_beyond(self.capacity) else { return Ok(()) };
            files::remove(&self.path(oldest))?;
        }
    }

    /// Counts what is there: names, sizes and times, not what is in the files.
    fn count(this: &Weak<Self>) {
        let Some(root) = this.upgrade().map(|disk| disk.entries.clone()) else { return };
        for folder in fs::read_dir(root).into_iter().flatten().flatten() {
            let Some(disk) = this.upgrade() else { return };
            for (path, file) in files_in(&folder.path()) {
                let Some(id) = files::id_of(&path) else { continue };
                let modified = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let modified = modified.and_then(|time| u64::try_from(time.as_micros()).ok());
                disk.index().add(id, file.len(), modified.unwrap_or(0));
            }
        }
        if let Some(disk) = this.upgrade() {
            disk.index().counted();
            // What cannot be removed now is tried again with the next write.
            let _ = disk.make_room();
        }
    }
}

fn files_in(folder: &Path) -> impl Iterator<Item = (PathBuf, fs::Metadata)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?))).filter(|(_, file)| file.is_file())
}

impl Store for DiskStore {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        let key = key.clone();
        Box::pin(self.run(move |disk| disk.get(&key)))
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        let (key, entry) = (key.clone(), Arc::clone(entry));
        Box::pin(self.run(move |disk| disk.set(&key, &entry)))
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        let id = key.id();
        Box::pin(self.run(move |disk| disk.remove(id)))
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        let (id, entry) = (key.id(), Arc::clone(entry));
        Box::pin(self.run(move |disk| {
            if files::has(&disk.path(id), &entry)? {
                disk.remove(id)?;
            }
            Ok(())
        }))
    }

    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        Some(Arc::clone(&self.tags) as Arc<dyn TagSource>)
    }
}
