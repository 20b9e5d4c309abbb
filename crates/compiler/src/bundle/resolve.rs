//! What a specifier means before the file system is asked. Pure: the plugin acts on the answer.

use crate::directives::Graph;

use super::options::NextModules;
use super::virtual_modules as virtuals;

/// The meaning of a specifier.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A module of ours, by id.
    Virtual(String),
    /// `vinext:runtime/<path>`; the extension may be missing.
    Runtime(String),
    /// Left for the engine that runs the output, under this name.
    External(String),
    /// React or its renderers: one copy, the app's.
    React,
    /// The Flight packages: the app's, else the ones that came with the executable.
    Flight,
    /// A package named by a module of ours: looked up from the project root.
    FromRoot,
    /// A mistake to report.
    Misuse(Misuse),
    /// Nothing special: the bundler's own rules.
    Ordinary,
}

/// A specifier that can never be right where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// `next/x` that we do not provide.
    UnknownNextModule,
    /// `next/x` that exists, but in other graphs.
    NextModuleElsewhere,
    /// `server-only` reached from the browser's graph.
    ServerOnly,
    /// `client-only` reached from the react-server graph.
    ClientOnly,
    /// A Node built-in in browser code.
    NodeBuiltin,
    /// Something else in the app has to change first.
    Refused(String),
}

/// Node's built-in modules, without the prefix.
const BUILTINS: [&str; 56] = [
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "domain",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "module",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "repl",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
    "_http_agent",
    "_stream_readable",
];

/// Decides what `specifier`, written in `importer`, means in `graph`.
pub(crate) fn meaning(
    graph: Graph,
    specifier: &str,
    importer: Option<&str>,
    next_modules: &NextModules,
    external_packages: &[String],
) -> Meaning {
    if let Some(path) = specifier.strip_prefix(virtuals::RUNTIME) {
        return Meaning::Runtime(path.to_owned());
    }
    if virtuals::is_virtual(specifier) {
        return Meaning::Virtual(specifier.to_owned());
    }
    if is_relative(specifier) {
        return match importer.and_then(|importer| virtuals::join_runtime(importer, specifier)) {
            Some(path) => Meaning::Runtime(path),
            None if importer.is_some_and(virtuals::is_virtual) => Meaning::FromRoot,
            None => Meaning::Ordinary,
        };
    }
    if specifier.starts_with('/') {
        return Meaning::Ordinary;
    }
    match specifier {
        "server-only" if graph == Graph::Client => return Meaning::Misuse(Misuse::ServerOnly),
        "client-only" if graph == Graph::Rsc => return Meaning::Misuse(Misuse::ClientOnly),
        "server-only" | "client-only" => return Meaning::Virtual(virtuals::EMPTY.to_owned()),
        _ => {}
    }
    if package(specifier) == "next" {
        if let Some(why) = next_modules.refusal(specifier) {
            return Meaning::Misuse(Misuse::Refused(why.to_owned()));
        }
        return match next_modules.get(graph, specifier) {
            Some(module) => ours(module),
            None if next_modules.is_known(specifier) => Meaning::Misuse(Misuse::NextModuleElsewhere),
            None => Meaning::Misuse(Misuse::UnknownNextModule),
        };
    }
    if let Some(builtin) = node_builtin(specifier) {
        return match graph {
            // A bare name may be a package of the app (`buffer`, `events`, `process`): let the lookup decide.
            Graph::Client if !specifier.starts_with("node:") => Meaning::Ordinary,
            Graph::Client => Meaning::Misuse(Misuse::NodeBuiltin),
            Graph::Rsc | Graph::Ssr => {
                let name = format!("node:{builtin}");
                // The module of ours that stands for a built-in gets the built-in itself.
                let stand_in = next_modules.get(graph, &name).filter(|_| !importer.is_some_and(virtuals::is_virtual));
                stand_in.map_or_else(|| Meaning::External(name.clone()), ours)
            }
        };
    }
    match package(specifier) {
        "react" | "react-dom" => return Meaning::React,
        "react-server-dom-webpack" => return Meaning::Flight,
        _ => {}
    }
    if graph != Graph::Client && external_packages.iter().any(|name| name == package(specifier)) {
        return Meaning::External(specifier.to_owned());
    }
    if importer.is_some_and(virtuals::is_virtual) {
        return Meaning::FromRoot;
    }
    Meaning::Ordinary
}

/// A module of ours by its id.
fn ours(module: &str) -> Meaning {
    match module.strip_prefix(virtuals::RUNTIME) {
        Some(path) => Meaning::Runtime(path.to_owned()),
        None => Meaning::Virtual(module.to_owned()),
    }
}

/// The name behind `fs`, `node:fs` or `node:test`.
pub(crate) fn node_builtin(specifier: &str) -> Option<&str> {
    specifier.strip_prefix("node:").or_else(|| BUILTINS.contains(&specifier).then_some(specifier))
}

/// Whether a specifier is a path rather than the name of a package.
pub(crate) fn is_relative(specifier: &str) -> bool {
    specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../")
}

/// Whether a specifier names a package: neither a path, nor an alias such as `@/x` or `~/x`, nor a URL.
pub(crate) fn is_package(specifier: &str) -> bool {
    !is_relative(specifier)
        && !specifier.contains(':')
        && !specifier.starts_with("@/")
        && specifier.chars().next().is_some_and(|first| first == '@' || first.is_ascii_alphanumeric() || first == '_')
}

/// The package of a specifier: `@scope/name` of `@scope/name/sub`.
pub(crate) fn package(specifier: &str) -> &str {
    let slashes = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(slashes - 1).map_or(specifier.len(), |(index, _)| index);
    &specifier[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(graph: Graph, specifier: &str, importer: &str) -> Meaning {
        let mut next = NextModules::default();
        next.insert("next/link", "vinext:runtime/next/link.tsx");
        next.insert_for(Graph::Rsc, "next/headers", "vinext:runtime/next/headers.ts");
        next.insert_for(Graph::Rsc, "node:crypto", "vinext:runtime/server/node-crypto.ts");
        next.refuse("next/root-params", "why");
        meaning(graph, specifier, Some(importer), &next, &["pg".to_owned()])
    }

    #[test]
    fn a_specifier_is_read_by_its_graph_and_its_importer() {
        let file = "/app/page.tsx";
        let runtime = "vinext:runtime/server/entry.ts";
        for (graph, specifier, importer, expected) in [
            (Graph::Rsc, "./a", file, Meaning::Ordinary),
            (Graph::Rsc, "@/a", file, Meaning::Ordinary),
            (Graph::Rsc, "./a.ts", runtime, Meaning::Runtime("server/a.ts".into())),
            (Graph::Rsc, "clsx", runtime, Meaning::FromRoot),
            (Graph::Rsc, "clsx", file, Meaning::Ordinary),
            (Graph::Rsc, "react/jsx-runtime", file, Meaning::React),
            (Graph::Rsc, "react-server-dom-webpack/server.node", runtime, Meaning::Flight),
            (Graph::Rsc, "react-query", file, Meaning::Ordinary),
            (Graph::Rsc, "fs/promises", file, Meaning::External("node:fs/promises".into())),
            (Graph::Ssr, "node:fs", file, Meaning::External("node:fs".into())),
            (Graph::Rsc, "crypto", file, Meaning::Runtime("server/node-crypto.ts".into())),
            (Graph::Rsc, "node:crypto", runtime, Meaning::External("node:crypto".into())),
            (Graph::Ssr, "node:crypto", file, Meaning::External("node:crypto".into())),
            (Graph::Client, "node:fs", file, Meaning::Misuse(Misuse::NodeBuiltin)),
            (Graph::Client, "buffer", file, Meaning::Ordinary),
            (Graph::Ssr, "pg/lib/x", file, Meaning::External("pg/lib/x".into())),
            (Graph::Client, "pg", file, Meaning::Ordinary),
            (Graph::Client, "next/link.js", file, Meaning::Runtime("next/link.tsx".into())),
            (Graph::Client, "next/headers", file, Meaning::Misuse(Misuse::NextModuleElsewhere)),
            (Graph::Rsc, "next/headers/index.js", file, Meaning::Runtime("next/headers.ts".into())),
            (Graph::Rsc, "next/root-params.js", file, Meaning::Misuse(Misuse::Refused("why".into()))),
            (Graph::Rsc, "next/nope", file, Meaning::Misuse(Misuse::UnknownNextModule)),
            (Graph::Rsc, "next-themes", file, Meaning::Ordinary),
            (Graph::Client, "server-only", file, Meaning::Misuse(Misuse::ServerOnly)),
            (Graph::Rsc, "client-only", file, Meaning::Misuse(Misuse::ClientOnly)),
            (Graph::Rsc, "server-only", file, Meaning::Virtual("vinext:empty".into())),
        ] {
            assert_eq!(of(graph, specifier, importer), expected, "{specifier} in {graph:?}");
        }
    }

    #[test]
    fn package_names_keep_their_scope() {
        assert_eq!(package("@a/b/c/d"), "@a/b");
        assert_eq!(package("a/b"), "a");
        assert!(is_package("@a/b") && is_package("lodash/get"));
        assert!(!is_package("@/a") && !is_package("./a") && !is_package("data:x") && !is_package("~/a"));
    }
}
