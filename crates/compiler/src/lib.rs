#![doc = include_str!("../README.md")]

mod assets;
pub mod bundle;
mod css;
pub mod diagnostics;
pub mod directives;
mod path_id;

pub use assets::ImageSize;
pub use bundle::BuildError;
