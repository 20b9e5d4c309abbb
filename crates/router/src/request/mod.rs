//! The way of a request to a decided match, as a pure state machine: no sockets, no clock, no JavaScript.
//!
//! `ingress` reads a request once; `guard` has it wait for the proxy; `pipeline` takes what has passed to a decision.

mod cookies;
mod guard;
mod headers;
mod ingress;
mod payload_url;
mod pipeline;
mod query;

pub use self::cookies::cookies;
pub use self::guard::{Answered, Gate, Led, Passed, Pending, Verdict};
pub use self::headers::{FLIGHT_HEADERS, is_flight_header, is_reserved_header};
pub use self::ingress::{Admitted, Ingress, IngressError, PathRules, Redirect, Refusal, RequestHead, TrailingSlash};
pub use self::pipeline::{Cleared, Decision, Pipeline};
pub use self::query::Query;
