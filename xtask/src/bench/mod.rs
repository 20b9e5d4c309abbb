//! Measurements.

pub(crate) mod app33;
pub(crate) mod build;
mod first_load;
