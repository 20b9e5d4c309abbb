//! The native target: Rust serves, V8 renders.

#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "native")]
pub mod outbound;
#[cfg(any(feature = "engine", feature = "native"))]
mod policy;
#[cfg(feature = "native")]
pub mod server;
