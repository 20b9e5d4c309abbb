//! Which files there are, in the order of their use.

use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::key::KeyId;

#[derive(Debug, Default)]
pub(super) struct Index {
    files: HashMap<KeyId, Known>,
    /// The same files by when they were used, in microseconds since the Unix epoch, or later where two would be the same.
    by_use: BTreeMap<u64, KeyId>,
    bytes: u64,
    is_counted: bool,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    size: u64,
    used: u64,
}

impl Index {
    pub(super) fn bytes(&self) -> Option<u64> {
        self.is_counted.then_some(self.bytes)
    }

    /// A file was read or written now.
    pub(super) fn touch(&mut self, id: KeyId, size: u64) {
        self.forget(id);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let newest = self.by_use.last_key_value().map_or(0, |(used, _)| *used);
        self.insert(id, size, now.max(newest.saturating_add(1)));
    }

    /// A file was found that was used at some time. What is known better already stays.
    pub(super) fn add(&mut self, id: KeyId, size: u64, used: u64) {
        if !self.files.contains_key(&id) {
            self.insert(id, size, used);
        }
    }

    pub(super) fn forget(&mut self, id: KeyId) {
        if let Some(known) = self.files.remove(&id) {
            self.by_use.remove(&known.used);
            self.bytes -= known.size;
        }
    }

    /// All files are known.
    pub(super) fn counted(&mut self) {
        self.is_counted = true;
    }

    /// Takes the least recently used out, if there are more bytes than `capacity`.
    pub(super) fn oldest_beyond(&mut self, capacity: u64) -> Option<KeyId> {
        if !self.is_counted || self.bytes <= capacity {
            return None;
        }
        self.oldest()
    }

    /// Takes the least recently used out, of those that are known.
    pub(super) fn oldest(&mut self) -> Option<KeyId> {
        let (_, id) = self.by_use.first_key_value()?;
        let id = *id;
        self.forget(id);
        Some(id)
    }

    fn insert(&mut self, id: KeyId, size: u64, mut used: u64) {
        while self.by_use.contains_key(&used) {
            used += 1;
        }
        self.by_use.insert(used, id);
        self.files.insert(id, Known { size, used });
        self.bytes += size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> KeyId {
        KeyId::new([number; 32])
    }

    #[test]
    fn the_least_recently_used_goes_first_and_only_when_all_are_counted() {
        let mut index = Index::default();
        index.touch(id(1), 10);
        index.add(id(2), 10, 50);
        index.add(id(3), 10, 50);
        index.add(id(4), 10, 40);
        // It was used in the meantime.
        index.add(id(1), 10, 1);
        assert_eq!((index.bytes(), index.oldest_beyond(0)), (None, None));
        index.counted();
        assert_eq!(index.bytes(), Some(40));
        assert_eq!(index.oldest_beyond(39), Some(id(4)));
        index.touch(id(2), 5);
        assert_eq!((index.bytes(), index.oldest_beyond(25)), (Some(25), None));
        let rest: Vec<_> = std::iter::from_fn(|| index.oldest_beyond(0)).collect();
        assert_eq!(rest, [id(3), id(1), id(2)]);
        assert_eq!(index.bytes(), Some(0));
    }
}
