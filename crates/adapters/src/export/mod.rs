//! The static export: a build as files that hosts without rules and without JavaScript serve.
//!
//! [`Plan`] decides which file everything goes to, before anything is written; [`Draft`] writes. What is in the files is
//! rendered elsewhere, but for [pages that lead elsewhere](redirect_document).

mod draft;
mod name;
mod plan;
mod redirect;

pub use self::draft::Draft;
pub use self::name::{FileName, PageFiles};
pub use self::plan::{Plan, PlanError};
pub use self::redirect::{redirect_document, redirect_payload};
