//! `experimental.staleTimes`: how long a browser shows again what it has.

use serde::Serialize;
use serde_json::Value;

use super::Reader;
use crate::error::CliError;

/// Less would ask for pages again before anybody can have followed a link to them.
const LEAST_STATIC: f64 = 30.0;

/// Seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct StaleTimes {
    /// Of a page that is made per request, once it has been visited.
    dynamic: u64,
    /// Of what was fetched in advance: a page that is the same for everybody, a loading interface, or all of a page.
    #[serde(rename = "static")]
    fixed: u64,
}

impl Default for StaleTimes {
    fn default() -> Self {
        Self { dynamic: 0, fixed: 300 }
    }
}

/// Reads `experimental.staleTimes`.
pub(super) fn read(reader: &Reader<'_>) -> Result<StaleTimes, CliError> {
    let default = StaleTimes::default();
    let Some(value) = reader.get("experimental").and_then(|flags| flags.get("staleTimes")) else { return Ok(default) };
    let seconds = |name: &str, least: f64, default: u64| match value.get(name) {
        None | Some(Value::Null) => Ok(default),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds, and not negative")]
        Some(given) => {
            given.as_f64().filter(|seconds| *seconds >= least).map(|seconds| seconds as u64).ok_or_else(|| {
                let key = format!("experimental.staleTimes.{name}");
                reader.wrong(&key, format!("is `{given}`"), format!("write a number of seconds, {least} or more"))
            })
        }
    };
    Ok(StaleTimes {
        dynamic: seconds("dynamic", 0.0, default.dynamic)?,
        fixed: seconds("static", LEAST_STATIC, default.fixed)?,
    })
}
