//! Where a build of a Next.js application runs.
//!
//! [`engine`] is what a server asks of JavaScript; `native` (feature `v8`) answers with a pool of V8 isolates.

pub mod engine;
#[cfg(feature = "v8")]
pub mod native;
