//! Marks on a disk: a file that only grows, and is written anew when most of it is outdated. On a full disk entries give way
//! to it: an entry without its mark would come back with the next process.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Mutex;

use super::room::{is_closed, is_full};
use super::{Disk, files};
use crate::codec;
use crate::store::{BoxFuture, StoreError};
use crate::tags::{Mark, MarkTimes, Stamp, Subject, TagSource};

/// How many marks are kept one by one; of more, the older half counts as one of everything.
const CAPACITY: usize = 65_536;
/// How many records the file may have more than there are subjects.
const OUTDATED: usize = 16_384;
/// A length of four bytes, and so much of a BLAKE3 of the record.
const CHECKSUM: usize = 8;

#[derive(Debug)]
pub(super) struct TagLog {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    path: PathBuf,
    temporary: PathBuf,
    disk: Arc<Disk>,
    /// Opens a file to add to it. Tests have it open what is full.
    append: fn(&Path) -> io::Result<File>,
    /// `None`: it was not read yet.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// `None`: nothing was added yet. It can be read where it cannot be written.
    file: Option<File>,
    /// How long it is without what was cut off.
    whole: u64,
    known: HashMap<Subject, MarkTimes>,
    records: usize,
}

impl TagLog {
    pub(super) fn new(folder: &Path, disk: Arc<Disk>) -> Self {
        let (path, temporary) = (folder.join("tags"), folder.join("tags.new"));
        Self { state: Arc::new(Mutex::new(State { path, temporary, disk, append, open: None })) }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // Waited for here: a disk that hangs takes one thread, not one for each attempt.
        let mut state = Arc::clone(&self.state).lock_owned().await;
        let work = tokio::task::spawn_blocking(move || {
            let result = work(&mut state);
            if result.is_err() {
                // What was written of it is unknown: it is read again.
                state.open = None;
            }
            result
        });
        let result = work.await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        result.map_err(|error| if is_closed(&error) { StoreError::Full(error) } else { error.into() })
    }
}

impl TagSource for TagLog {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>> {
        Box::pin(self.run(|state| {
            let known = &state.open()?.known;
            Ok(known.iter().map(|(subject, times)| Mark { subject: subject.clone(), times: *times }).collect())
        }))
    }

    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>> {
        let mark = mark.clone();
        Box::pin(self.run(move |state| {
            state.add_making_room(&record(&mark))?;
            let open = state.open()?;
            open.learn(mark);
            if open.records > open.known.len() + OUTDATED {
                state.compact()?;
            }
            Ok(None)
        }))
    }
}

impl State {
    fn open(&mut self) -> io::Result<&mut Open> {
        let open = match self.open.take() {
            Some(open) => open,
            None => Open::read(&self.path)?,
        };
        Ok(self.open.insert(open))
    }

    /// Adds a record. If the disk is full, entries give way to it: more each time, as others may take what they leave.
    fn add_making_room(&mut self, record: &[u8]) -> io::Result<()> {
        let mut leaving = 1_usize;
        loop {
            match self.add(record) {
                Err(error) if is_full(&error) => {
                    let mut left = 0;
                    while left < leaving && self.disk.give_way()? {
                        left += 1;
                    }
                    if left == 0 {
                        return Err(error);
                    }
                    leaving *= 2;
                }
                result => return result,
            }
        }
    }

    fn add(&mut self, record: &[u8]) -> io::Result<()> {
        let (path, append) = (self.path.clone(), self.append);
        let open = self.open()?;
        let result = open.writable(&path, append).and_then(|file| {
            file.write_all(record)?;
            file.sync_data()
        });
        if result.is_ok() {
            open.whole += record.len() as u64;
            open.records += 1;
        } else {
            // How much was written is unknown; it is cut off when the file is opened next.
            open.file = None;
        }
        result
    }

    /// Writes a new file with one record per subject.
    fn compact(&mut self) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.forget_older();
        let marks = open.known.iter().map(|(subject, times)| Mark { subject: subject.clone(), times: *times });
        let bytes: Vec<u8> = marks.flat_map(|mark| record(&mark)).collect();
        match files::write(&self.path, &self.temporary, &bytes) {
            // The old one says the same. It is tried again when as much has been added.
            Err(error) if is_closed(&error) => open.records = open.known.len(),
            written => {
                written?;
                self.open = None;
            }
        }
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

impl Open {
    fn read(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Err(error) if files::is_missing(&error) => Vec::new(),
            bytes => bytes?,
        };
        let mut open = Self { file: None, whole: 0, known: HashMap::new(), records: 0 };
        let mut rest = Bytes::from(bytes);
        let length = rest.len();
        while let Some(mark) = take_record(&mut rest) {
            open.records += 1;
            open.learn(mark);
        }
        open.whole = (length - rest.len()) as u64;
        Ok(open)
    }

    /// The file, without what a crash or a full disk has cut off: records behind that would never be found.
    fn writable(&mut self, path: &Path, append: fn(&Path) -> io::Result<File>) -> io::Result<&mut File> {
        let file = if let Some(file) = self.file.take() {
            file
        } else {
            let file = append(path)?;
            if file.metadata()?.len() > self.whole {
                file.set_len(self.whole)?;
            }
            file
        };
        Ok(self.file.insert(file))
    }

    fn learn(&mut self, mark: Mark) {
        let times = self.known.entry(mark.subject).or_default();
        *times = times.merge(mark.times, Stamp::default());
    }

    fn forget_older(&mut self) {
        if self.known.len() <= CAPACITY {
            return;
        }
        let mut ages: Vec<_> = self.known.values().map(MarkTimes::newest).collect();
        let middle = ages.len() / 2;
        let (_, &mut forgotten, _) = ages.select_nth_unstable(middle);
        self.known.retain(|_, times| times.newest() > forgotten);
        self.learn(Mark {
            subject: Subject::Everything,
            times: MarkTimes { expired: forgotten, ..MarkTimes::default() },
        });
    }
}

fn record(mark: &Mark) -> Vec<u8> {
    let payload = codec::encode_mark(mark);
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let checksum = blake3::hash(&payload);
    [&length.to_le_bytes()[..], &checksum.as_bytes()[..CHECKSUM], &payload].concat()
}

/// The next record. `None`: there is no whole one, and nothing is taken.
fn take_record(bytes: &mut Bytes) -> Option<Mark> {
    let mut rest = bytes.clone();
    if rest.len() < 4 + CHECKSUM {
        return None;
    }
    let length = u32::from_le_bytes(rest.split_to(4)[..].try_into().ok()?);
    let checksum = rest.split_to(CHECKSUM);
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len())?;
    let payload = rest.split_to(length);
    if blake3::hash(&payload).as_bytes()[..CHECKSUM] != checksum {
        return None;
    }
    let mark = codec::decode_mark(payload).ok()?;
    *bytes = rest;
    Some(mark)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::Timestamp;
    use crate::entry::Entry;
    use crate::key::{CacheKey, Variant};
    use crate::policy::CachePolicy;
    use crate::store::{DiskStore, Store as _};

    fn mark(name: &str, expired: u64) -> Mark {
        let times = MarkTimes { expired: Stamp::from_micros(expired), ..MarkTimes::default() };
        Mark { subject: Subject::Tag(name.parse().unwrap()), times }
    }

    fn log_of(folder: &Path) -> Arc<TagLog> {
        DiskStore::open(folder, 1024 * 1024).unwrap().tags
    }

    async fn loaded(folder: &Path) -> HashMap<Subject, MarkTimes> {
        let marks = log_of(folder).load().await.unwrap();
        marks.into_iter().map(|mark| (mark.subject, mark.times)).collect()
    }

    #[tokio::test]
    async fn a_record_that_was_cut_off_takes_no_other_along() {
        let folder = tempfile::tempdir().unwrap();
        let log = log_of(folder.path());
        log.publish(&mark("one", 1)).await.unwrap();
        log.publish(&mark("two", 2)).await.unwrap();
        let path = folder.path().join("tags");
        let bytes = fs::read(&path).unwrap();
        let second = bytes.len() / 2;
        for end in second..bytes.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            let log = log_of(folder.path());
            log.publish(&mark("three", 3)).await.unwrap();
            let known = loaded(folder.path()).await;
            assert_eq!(known.len(), 2, "of {end} bytes");
            for kept in [mark("one", 1), mark("three", 3)] {
                assert_eq!(known[&kept.subject], kept.times);
            }
        }
    }

    #[tokio::test]
    async fn it_is_written_anew_when_most_of_it_is_outdated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags");
        let many: Vec<u8> = (0..OUTDATED as u64 + 2).flat_map(|number| record(&mark("one", number))).collect();
        fs::write(&path, &many).unwrap();
        let log = log_of(folder.path());
        log.publish(&mark("two", 7)).await.unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), 2 * record(&mark("one", 1)).len());
        log.publish(&mark("two", 8)).await.unwrap();
        let known = loaded(folder.path()).await;
        for kept in [mark("one", OUTDATED as u64 + 1), mark("two", 8)] {
            assert_eq!(known[&kept.subject], kept.times);
        }
    }

    /// A disk that is full as long as there are more than two entries, and has half a record's room for the last of them.
    #[cfg(target_os = "linux")]
    fn full_with_entries(path: &Path) -> io::Result<File> {
        let entries = path.parent().unwrap().join("entries");
        let folders = fs::read_dir(entries)?.map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().count());
        match folders.sum() {
            0..=2 => append(path),
            3 => {
                let half = record(&mark("new", 7));
                append(path)?.write_all(&half[..half.len() / 2])?;
                File::options().append(true).open("/dev/full")
            }
            _ => File::options().append(true).open("/dev/full"),
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn on_a_full_disk_the_least_recently_used_entries_give_way_to_a_mark() {
        let folder = tempfile::tempdir().unwrap();
        let store = DiskStore::open(folder.path(), 1024 * 1024).unwrap();
        let key = |number: u8| CacheKey::builder("/", Variant::Data).part([number]).finish();
        for number in 0..4 {
            let made = Entry::prerendered(Bytes::from("data"), CachePolicy::forever(), Timestamp::from_millis(1));
            store.set(&key(number), &Arc::new(made)).await.unwrap();
        }
        store.tags.publish(&mark("old", 1)).await.unwrap();
        {
            let mut state = store.tags.state.lock().await;
            state.append = full_with_entries;
            state.open = None;
        }
        store.tags.publish(&mark("new", 7)).await.unwrap();
        let known = loaded(folder.path()).await;
        assert_eq!(known.len(), 2);
        for kept in [mark("old", 1), mark("new", 7)] {
            assert_eq!(known[&kept.subject], kept.times);
        }
        // One of them, then two.
        for number in 0..4 {
            assert_eq!(store.get(&key(number)).await.unwrap().is_some(), number == 3, "{number}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn on_a_full_disk_without_entries_a_mark_is_refused_and_takes_no_other_along() {
        let folder = tempfile::tempdir().unwrap();
        let log = log_of(folder.path());
        log.publish(&mark("old", 1)).await.unwrap();
        {
            let mut state = log.state.lock().await;
            state.append = |_| File::options().append(true).open("/dev/full");
            state.open = None;
        }
        for _ in 0..2 {
            let error = log.publish(&mark("new", 7)).await.unwrap_err();
            assert!(matches!(error, StoreError::Full(_)), "{error}");
            assert_eq!(log.load().await.unwrap(), [mark("old", 1)]);
        }
        log.state.lock().await.append = append;
        log.publish(&mark("new", 7)).await.unwrap();
        assert_eq!(loaded(folder.path()).await.len(), 2);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_mark_is_kept_though_there_is_no_room_to_write_the_file_anew() {
        let folder = tempfile::tempdir().unwrap();
        let many: Vec<u8> = (0..OUTDATED as u64 + 2).flat_map(|number| record(&mark("one", number))).collect();
        fs::write(folder.path().join("tags"), &many).unwrap();
        let log = log_of(folder.path());
        std::os::unix::fs::symlink("/dev/full", folder.path().join("tags.new")).unwrap();
        log.publish(&mark("two", 7)).await.unwrap();
        let known = loaded(folder.path()).await;
        for kept in [mark("one", OUTDATED as u64 + 1), mark("two", 7)] {
            assert_eq!(known[&kept.subject], kept.times);
        }
    }

    #[test]
    fn what_is_forgotten_counts_as_invalidated() {
        let known =
            (0..=CAPACITY as u64).map(|number| (mark(&format!("t{number}"), number).subject, mark("t", number).times));
        let mut open = Open { file: None, whole: 0, known: known.collect(), records: 0 };
        open.forget_older();
        assert!(open.known.len() <= CAPACITY / 2 + 1);
        let forgotten = open.known[&Subject::Everything].expired;
        assert!((0..=CAPACITY as u64).all(|number| {
            let mark = mark(&format!("t{number}"), number);
            open.known.contains_key(&mark.subject) || mark.times.expired <= forgotten
        }));
    }
}
