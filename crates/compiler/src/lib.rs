//! React Server Components for bundlers.
//!
//! [`directives`] is what `"use client"` and `"use server"` do to one module's AST; `bundle` is the three-graph build of
//! a whole Next.js application, on rolldown.

pub mod diagnostics;
pub mod directives;
