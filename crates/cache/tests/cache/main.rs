//! What the cache promises, in one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod concurrent;
mod disk;
mod faults;
mod faulty;
mod model;
mod promises;
#[cfg(feature = "redis")]
mod redis;
mod responses;
mod support;
