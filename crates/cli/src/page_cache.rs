//! Where pages and data are stored, as the command line names it.

use vinext_adapters::manifest::BuildDir;
use vinext_cache::{Cache, DiskStore, MemoryStore, RedisStore, SeededStore, Tiered};

use crate::error::CliError;

/// What is kept in memory, in bytes: Next's own default.
const MEMORY: u64 = 50 * 1024 * 1024;
/// What is kept on disk, in bytes.
const DISK: u64 = 4 * 1024 * 1024 * 1024;

/// The cache that `name` stands for, above what the build has rendered.
pub(crate) async fn open(name: &str, dir: &BuildDir) -> Result<Cache, CliError> {
    todo!()
}
