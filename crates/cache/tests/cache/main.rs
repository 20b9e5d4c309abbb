//! What the cache promises, in one binary.
#![allow(missing_docs, clippy::unwrap_used)]

mod model;
mod promises;
mod responses;
mod support;
