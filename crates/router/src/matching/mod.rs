//! From a canonical path to a route.

mod inline_stack;
mod interception;
mod matched;
mod matcher;
mod params;
mod table;

pub use self::matched::{MatchedRoute, PathMatch, RouteMatch, Variant};
pub use self::matcher::Matcher;
pub use self::params::{ParamValue, Params};
