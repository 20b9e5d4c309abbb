#![doc = include_str!("../README.md")]

pub mod embed;
pub mod multipart;
pub mod prune;
pub mod reply;
pub mod row;

pub use embed::{HtmlEmbedder, Nonce, NonceError};
