//! Which keys of `next.config` are honoured, which are Next's but not honoured yet, and which nobody knows.

use serde_json::{Map, Value};

/// Keys of `experimental` that are honoured.
const HONOURED_FLAGS: [&str; 9] = [
    "authInterrupts",
    "globalNotFound",
    "middlewareClientMaxBodySize",
    "proxyClientMaxBodySize",
    "proxyTimeout",
    "serverActions",
    "staleTimes",
    "useCache",
    "useCacheTimeout",
];

/// Keys that vinext acts on.
const HONOURED: &[&str] = &[
    "assetPrefix",
    "basePath",
    "cacheComponents",
    "cacheHandler",
    "cacheHandlers",
    "cacheLife",
    "cacheMaxMemorySize",
    "compress",
    "distDir",
    "env",
    "expireTime",
    "generateEtags",
    "headers",
    "htmlLimitedBots",
    "instrumentationClientInject",
    "pageExtensions",
    "poweredByHeader",
    "productionBrowserSourceMaps",
    "reactMaxHeadersLength",
    "reactStrictMode",
    "redirects",
    "rewrites",
    "serverExternalPackages",
    "skipMiddlewareUrlNormalize",
    "skipProxyUrlNormalize",
    "skipTrailingSlashRedirect",
    "staticPageGenerationTimeout",
    "trailingSlash",
];

/// Keys whose effect vinext has anyway, or that steer tools which vinext does not use: nothing is lost by ignoring them.
const WITHOUT_EFFECT: &[&str] = &[
    "agentRules",
    "allowedDevOrigins",
    "cleanDistDir",
    "devIndicators",
    "enablePrerenderSourceMaps",
    "onDemandEntries",
    "outputFileTracingExcludes",
    "outputFileTracingIncludes",
    "outputFileTracingRoot",
    "transpilePackages",
    "typedRoutes",
    "typescript",
    "watchOptions",
];

/// Every other key that Next 16.4 knows (SURFACE section 5).
const NEXT: &[&str] = &[
    "adapterPath",
    "bundlePagesRouterDependencies",
    "compiler",
    "crossOrigin",
    "deploymentId",
    "deprecated",
    "excludeDefaultMomentLocales",
    "experimental",
    "exportPathMap",
    "generateBuildId",
    "httpAgentOptions",
    "i18n",
    "images",
    "logging",
    "modularizeImports",
    "output",
    "outputHashSalt",
    "partialPrefetching",
    "reactCompiler",
    "reactProductionProfiling",
    "sassOptions",
    "supportsImmutableAssets",
    "turbopack",
    "useFileSystemPublicRoutes",
    "webpack",
];

/// Sorts the keys of a config into those Next knows and we do not honour yet, and those nobody knows.
pub(super) fn review(config: &Map<String, Value>) -> (Vec<String>, Vec<String>) {
    let mut not_honoured = Vec::new();
    let mut unknown = Vec::new();
    for (key, value) in config {
        let key = key.as_str();
        if value.is_null() || HONOURED.contains(&key) || WITHOUT_EFFECT.contains(&key) {
            continue;
        }
        match (key, value) {
            ("experimental", Value::Object(flags)) => {
                let others = flags.keys().filter(|flag| !HONOURED_FLAGS.contains(&flag.as_str()));
                not_honoured.extend(others.map(|flag| format!("experimental.{flag}")));
            }
            ("output", Value::String(output)) if output == "export" => {}
            _ if NEXT.contains(&key) => not_honoured.push(key.to_owned()),
            _ => unknown.push(key.to_owned()),
        }
    }
    (not_honoured, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_listed_twice() {
        let mut all: Vec<_> = [HONOURED, WITHOUT_EFFECT, NEXT].concat();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
