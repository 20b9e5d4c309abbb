#![doc = include_str!("../README.md")]

mod cache;
mod clock;
mod entry;
mod flight;
mod key;
mod response;
mod store;
mod tags;

pub use cache::{Cache, FillGuard, Lookup};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use entry::{CachePolicy, Entry, Freshness, Tag, TagError};
pub use key::{CacheKey, KeyBuilder, Variant};
pub use response::{NotStorable, StorableResponse};
pub use store::{MemoryStore, Store};
pub use tags::TagClocks;
