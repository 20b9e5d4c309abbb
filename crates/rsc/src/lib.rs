#![doc = include_str!("../README.md")]

pub mod embed;
pub mod row;

pub use embed::{HtmlEmbedder, Nonce, NonceError};
