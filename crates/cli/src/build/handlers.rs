//! Route handlers whose functions nobody will ever call.

use vinext_compiler::bundle::BuildOutput;
use vinext_router::{RouteGraph, RouteTarget};

use crate::error::CliError;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

/// Refuses handlers that export a function, but none under a method's name.
pub(super) fn check(graph: &RouteGraph, output: &BuildOutput) -> Result<(), CliError> {
    let files = graph.routes.iter().filter_map(|route| match &route.target {
        RouteTarget::Handler { file } => Some(file),
        _ => None,
    });
    for file in files {
        let Some(info) = output.files.get(file.as_str()) else { continue };
        if let Some(problem) = problem(&info.exports) {
            return Err(CliError::Handler { file: file.clone(), problem });
        }
    }
    Ok(())
}

fn problem(exports: &[String]) -> Option<String> {
    if exports.iter().any(|name| METHODS.contains(&name.as_str())) {
        return None;
    }
    let is_misspelt = |name: &&String| METHODS.iter().any(|method| name.eq_ignore_ascii_case(method));
    if let Some(name) = exports.iter().find(is_misspelt) {
        return Some(format!("exports `{name}`: methods are written `{}`", name.to_ascii_uppercase()));
    }
    exports
        .iter()
        .any(|name| name == "default")
        .then(|| "has a default export, and no method is called that".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(exports: &[&str]) -> Option<String> {
        problem(&exports.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_nobody_calls_is_a_mistake() {
        assert!(of(&["default"]).is_some_and(|problem| problem.contains("default export")));
        assert!(of(&["get"]).is_some_and(|problem| problem.contains("`GET`")));
    }

    #[test]
    fn a_module_that_answers_may_export_more() {
        assert_eq!(of(&["GET", "default"]), None);
        assert_eq!(of(&["dynamic"]), None);
        // `export *` gives no names.
        assert_eq!(of(&[]), None);
    }
}
