//! `tsconfig.json` or `jsconfig.json`: whether it can be read. What it says is the resolver's business.

use std::sync::Arc;

use camino::Utf8Path;
use miette::{NamedSource, SourceOffset};
use serde::de::IgnoredAny;

use crate::error::CliError;

/// Reads the project's configuration of the language, if there is one: a resolver that cannot would find no file at all.
pub(crate) fn check(root: &Utf8Path) -> Result<(), CliError> {
    let Some(path) =
        ["tsconfig.json", "jsconfig.json"].map(|name| root.join(name)).into_iter().find(|path| path.is_file())
    else {
        return Ok(());
    };
    let text = std::fs::read_to_string(&path).map_err(|source| CliError::Read { path: path.clone(), source })?;
    let mut plain = text.clone();
    // Comments become spaces: every place stays where it is.
    let stripped = json_strip_comments::strip(&mut plain).map_err(|error| (error.to_string(), text.len()));
    let read = stripped.and_then(|()| {
        serde_json::from_str::<IgnoredAny>(&plain).map(drop).map_err(|error| {
            let said = error.to_string();
            let problem = said.split(" at line ").next().unwrap_or_default().to_owned();
            (problem, SourceOffset::from_location(&text, error.line(), error.column()).offset())
        })
    });
    read.map_err(|(problem, offset)| {
        let at = (offset.min(text.len().saturating_sub(1)), 1).into();
        let text = Arc::new(NamedSource::new(path.as_str(), text).with_language("json"));
        CliError::Tsconfig { path, problem, text, at }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn checked(text: &str) -> Result<(), CliError> {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::write(root.join("tsconfig.json"), text).unwrap();
        check(root)
    }

    #[test]
    fn comments_and_commas_at_the_end_are_allowed() {
        checked("{\n  // one\n  \"compilerOptions\": { /* two */ \"strict\": true, },\n}\n").unwrap();
    }

    #[test]
    fn what_is_no_json_is_shown_where_it_is() {
        let text = "{\n  \"compilerOptions\": {\n    \"strict\" true\n  }\n}\n";
        let Err(CliError::Tsconfig { problem, at, .. }) = checked(text) else { panic!("it was read") };
        assert_eq!(problem, "expected `:`");
        assert_eq!(&text[at.offset()..at.offset() + 4], "true");
        assert!(matches!(checked("{ \"a\": "), Err(CliError::Tsconfig { .. })));
    }
}
