#![doc = include_str!("../README.md")]

pub mod engine;
pub mod export;
pub mod manifest;
#[cfg(any(feature = "native", feature = "engine"))]
pub mod native;
