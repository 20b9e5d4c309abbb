//! The native target: Rust serves, V8 renders.

pub mod engine;
