//! Benchmarks only: `cargo bench --manifest-path crates/cache/peers/Cargo.toml`.
