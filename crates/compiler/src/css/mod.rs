//! Stylesheets and CSS modules, compiled by lightningcss.
//!
//! [`StyleStore`] compiles each file once, whichever graphs import it: `@import`s are inlined, `url()`s become emitted
//! assets, syntax is lowered for the browsers that Next supports, and the class names of a `.module.css` get a suffix
//! that depends on the file's name alone, so that all graphs agree on them. [`sheets`] then decides which compiled
//! files share one stylesheet URL.

mod compile;
pub(crate) mod sheets;
mod store;

pub(crate) use compile::{ClassName, StyleError, Stylesheet};
pub(crate) use store::StyleStore;

/// Whether a module id is a stylesheet.
pub(crate) fn is_stylesheet(id: &str) -> bool {
    id.ends_with(".css")
}

/// Whether a stylesheet's class names are local.
pub(crate) fn is_css_module(id: &str) -> bool {
    id.ends_with(".module.css")
}
