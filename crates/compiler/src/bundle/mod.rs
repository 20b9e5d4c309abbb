//! The three-graph build.
//!
//! ```text
//!            scan          link, generate, write
//!   rsc   ──────────┬──────────────────────────────┐
//!                   │ client references             ├──> BuildOutput
//!   ssr             └── scan, link, generate, write ┤
//!   client          └── scan, link, generate, write ┘
//! ```
//!
//! The `rsc` graph names the modules that say `"use client"`. As soon as its last module is scanned (long before its
//! code is written) the other two graphs start, and all three finish side by side.
//!
//! What a graph is: one [`rolldown`] bundler with [`config`] for options and [`plugin`] for hooks. What it learned
//! while scanning is a [`record::ModuleGraph`]; everything after that (which route uses what, in which order its
//! stylesheets apply, which file a browser must fetch) is computed from those graphs by pure functions in [`reach`],
//! [`groups`] and [`client_output`].

mod actions;
mod build;
mod client_output;
mod config;
mod error;
mod first_load;
mod groups;
mod load;
mod options;
mod output;
mod plugin;
mod reach;
mod record;
mod resolve;
mod session;
mod virtual_modules;
mod write;

pub use build::build;
pub use error::BuildError;
pub use options::{BuildOptions, ClientEntries, EntriesOf, Mode, NextModules, RouteFiles, RuntimeSources};
pub use output::{BuildOutput, FirstLoad, GraphTimings, ReferenceAssets, ServerFunction, Timings};
pub use reach::{ClientReference, RscGraph};
