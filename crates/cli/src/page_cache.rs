//! Where pages and data are stored, as the command line names it.

use std::sync::Arc;

use vinext_adapters::manifest::BuildDir;
use vinext_cache::{Cache, DiskStore, Failure, MemoryStore, RedisStore, SeededStore, Store, StoreError};

use crate::error::CliError;

/// What stands before the names of all keys on a Redis server.
const PREFIX: &str = "vinext";
/// What is kept on disk, in bytes.
const DISK: u64 = 4 * 1024 * 1024 * 1024;

/// The cache that `name` stands for, below `memory` bytes of memory and above what the build has rendered.
pub(crate) fn open(name: &str, dir: &BuildDir, memory: u64) -> Result<Cache, CliError> {
    let below: Arc<dyn Store> = match name {
        "memory" => Arc::new(MemoryStore::new(0)),
        "disk" => Arc::new(disk(dir)?),
        url if ["redis://", "rediss://", "redis+unix://"].iter().any(|scheme| url.starts_with(scheme)) => {
            let failed = |error: StoreError| CliError::Cache { cache: url.to_owned(), source: error.into() };
            Arc::new(RedisStore::new(url, PREFIX).map_err(failed)?)
        }
        other => {
            let source = "it is neither `disk`, `memory` nor the URL of a Redis server".into();
            return Err(CliError::Cache { cache: other.to_owned(), source });
        }
    };
    let seeded = SeededStore::new(below, dir.prerendered().into_std_path_buf());
    Ok(Cache::builder().memory(memory).store(seeded).on_failure(report).build())
}

/// What a build fetches, where the server will look for it.
pub(crate) fn data(dir: &BuildDir, memory: u64) -> Result<Cache, CliError> {
    Ok(Cache::builder().memory(memory).store(disk(dir)?).on_failure(report).build())
}

/// A failing store costs renders, not answers: a line of the log is enough.
pub(crate) fn report(failure: &Failure<'_>) {
    crate::engine::log(2, &format!("the cache ({}) failed to {}: {}", failure.store, failure.operation, failure.error));
}

fn disk(dir: &BuildDir) -> Result<DiskStore, CliError> {
    let folder = dir.cache();
    DiskStore::open(folder.as_std_path(), DISK)
        .map_err(|source| CliError::Cache { cache: folder.to_string(), source: source.into() })
}
