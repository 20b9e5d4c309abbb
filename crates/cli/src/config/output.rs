//! `output` and `distDir`: what a build becomes, and where.

use camino::{Utf8Component, Utf8Path};
use serde_json::Value;

use super::Reader;
use crate::error::CliError;

/// Where an export goes if nothing else is said.
const EXPORT: &str = "out";

/// What a build becomes.
pub(super) struct Output {
    /// The folder of the build itself.
    pub(super) dist_dir: String,
    /// The folder that it is exported to, if it is.
    pub(super) export: Option<String>,
}

/// Reads `output` and `distDir`. Of an export the second is the folder of the files, as in Next.
pub(super) fn read(reader: &Reader<'_>, default: String) -> Result<Output, CliError> {
    let named = dist_dir(reader)?;
    match reader.get("output") {
        Some(Value::String(output)) if output == "export" => {
            if reader.get("i18n").is_some() {
                let problem = "cannot be used with `output: \"export\"`";
                return Err(reader.wrong("i18n", problem, "make the language a part of the path: app/[lang]/page.tsx"));
            }
            let export = named.unwrap_or_else(|| EXPORT.to_owned());
            Ok(Output { dist_dir: default, export: Some(export) })
        }
        // What a server needs besides itself is nothing: the key is named as one that is not honoured.
        Some(Value::String(output)) if output == "standalone" => {
            Ok(Output { dist_dir: named.unwrap_or(default), export: None })
        }
        None => Ok(Output { dist_dir: named.unwrap_or(default), export: None }),
        Some(other) => Err(reader.wrong("output", format!("is `{other}`"), "write \"export\", or leave it out")),
    }
}

/// `distDir`, where it names a folder of the project's own.
fn dist_dir(reader: &Reader<'_>) -> Result<Option<String>, CliError> {
    let key = "distDir";
    match reader.get(key) {
        None => Ok(None),
        // Next's own default is left to Next: its build and ours can stand side by side.
        Some(Value::String(path)) if path == ".next" => Ok(None),
        Some(Value::String(path)) if is_inside(path) => Ok(Some(path.clone())),
        Some(other) => {
            Err(reader.wrong(key, format!("is `{other}`"), "name a folder inside the project, such as \"build\""))
        }
    }
}

/// Whether `path` names a folder strictly below the one it is relative to.
fn is_inside(path: &str) -> bool {
    let path = Utf8Path::new(path);
    let mut depth = 0_i32;
    for component in path.components() {
        match component {
            Utf8Component::Normal(_) => depth += 1,
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => return false,
        }
    }
    depth > 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::read as read_config;
    use super::*;

    fn folders(config: &Value) -> Result<(String, Option<String>), CliError> {
        let config = read_config(Utf8Path::new("next.config.ts"), config)?.config;
        Ok((config.dist_dir, config.export))
    }

    #[test]
    fn an_export_goes_to_a_folder_beside_the_build() {
        let folder = |name: &str| (".vinext".to_owned(), Some(name.to_owned()));
        assert_eq!(folders(&json!({ "output": "export" })).unwrap(), folder("out"));
        assert_eq!(folders(&json!({ "output": "export", "distDir": ".next" })).unwrap(), folder("out"));
        assert_eq!(folders(&json!({ "output": "export", "distDir": "build/site" })).unwrap(), folder("build/site"));
        assert_eq!(folders(&json!({ "distDir": "build" })).unwrap(), ("build".to_owned(), None));
    }

    #[test]
    fn what_an_export_cannot_be_is_refused_with_the_key() {
        for (config, key) in [
            (json!({ "output": "files" }), "output"),
            (json!({ "output": true }), "output"),
            (json!({ "output": "export", "i18n": { "locales": ["en"], "defaultLocale": "en" } }), "i18n"),
            (json!({ "output": "export", "distDir": "../out" }), "distDir"),
        ] {
            let error = folders(&config).unwrap_err();
            assert!(matches!(error, CliError::ConfigValue { key: named, .. } if named == key), "{config}");
        }
    }
}
