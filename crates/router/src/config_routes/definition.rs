//! Config routes as `next.config` writes them, and as a build keeps them.

use serde::{Deserialize, Serialize};

use super::condition::ConditionDefinition;

/// What `headers()`, `redirects()` and `rewrites()` of `next.config` return.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigRouteDefinitions {
    /// Headers added to answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderDefinition>,
    /// Redirects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<RedirectDefinition>,
    /// Rewrites, by when they are asked.
    pub rewrites: RewriteDefinitions,
}

/// What decides whether a config route is about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceDefinition {
    /// The pattern of the path.
    pub source: String,
    /// `false`: the pattern is about the whole path, not about what is below `basePath`.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub base_path: bool,
    /// All of these must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<ConditionDefinition>,
    /// None of these may hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ConditionDefinition>,
}

/// An item of `headers()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderDefinition {
    /// Which requests.
    #[serde(flatten)]
    pub source: SourceDefinition,
    /// What is added.
    pub headers: Vec<HeaderPair>,
}

/// A header, in which parameters have places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderPair {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
}

/// An item of `redirects()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedirectDefinition {
    /// Which requests.
    #[serde(flatten)]
    pub source: SourceDefinition,
    /// Where to.
    pub destination: String,
    /// 308 or 307.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanent: Option<bool>,
    /// Another status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
}

/// An item of `rewrites()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RewriteDefinition {
    /// Which requests.
    #[serde(flatten)]
    pub source: SourceDefinition,
    /// What is shown.
    pub destination: String,
}

/// `rewrites()` by phase; a plain array is `afterFiles`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RewriteDefinitions {
    /// Before files and pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before_files: Vec<RewriteDefinition>,
    /// After files and pages with a fixed path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after_files: Vec<RewriteDefinition>,
    /// When nothing else was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<RewriteDefinition>,
}

const fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
const fn is_true(value: &bool) -> bool {
    *value
}
