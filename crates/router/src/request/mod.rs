//! The way of a request to a decided match, as a pure state machine: no sockets, no clock, no JavaScript.
//!
//! `ingress` reads a request once; `pipeline` takes what it admitted to a decision.

mod headers;
mod ingress;
mod payload_url;
mod pipeline;
mod query;

pub use self::headers::{FLIGHT_HEADERS, is_flight_header, is_reserved_header};
pub use self::ingress::{Admitted, Ingress, IngressError, PathRules, Redirect, Refusal, RequestHead, TrailingSlash};
pub use self::pipeline::{Cleared, Decision, Pipeline};
pub use self::query::Query;
