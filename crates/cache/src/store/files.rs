//! Entries as files: one each, named by the digest of its key, in 256 folders.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::StoreError;
use crate::codec;
use crate::entry::Entry;
use crate::key::{CacheKey, KeyId};

/// How old a file's time may be before a read renews it. It orders files after a restart, and need not be exact.
const RENEWED_AFTER: Duration = Duration::from_hours(1);

pub(super) fn path(root: &Path, id: KeyId) -> PathBuf {
    let name = id.to_string();
    root.join(&name[..2]).join(name)
}

/// What the name of an entry's file says.
pub(super) fn id_of(path: &Path) -> Option<KeyId> {
    KeyId::from_hex(path.file_name()?.to_str()?)
}

/// The entry of a file and the file's size. `None`: there is no such file.
pub(super) fn read(path: &Path, key: &CacheKey) -> Result<Option<(Entry, u64)>, StoreError> {
    let mut file = match File::open(path) {
        Err(error) if is_missing(&error) => return Ok(None),
        file => file?,
    };
    let metadata = file.metadata()?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    let entry = codec::decode_of(key, Bytes::from(bytes))?;
    let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok());
    if age.is_some_and(|age| age >= RENEWED_AFTER) {
        // A read-only file is as good.
        let _ = file.set_modified(SystemTime::now());
    }
    Ok(Some((entry, size)))
}

/// Whether a file has this very entry.
pub(super) fn has(path: &Path, entry: &Entry) -> io::Result<bool> {
    let mut head = [0; codec::IDENTITY.end];
    let mut file = match File::open(path) {
        Err(error) if is_missing(&error) => return Ok(false),
        file => file?,
    };
    match file.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(head[codec::IDENTITY] == codec::identity(entry)),
    }
}

/// Writes a file so that whoever reads it, also after a crash, finds the old one or the new one.
pub(super) fn write(path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = (|| {
        let mut file = File::create(temporary)?;
        file.write_all(bytes)?;
        // Before the name: a name without its bytes would outlive a loss of power.
        file.sync_all()?;
        match fs::rename(temporary, path) {
            Err(error) if is_missing(&error) => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::rename(temporary, path)
            }
            result => result,
        }
    })();
    if written.is_err() {
        let _ = fs::remove_file(temporary);
    }
    written
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if is_missing(&error) => Ok(()),
        result => result,
    }
}

pub(super) fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
