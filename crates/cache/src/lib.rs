#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cache;
mod clock;
mod codec;
mod entry;
mod flight;
mod key;
mod policy;
mod response;
mod stats;
mod store;
mod tags;

pub use cache::{Cache, CacheBuilder, Demand, FillGuard, Lookup};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use entry::{Entry, Freshness, Value};
pub use key::{CacheKey, KeyBuilder, KeyId, Variant};
pub use policy::{CacheLife, CacheLifeError, CachePolicy};
pub use response::{NotStorable, StorableResponse};
pub use stats::{Failure, Operation, Stats};
#[cfg(feature = "redis")]
pub use store::RedisStore;
pub use store::{BoxFuture, DiskStore, MemoryStore, SeededStore, Store, StoreError, Tiered};
#[cfg(feature = "kv")]
pub use store::{KvNamespace, KvStore};
pub use tags::{Mark, MarkTimes, Stamp, Subject, Tag, TagError, TagSink, TagSource};
