//! How a cache is put together.

use std::sync::Arc;
use std::time::Duration;

use super::Cache;
use super::shared::Shared;
use crate::clock::{Clock, SystemClock};
use crate::stats::{Failure, Observer};
use crate::store::Store;
use crate::tags::TagSource;

/// Memory of a cache unless something else is said, as in Next.
const MEMORY: u64 = 50 * 1024 * 1024;

/// Puts a cache together.
#[must_use]
pub struct CacheBuilder {
    pub(super) memory: u64,
    pub(super) store: Option<Arc<dyn Store>>,
    pub(super) tags: Option<Arc<dyn TagSource>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) read_deadline: Duration,
    pub(super) write_deadline: Duration,
    pub(super) fill_deadline: Duration,
    pub(super) observer: Option<Observer>,
}

impl std::fmt::Debug for CacheBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("memory", &self.memory)
            .field("store", &self.store.as_ref().map(|store| store.name().to_owned()))
            .finish_non_exhaustive()
    }
}

impl CacheBuilder {
    pub(super) fn new() -> Self {
        Self {
            memory: MEMORY,
            store: None,
            tags: None,
            clock: Arc::new(SystemClock),
            read_deadline: Duration::from_millis(250),
            write_deadline: Duration::from_secs(10),
            fill_deadline: Duration::from_secs(10),
            observer: None,
        }
    }

    /// How many bytes of memory there are; 50 MiB unless set. With none, everything is looked for in the store.
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// What is below the memory. Its tag source comes along.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// What is below the memory, shared with others.
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Where marks of invalidations are kept, if not where the store keeps them.
    pub fn tag_source(mut self, source: Arc<dyn TagSource>) -> Self {
        self.tags = Some(source);
        self
    }

    /// Where the time comes from; the system unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long a lookup waits for the store before it takes it for a miss; 250 ms unless set.
    pub const fn read_deadline(mut self, deadline: Duration) -> Self {
        self.read_deadline = deadline;
        self
    }

    /// How long a write to the store may take, which nobody waits for; 10 s unless set.
    pub const fn write_deadline(mut self, deadline: Duration) -> Self {
        self.write_deadline = deadline;
        self
    }

    /// How long a lookup waits for another caller's fill before one of those who wait gets a guard, too; 10 s unless set. The
    /// others wait for that one, again for as long. What the slow one fills is kept, unless the other was first.
    pub const fn fill_deadline(mut self, deadline: Duration) -> Self {
        self.fill_deadline = deadline;
        self
    }

    /// Is told whenever the store fails; of marks, which are tried again until it does not, the first time.
    pub fn on_failure(mut self, observer: impl Fn(&Failure<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// The cache. With a store or a tag source, this starts tasks, and must be called within a Tokio runtime whose time
    /// runs; without one, the cache needs a runtime only where a lookup waits for another caller.
    #[must_use]
    pub fn build(self) -> Cache {
        Cache { shared: Shared::start(self) }
    }
}
