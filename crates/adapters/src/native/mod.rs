//! The native target: Rust serves, V8 renders.

#[cfg(feature = "v8")]
pub mod engine;
#[cfg(feature = "native")]
pub mod server;
