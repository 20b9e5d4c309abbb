#![doc = include_str!("../README.md")]

mod canonical;
mod config_routes;
mod conventions;
mod encoding;
mod folder;
mod graph;
mod matching;
mod metadata_files;
mod pattern;
mod request;
mod scan;

pub use canonical::{CanonicalPath, PathError};
pub use config_routes::{
    ConditionDefinition, ConditionKind, ConfigRouteDefinitions, ConfigRouteError, ConfigRoutes, ExternalUrl,
    HeaderDefinition, HeaderPair, ProxyMatcher, RedirectDefinition, RewriteDefinition, RewriteDefinitions,
    SourceDefinition,
};
pub use conventions::{DEFAULT_PAGE_EXTENSIONS, FileRole};
pub use folder::InterceptionMarker;
pub use graph::{Interception, Route, RouteGraph, RouteId, RouteKind, RouteTarget, SegmentTree, SlotParam};
pub use matching::{MatchedRoute, Matcher, ParamValue, Params, PathMatch, RouteMatch, Variant};
pub use metadata_files::{MetadataFile, MetadataKind};
pub use pattern::{PatternError, PatternSegment, RoutePattern};
pub use request::{
    Admitted, Answered, Cleared, Decision, FLIGHT_HEADERS, Gate, Ingress, IngressError, Led, Passed, PathRules,
    Pending, Pipeline, Query, Redirect, Refusal, RequestHead, TrailingSlash, Verdict, cookies, is_flight_header,
    is_reserved_header,
};
#[cfg(feature = "fs")]
pub use scan::scan_app;
pub use scan::{ScanError, ScanErrors, scan};
