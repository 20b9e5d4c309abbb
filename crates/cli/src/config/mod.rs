//! `next.config.{js,mjs,ts}`: found, evaluated in the embedded engine, checked, and reduced to what vinext honours.

mod caching;
mod keys;
mod output;
mod routes;
mod server_actions;
mod stale_times;

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value};
use vinext_router::{CanonicalPath, ConfigRouteDefinitions};

use self::caching::Caching;
pub(crate) use self::routes::foreign_hosts;
use self::stale_times::StaleTimes;
use crate::error::CliError;

/// The names Next accepts, in the order in which it looks.
const FILES: [&str; 3] = ["next.config.js", "next.config.mjs", "next.config.ts"];

/// The phase constants of `next/constants` that a config function is called with.
pub(crate) const PHASE_PRODUCTION_BUILD: &str = "phase-production-build";
/// See [`PHASE_PRODUCTION_BUILD`].
pub(crate) const PHASE_PRODUCTION_SERVER: &str = "phase-production-server";

/// How long a configuration may run without a pause.
const CPU_LIMIT: Duration = Duration::from_secs(30);

/// What vinext takes from `next.config`.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are Next's own switches, one key each")]
pub(crate) struct Config {
    /// Prefix of every route and asset, `""` or `/docs`.
    pub(crate) base_path: String,
    /// What stands before `/_next/` in the URLs of the build's files, if that is not the base path: a path or an origin.
    pub(crate) asset_prefix: String,
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
    /// `output: "export"`: the folder that the app is exported to, relative to the project.
    pub(crate) export: Option<String>,
    /// Packages that are not bundled into the server but imported at run time.
    pub(crate) server_external_packages: Vec<String>,
    /// Whether React's strict mode wraps the app (Next's default for the App Router).
    pub(crate) react_strict_mode: bool,
    /// Whether `forbidden()` and `unauthorized()` may be called.
    pub(crate) auth_interrupts: bool,
    /// Whether `global-not-found` answers for what matches no route.
    pub(crate) global_not_found: bool,
    /// A regular expression for the agents whose metadata is not streamed, instead of Next's own list.
    pub(crate) html_limited_bots: Option<String>,
    /// Whether browsers get source maps.
    pub(crate) production_browser_source_maps: bool,
    /// Whether slashes at the end of a URL stay as they are.
    pub(crate) skip_trailing_slash_redirect: bool,
    /// Hosts besides the app's own from which server functions may be called.
    pub(crate) allowed_origins: Vec<String>,
    /// How many bytes the body of a call of a server function may have.
    pub(crate) action_body_limit: usize,
    /// Milliseconds for which a server that requests are passed on to may be silent; `None` for ever.
    pub(crate) proxy_timeout: Option<u64>,
    /// `experimental.proxyClientMaxBodySize`, in bytes.
    pub(crate) proxy_body_limit: usize,
    /// `skipProxyUrlNormalize`.
    pub(crate) proxy_sees_all: bool,
    /// Modules that browsers run before the app's own `instrumentation-client`.
    pub(crate) instrumentation_client_inject: Vec<String>,
    /// How long browsers show again what they have.
    pub(crate) stale_times: StaleTimes,
    /// How results are kept.
    pub(crate) caching: Caching,
    /// Characters that the `link` header of a page made per request may have; 0 for none.
    pub(crate) max_headers_length: u64,
    /// What `headers()`, `redirects()` and `rewrites()` returned.
    pub(crate) routes: ConfigRouteDefinitions,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            asset_prefix: String::new(),
            trailing_slash: false,
            powered_by_header: true,
            compress: true,
            generate_etags: true,
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            dist_dir: ".vinext".to_owned(),
            export: None,
            server_external_packages: Vec::new(),
            react_strict_mode: true,
            auth_interrupts: false,
            global_not_found: false,
            html_limited_bots: None,
            production_browser_source_maps: false,
            skip_trailing_slash_redirect: false,
            allowed_origins: Vec::new(),
            action_body_limit: vinext_adapters::manifest::ACTION_BODY_LIMIT,
            proxy_timeout: Some(30_000),
            proxy_body_limit: vinext_adapters::manifest::PROXY_BODY_LIMIT,
            proxy_sees_all: false,
            instrumentation_client_inject: Vec::new(),
            stale_times: StaleTimes::default(),
            caching: Caching::default(),
            max_headers_length: 6000,
            routes: ConfigRouteDefinitions::default(),
        }
    }
}

impl Config {
    /// The base path as a path; the root if there is none.
    #[expect(clippy::expect_used, reason = "the reader lets nothing else through")]
    pub(crate) fn base(&self) -> CanonicalPath {
        match self.base_path.as_str() {
            "" => CanonicalPath::root(),
            path => path.parse().expect("the base path was parsed when it was read"),
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
        CPU_LIMIT,
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
    let output = output::read(&reader, default.dist_dir)?;
    let config = Config {
        base_path: reader.base_path()?,
        asset_prefix: reader.asset_prefix()?,
        trailing_slash: reader.boolean("trailingSlash", default.trailing_slash)?,
        powered_by_header: reader.boolean("poweredByHeader", default.powered_by_header)?,
        compress: reader.boolean("compress", default.compress)?,
        generate_etags: reader.boolean("generateEtags", default.generate_etags)?,
        page_extensions: reader.strings("pageExtensions")?.unwrap_or(default.page_extensions),
        env: reader.env()?,
        dist_dir: output.dist_dir,
        export: output.export,
        server_external_packages: reader.strings("serverExternalPackages")?.unwrap_or_default(),
        react_strict_mode: reader.boolean("reactStrictMode", default.react_strict_mode)?,
        auth_interrupts: reader.experimental("authInterrupts"),
        global_not_found: reader.experimental("globalNotFound"),
        html_limited_bots: reader.html_limited_bots()?,
        production_browser_source_maps: reader
            .boolean("productionBrowserSourceMaps", default.production_browser_source_maps)?,
        skip_trailing_slash_redirect: reader.boolean("skipTrailingSlashRedirect", false)?,
        allowed_origins: server_actions::allowed_origins(&reader)?,
        action_body_limit: server_actions::body_limit(&reader, default.action_body_limit)?,
        proxy_timeout: reader.proxy_timeout()?,
        proxy_body_limit: reader.proxy_body_limit(default.proxy_body_limit)?,
        proxy_sees_all: reader.boolean("skipProxyUrlNormalize", false)?
            || reader.boolean("skipMiddlewareUrlNormalize", false)?,
        instrumentation_client_inject: reader.strings("instrumentationClientInject")?.unwrap_or_default(),
        stale_times: stale_times::read(&reader)?,
        caching: caching::read(&reader)?,
        max_headers_length: reader.max_headers_length(default.max_headers_length)?,
        routes: routes::read(&reader)?,
    };
    routes::check(&reader, &config)?;
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

    /// As in Next, nothing and 0 are 30 seconds, and `null` is for ever.
    fn proxy_timeout(&self) -> Result<Option<u64>, CliError> {
        let key = "experimental.proxyTimeout";
        match self.get("experimental").and_then(|flags| flags.get("proxyTimeout")) {
            Some(Value::Null) => Ok(None),
            None => Ok(Some(30_000)),
            Some(other) => match other.as_u64() {
                Some(0) => Ok(Some(30_000)),
                Some(milliseconds) => Ok(Some(milliseconds)),
                None => {
                    Err(self.wrong(key, format!("is `{other}`"), "write a number of milliseconds, or null for ever"))
                }
            },
        }
    }

    fn max_headers_length(&self, default: u64) -> Result<u64, CliError> {
        let key = "reactMaxHeadersLength";
        self.get(key).map_or(Ok(default), |value| {
            let wrong = || self.wrong(key, format!("is `{value}`"), "write a number of characters, zero or more");
            value.as_u64().ok_or_else(wrong)
        })
    }

    fn proxy_body_limit(&self, default: usize) -> Result<usize, CliError> {
        let flags = self.get("experimental");
        let names = ["proxyClientMaxBodySize", "middlewareClientMaxBodySize"];
        let found = names.iter().find_map(|name| Some((name, flags?.get(*name).filter(|value| !value.is_null())?)));
        found.map_or(Ok(default), |(name, value)| server_actions::bytes(self, &format!("experimental.{name}"), value))
    }

    fn strings(&self, key: &str) -> Result<Option<Vec<String>>, CliError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let strings =
            value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        strings.map(Some).ok_or_else(|| self.wrong(key, format!("is `{value}`"), "write an array of strings"))
    }

    /// The source of the expression, as the engine passes it on.
    fn html_limited_bots(&self) -> Result<Option<String>, CliError> {
        let key = "htmlLimitedBots";
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(source)) => Ok(Some(source.clone())),
            Some(other) => Err(self.wrong(key, format!("is `{other}`"), "write a regular expression: /MyCrawler/")),
        }
    }

    fn base_path(&self) -> Result<String, CliError> {
        let key = "basePath";
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(path)) if path.is_empty() => Ok(String::new()),
            Some(Value::String(path))
                if path.len() > 1 && path.starts_with('/') && path.parse::<CanonicalPath>().is_ok() =>
            {
                Ok(path.clone())
            }
            Some(other) => {
                Err(self.wrong(key, format!("is `{other}`"), "start it with `/` and do not end it with one: \"/docs\""))
            }
        }
    }

    fn asset_prefix(&self) -> Result<String, CliError> {
        let key = "assetPrefix";
        let wrong = |value: &Value| {
            let help = "write a path that starts with `/`, or an origin: \"https://cdn.example\"";
            Err(self.wrong(key, format!("is `{value}`"), help))
        };
        match self.get(key) {
            None => Ok(String::new()),
            Some(value @ Value::String(prefix)) => match prefix.trim_end_matches('/') {
                // The files of a page are not another origin's because of two slashes at its beginning.
                path if path.contains(['?', '#', '"', '\\', '<']) || path.contains(char::is_whitespace) => wrong(value),
                "" => Ok(String::new()),
                prefix if prefix.starts_with("http://") || prefix.starts_with("https://") => Ok(prefix.to_owned()),
                path if path.starts_with("//") => Ok(path.to_owned()),
                path if path.contains("//") || path.contains(':') => wrong(value),
                path => Ok(format!("/{}", path.trim_start_matches('/'))),
            },
            Some(other) => wrong(other),
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
        let config =
            json!({ "images": {}, "partialPrefetching": true, "experimental": { "taint": true }, "bananas": 1 });
        let loaded = read_json(&config).unwrap();
        assert_eq!(loaded.not_honoured, ["images", "partialPrefetching", "experimental.taint"]);
        assert_eq!(loaded.unknown, ["bananas"]);
    }

    #[test]
    fn impossible_values_are_refused_with_the_key() {
        for (key, value) in [
            ("basePath", json!("docs")),
            ("basePath", json!("/docs/")),
            ("basePath", json!("/")),
            ("basePath", json!("/a//b")),
            ("basePath", json!("/a%2")),
            ("trailingSlash", json!("yes")),
            ("assetPrefix", json!(7)),
            ("assetPrefix", json!("ftp://cdn.example")),
            ("assetPrefix", json!("/cdn?x")),
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
    fn an_asset_prefix_is_a_path_or_an_origin() {
        let prefix = |value: &str| read_json(&json!({ "assetPrefix": value })).unwrap().config.asset_prefix;
        assert_eq!(prefix(""), "");
        assert_eq!(prefix("/"), "");
        assert_eq!(prefix("cdn"), "/cdn");
        assert_eq!(prefix("/cdn/x/"), "/cdn/x");
        assert_eq!(prefix("https://cdn.example/"), "https://cdn.example");
        assert_eq!(prefix("//cdn.example/x"), "//cdn.example/x");
    }

    #[test]
    fn a_server_that_requests_are_passed_on_to_has_half_a_minute_if_nothing_else_is_said() {
        let cap = |flags: Value| read_json(&json!({ "experimental": flags })).map(|loaded| loaded.config.proxy_timeout);
        assert_eq!(cap(json!({})).unwrap(), Some(30_000));
        assert_eq!(cap(json!({ "proxyTimeout": 0 })).unwrap(), Some(30_000));
        assert_eq!(cap(json!({ "proxyTimeout": 500 })).unwrap(), Some(500));
        assert_eq!(cap(json!({ "proxyTimeout": null })).unwrap(), None);
        assert!(cap(json!({ "proxyTimeout": "1s" })).is_err());
    }

    #[test]
    fn what_is_fetched_in_advance_is_shown_for_half_a_minute_at_least() {
        let read = |times: Value| read_json(&json!({ "experimental": { "staleTimes": times } }));
        let told = |times: Value| serde_json::to_value(read(times).unwrap().config.stale_times).unwrap();
        assert_eq!(told(json!({})), json!({ "dynamic": 0, "static": 300 }));
        assert_eq!(told(json!({ "dynamic": 30, "static": 180.5 })), json!({ "dynamic": 30, "static": 180 }));
        for wrong in [json!({ "static": 29 }), json!({ "dynamic": -1 }), json!({ "dynamic": "1" })] {
            assert!(read(wrong).is_err());
        }
    }

    #[test]
    fn a_pattern_that_is_not_linear_is_shown() {
        for (key, item) in [
            ("redirects", json!({ "source": "/(a(?!b)c)", "destination": "/", "permanent": true })),
            ("headers", json!({ "source": "/:x(\\d(?=a))", "headers": [{ "key": "a", "value": "b" }] })),
            ("rewrites", json!({ "source": "/x/:y((?<a>.)\\k<a>)", "destination": "/z" })),
        ] {
            let error = read_json(&json!({ key: [item] })).unwrap_err();
            let CliError::ConfigValue { key: named, problem, .. } = &error else { panic!("{error:?}") };
            assert_eq!(named, key);
            assert!(problem.contains(item["source"].as_str().unwrap()), "{problem}");
        }
    }

    #[test]
    fn next_s_own_output_folder_is_left_to_next() {
        let loaded = read_json(&json!({ "distDir": ".next" })).unwrap();
        assert_eq!(loaded.config.dist_dir, ".vinext");
    }
}
