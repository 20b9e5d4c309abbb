//! Marks on a disk: a file that only grows, and is written anew when most of it is outdated.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Mutex;

use super::files;
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
    /// `None`: it was not read yet.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    known: HashMap<Subject, MarkTimes>,
    records: usize,
}

impl TagLog {
    pub(super) fn new(folder: &Path) -> Self {
        let (path, temporary) = (folder.join("tags"), folder.join("tags.new"));
        Self { state: Arc::new(Mutex::new(State { path, temporary, open: None })) }
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
        Ok(work.await.map_err(|error| StoreError::Unavailable(error.to_string()))??)
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
            let open = state.open()?;
            open.file.write_all(&record(&mark))?;
            open.file.sync_data()?;
            open.records += 1;
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

    /// Writes a new file with one record per subject.
    fn compact(&mut self) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.forget_older();
        let marks = open.known.iter().map(|(subject, times)| Mark { subject: subject.clone(), times: *times });
        let bytes: Vec<u8> = marks.flat_map(|mark| record(&mark)).collect();
        files::write(&self.path, &self.temporary, &bytes)?;
        self.open = None;
        Ok(())
    }
}

impl Open {
    fn read(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Err(error) if files::is_missing(&error) => Vec::new(),
            bytes => bytes?,
        };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let mut open = Self { file, known: HashMap::new(), records: 0 };
        let mut rest = Bytes::from(bytes);
        let whole = rest.len();
        while let Some(mark) = take_record(&mut rest) {
            open.records += 1;
            open.learn(mark);
        }
        if !rest.is_empty() {
            // What a crash has cut off. Records behind it would never be found.
            open.file.set_len((whole - rest.len()) as u64)?;
        }
        Ok(open)
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

    fn mark(name: &str, expired: u64) -> Mark {
        let times = MarkTimes { expired: Stamp::from_micros(expired), ..MarkTimes::default() };
        Mark { subject: Subject::Tag(name.parse().unwrap()), times }
    }

    async fn loaded(folder: &Path) -> HashMap<Subject, MarkTimes> {
        let marks = TagLog::new(folder).load().await.unwrap();
        marks.into_iter().map(|mark| (mark.subject, mark.times)).collect()
    }

    #[tokio::test]
    async fn a_record_that_was_cut_off_takes_no_other_along() {
        let folder = tempfile::tempdir().unwrap();
        let log = TagLog::new(folder.path());
        log.publish(&mark("one", 1)).await.unwrap();
        log.publish(&mark("two", 2)).await.unwrap();
        let path = folder.path().join("tags");
        let bytes = fs::read(&path).unwrap();
        let second = bytes.len() / 2;
        for end in second..bytes.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            let log = TagLog::new(folder.path());
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
        let log = TagLog::new(folder.path());
        log.publish(&mark("two", 7)).await.unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), 2 * record(&mark("one", 1)).len());
        log.publish(&mark("two", 8)).await.unwrap();
        let known = loaded(folder.path()).await;
        for kept in [mark("one", OUTDATED as u64 + 1), mark("two", 8)] {
            assert_eq!(known[&kept.subject], kept.times);
        }
    }

    #[test]
    fn what_is_forgotten_counts_as_invalidated() {
        let known =
            (0..=CAPACITY as u64).map(|number| (mark(&format!("t{number}"), number).subject, mark("t", number).times));
        let file = tempfile::tempfile().unwrap();
        let mut open = Open { file, known: known.collect(), records: 0 };
        open.forget_older();
        assert!(open.known.len() <= CAPACITY / 2 + 1);
        let forgotten = open.known[&Subject::Everything].expired;
        assert!((0..=CAPACITY as u64).all(|number| {
            let mark = mark(&format!("t{number}"), number);
            open.known.contains_key(&mark.subject) || mark.times.expired <= forgotten
        }));
    }
}
