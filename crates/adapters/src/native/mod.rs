//! The native target: Rust serves, V8 renders.

#[cfg(all(feature = "engine", feature = "native"))]
mod cache_handler;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "native")]
pub mod outbound;
#[cfg(any(feature = "engine", feature = "native"))]
mod policy;
#[cfg(feature = "native")]
pub mod server;

#[cfg(all(feature = "engine", feature = "native"))]
pub use self::cache_handler::CacheHandler;
