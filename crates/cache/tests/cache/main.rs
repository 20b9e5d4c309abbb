//! What the cache promises, in one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod concurrent;
mod disk;
mod faults;
mod faulty;
#[cfg(feature = "kv")]
mod kv;
#[cfg(feature = "kv")]
mod kv_server;
mod model;
mod promises;
#[cfg(feature = "redis")]
mod redis;
mod responses;
mod support;
