//! React Server Components for bundlers.
//!
//! [`directives`] is what `"use client"` and `"use server"` do to one module's AST; [`bundle`] is the three-graph build of
//! a whole Next.js application, on rolldown.

mod assets;
pub mod bundle;
mod css;
pub mod diagnostics;
pub mod directives;
mod path_id;

pub use bundle::BuildError;
