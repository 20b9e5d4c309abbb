//! `next.config.{js,mjs,ts}`: found, evaluated in the embedded engine, checked, and reduced to what vinext honours.

mod keys;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value};

use crate::error::CliError;

/// The names Next accepts, in the order in which it looks.
const FILES: [&str; 3] = ["next.config.js", "next.config.mjs", "next.config.ts"];

/// The phase constants of `next/constants` that a config function is called with.
pub(crate) const PHASE_PRODUCTION_BUILD: &str = "phase-production-build";
/// See [`PHASE_PRODUCTION_BUILD`].
pub(crate) const PHASE_PRODUCTION_SERVER: &str = "phase-production-server";

/// What vinext takes from `next.config`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are Next's own switches, one key each")]
pub(crate) struct Config {
    /// Prefix of every route and asset, `""` or `/docs`.
    pub(crate) base_path: String,
    /// Whether canonical URLs end with a slash.
    pub(crate) trailing_slash: bool,
    /// Whether responses carry `x-powered-by`.
    pub(crate) powered_by_header: bool,
    /// Whether the server compresses responses.
    pub(crate) compress: bool,
    /// Whether pages carry an `etag`.
    pub(crate) generate_etags: bool,
    /// File extensions of pages, layouts and route handlers.
    pub(crate) page_extensions: Vec<String>,
    /// Variables to inline, beside `NEXT_PUBLIC_`.
    pub(crate) env: BTreeMap<String, String>,
    /// The output folder, relative to the project.
    pub(crate) dist_dir: String,
    /// Packages that are not bundled into the server but imported at run time.
    pub(crate) server_external_packages: Vec<String>,
    /// Whether React's strict mode wraps the app (Next's default for the App Router).
    pub(crate) react_strict_mode: bool,
    /// Whether `forbidden()` and `unauthorized()` may be called.
    pub(crate) auth_interrupts: bool,
    /// Whether browsers get source maps.
    pub(crate) production_browser_source_maps: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            trailing_slash: false,
            powered_by_header: true,
            compress: true,
            generate_etags: true,
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            dist_dir: ".vinext".to_owned(),
            server_external_packages: Vec::new(),
            react_strict_mode: true,
            auth_interrupts: false,
            production_browser_source_maps: false,
        }
    }
}

/// A loaded configuration and what there is to say about it.
#[derive(Debug, Default)]
pub(crate) struct LoadedConfig {
    /// The configuration.
    pub(crate) config: Config,
    /// The file it came from, if the project has one.
    pub(crate) file: Option<Utf8PathBuf>,
    /// Keys that Next knows and vinext does not honour yet.
    pub(crate) not_honoured: Vec<String>,
    /// Keys that nobody knows.
    pub(crate) unknown: Vec<String>,
}

/// The project's config file, if there is one.
pub(crate) fn find(root: &Utf8Path) -> Option<Utf8PathBuf> {
    FILES.iter().map(|name| root.join(name)).find(|path| path.is_file())
}

/// Finds and evaluates the project's configuration; without a file, the defaults.
pub(crate) async fn load(
    root: &Utf8Path,
    phase: &str,
    env: &BTreeMap<String, String>,
) -> Result<LoadedConfig, CliError> {
    let Some(path) = find(root) else { return Ok(LoadedConfig::default()) };
    let value = vinext_adapters::native::engine::evaluate_config(
        path.as_std_path(),
        phase,
        env,
        &crate::engine::cache_dir(),
        crate::engine::snapshot_maker(),
    )
    .await
    .map_err(|error| CliError::Config { path: path.clone(), source: error.into() })?;
    read(&path, &value)
}

/// Reads what the config file at `path` evaluated to.
pub(crate) fn read(path: &Utf8Path, value: &Value) -> Result<LoadedConfig, CliError> {
    let Value::Object(object) = value else {
        return Err(CliError::ConfigValue {
            path: path.to_owned(),
            key: "default export".to_owned(),
            problem: "is not an object".to_owned(),
            help: "export an object, or a function that returns one".to_owned(),
        });
    };
    let reader = Reader { path, object };
    let default = Config::default();
    let config = Config {
        base_path: reader.base_path()?,
        trailing_slash: reader.boolean("trailingSlash", default.trailing_slash)?,
        powered_by_header: reader.boolean("poweredByHeader", default.powered_by_header)?,
        compress: reader.boolean("compress", default.compress)?,
        generate_etags: reader.boolean("generateEtags", default.generate_etags)?,
        page_extensions: reader.strings("pageExtensions")?.unwrap_or(default.page_extensions),
        env: reader.env()?,
        dist_dir: reader.dist_dir(default.dist_dir)?,
        server_external_packages: reader.strings("serverExternalPackages")?.unwrap_or_default(),
        react_strict_mode: reader.boolean("reactStrictMode", default.react_strict_mode)?,
        auth_interrupts: reader.experimental("authInterrupts"),
        production_browser_source_maps: reader
            .boolean("productionBrowserSourceMaps", default.production_browser_source_maps)?,
    };
    let (not_honoured, unknown) = keys::review(object);
    Ok(LoadedConfig { config, file: Some(path.to_owned()), not_honoured, unknown })
}

/// Typed access to the keys of one config object.
struct Reader<'a> {
    path: &'a Utf8Path,
    object: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&self, key: &str, problem: impl Into<String>, help: impl Into<String>) -> CliError {
        CliError::ConfigValue {
            path: self.path.to_owned(),
            key: key.to_owned(),
            problem: problem.into(),
            help: help.into(),
        }
    }

    fn boolean(&self, key: &str, default: bool) -> Result<bool, CliError> {
        match self.get(key) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(self.wrong(key, format!("is `{other}`"), "write true or false")),
        }
    }

    /// Whether a flag below `experimental` is on.
    fn experimental(&self, flag: &str) -> bool {
        self.get("experimental").and_then(|flags| flags.get(flag)) == Some(&Value::Bool(true))
    }

    fn strings(&self, key: &str) -> Result<Option<Vec<String>>, CliError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let strings =
            value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        strings.map(Some).ok_or_else(|| self.wrong(key, format!("is `{value}`"), "write an array of strings"))
    }

    fn base_path(&self) -> Result<String, CliError> {
        let key = "basePath";
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(path)) if path.is_empty() => Ok(String::new()),
            Some(Value::String(path)) if path.starts_with('/') && !path.ends_with('/') && !path.contains("//") => {
                Ok(path.clone())
            }
            Some(other) => {
                Err(self.wrong(key, format!("is `{other}`"), "start it with `/` and do not end it with one: \"/docs\""))
            }
        }
    }

    fn dist_dir(&self, default: String) -> Result<String, CliError> {
        let key = "distDir";
        match self.get(key) {
            None => Ok(default),
            // Next's own default is left to Next: its build and ours can stand side by side.
            Some(Value::String(path)) if path == ".next" => Ok(default),
            Some(Value::String(path)) if is_inside(path) => Ok(path.clone()),
            Some(other) => {
                Err(self.wrong(key, format!("is `{other}`"), "name a folder inside the project, such as \"build\""))
            }
        }
    }

    fn env(&self) -> Result<BTreeMap<String, String>, CliError> {
        let key = "env";
        let Some(value) = self.get(key) else { return Ok(BTreeMap::new()) };
        let Value::Object(entries) = value else {
            return Err(self.wrong(key, format!("is `{value}`"), "write an object of strings"));
        };
        let mut env = BTreeMap::new();
        for (name, value) in entries {
            if name.starts_with("__") || name.starts_with("NODE_") {
                return Err(self.wrong(key, format!("sets `{name}`"), "names may not start with `__` or `NODE_`"));
            }
            match value {
                Value::String(text) => env.insert(name.clone(), text.clone()),
                Value::Null => None,
                Value::Number(_) | Value::Bool(_) => env.insert(name.clone(), value.to_string()),
                other => return Err(self.wrong(key, format!("sets `{name}` to `{other}`"), "write a string")),
            };
        }
        Ok(env)
    }
}

/// Whether `path` names a folder strictly below the one it is relative to.
fn is_inside(path: &str) -> bool {
    let path = Utf8Path::new(path);
    let mut depth = 0_i32;
    for component in path.components() {
        match component {
            camino::Utf8Component::Normal(_) => depth += 1,
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir | camino::Utf8Component::RootDir | camino::Utf8Component::Prefix(_) => {
                return false;
            }
        }
    }
    depth > 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn read_json(value: &Value) -> Result<LoadedConfig, CliError> {
        read(Utf8Path::new("next.config.ts"), value)
    }

    #[test]
    fn an_empty_config_is_the_default() {
        let loaded = read_json(&json!({})).unwrap();
        assert_eq!(loaded.config, Config::default());
        assert!(loaded.not_honoured.is_empty() && loaded.unknown.is_empty());
    }

    #[test]
    fn honoured_keys_are_taken() {
        let loaded = read_json(&json!({
            "basePath": "/docs", "trailingSlash": true, "poweredByHeader": false, "env": { "A": "1", "B": 2 },
            "distDir": "build", "pageExtensions": ["page.tsx"]
        }))
        .unwrap();
        assert_eq!(loaded.config.base_path, "/docs");
        assert!(loaded.config.trailing_slash);
        assert!(!loaded.config.powered_by_header);
        assert_eq!(loaded.config.env["B"], "2");
        assert_eq!(loaded.config.dist_dir, "build");
        assert_eq!(loaded.config.page_extensions, ["page.tsx"]);
    }

    #[test]
    fn keys_that_are_not_honoured_yet_are_named() {
        let loaded = read_json(&json!({ "images": {}, "experimental": { "taint": true }, "bananas": 1 })).unwrap();
        assert_eq!(loaded.not_honoured, ["images", "experimental.taint"]);
        assert_eq!(loaded.unknown, ["bananas"]);
    }

    #[test]
    fn impossible_values_are_refused_with_the_key() {
        for (key, value) in [
            ("basePath", json!("docs")),
            ("basePath", json!("/docs/")),
            ("trailingSlash", json!("yes")),
            ("distDir", json!("../out")),
            ("distDir", json!("/")),
            ("env", json!({ "NODE_ENV": "x" })),
            ("pageExtensions", json!([1])),
        ] {
            let error = read_json(&json!({ key: value })).unwrap_err();
            assert!(matches!(error, CliError::ConfigValue { key: named, .. } if named == key), "{key}");
        }
    }

    #[test]
    fn next_s_own_output_folder_is_left_to_next() {
        let loaded = read_json(&json!({ "distDir": ".next" })).unwrap();
        assert_eq!(loaded.config.dist_dir, ".vinext");
    }
}
