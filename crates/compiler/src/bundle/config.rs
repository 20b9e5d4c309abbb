//! The bundler's options, per graph.

use rolldown::{
    BundlerOptions, BundlerTransformOptions, ChunkFilenamesOutputOption, CommentsOptions, Either, InputItem,
    JsxOptions, OutputFormat, Platform, RawMinifyOptions, ResolveOptions, TsConfig,
};
use rolldown_common::LegalComments;

use super::groups::{ReferenceGroup, quoted};
use super::options::Mode;
use super::session::Session;
use super::virtual_modules::{ENTRY_CLIENT, ENTRY_RSC, ENTRY_SSR};
use crate::directives::Graph;

/// What React's Flight packages call webpack's functions, per graph (docs/contracts.md, section 3).
fn react_hooks(graph: Graph) -> [(&'static str, &'static str); 2] {
    let (require, load) = match graph {
        Graph::Rsc => ("globalThis.__vinext_rsc_require__", "globalThis.__vinext_rsc_load__"),
        Graph::Ssr => ("globalThis.__vinext_ssr_require__", "globalThis.__vinext_ssr_load__"),
        Graph::Client => ("globalThis.__vinext_require__", "globalThis.__vinext_load__"),
    };
    [("__webpack_require__", require), ("__webpack_chunk_load__", load)]
}

/// The options for `graph`. `groups` are the client's further entries.
pub(crate) fn bundler_options(session: &Session, graph: Graph, groups: &[ReferenceGroup]) -> BundlerOptions {
    let options = &session.options;
    let production = options.mode == Mode::Production;
    let mut define = rolldown_utils::indexmap::FxIndexMap::default();
    define.insert("process.env.NODE_ENV".to_owned(), quoted(options.mode.node_env()));
    // Code for Next's other runtime is never reached.
    let runtime = if graph == Graph::Client { "" } else { "nodejs" };
    define.insert("process.env.NEXT_RUNTIME".to_owned(), quoted(runtime));
    for (name, value) in react_hooks(graph) {
        define.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in &options.defines {
        define.insert(name.clone(), value.clone());
    }
    if graph == Graph::Client {
        // What is not inlined is unknown in a browser, and must not be an error there.
        define.insert("process.env".to_owned(), "{}".to_owned());
        define.insert("global".to_owned(), "globalThis".to_owned());
    }
    let entry = |name: &str, import: &str| InputItem { name: Some(name.to_owned()), import: import.to_owned() };
    let input = match graph {
        Graph::Rsc => vec![entry("index", ENTRY_RSC)],
        Graph::Ssr => vec![entry("index", ENTRY_SSR)],
        Graph::Client => {
            let refs = groups.iter().map(|group| entry("client", &group.module));
            std::iter::once(entry("main", ENTRY_CLIENT)).chain(refs).collect()
        }
    };
    let template = |text: &str| Some(ChunkFilenamesOutputOption::String(text.to_owned()));
    let (entry_filenames, chunk_filenames) = match graph {
        Graph::Client => {
            (template("_next/static/chunks/[name]-[hash].js"), template("_next/static/chunks/[name]-[hash].js"))
        }
        Graph::Rsc | Graph::Ssr => (template("[name].js"), template("chunks/[name]-[hash].js")),
    };
    let conditions: &[&str] = match graph {
        Graph::Rsc => &["react-server", "module"],
        Graph::Ssr | Graph::Client => &["module"],
    };
    let mut conditions: Vec<String> = conditions.iter().map(|&name| name.to_owned()).collect();
    conditions.push(options.mode.node_env().to_owned());
    BundlerOptions {
        input: Some(input),
        cwd: Some(session.root().as_std_path().to_owned()),
        platform: Some(if graph == Graph::Client { Platform::Browser } else { Platform::Node }),
        format: Some(OutputFormat::Esm),
        entry_filenames,
        chunk_filenames,
        define: Some(define),
        resolve: Some(ResolveOptions { condition_names: Some(conditions), ..ResolveOptions::default() }),
        minify: Some(RawMinifyOptions::Bool(graph == Graph::Client && production)),
        legal_comments: (graph == Graph::Client && production).then_some(LegalComments::None),
        comments: (graph == Graph::Client && production).then_some(CommentsOptions {
            legal: false,
            annotation: false,
            jsdoc: false,
        }),
        transform: Some(BundlerTransformOptions {
            // A Next project's tsconfig may say `preserve`, which is meant for Next's own compiler.
            jsx: Some(Either::Right(JsxOptions {
                runtime: Some("automatic".to_owned()),
                development: Some(!production),
                ..JsxOptions::default()
            })),
            target: (graph == Graph::Client).then(|| {
                Either::Right(["chrome111", "edge111", "firefox111", "safari16.4"].map(str::to_owned).to_vec())
            }),
            ..BundlerTransformOptions::default()
        }),
        tsconfig: Some(match &session.tsconfig {
            Some(path) => TsConfig::Manual(path.as_std_path().to_owned()),
            None => TsConfig::Auto(false),
        }),
        ..BundlerOptions::default()
    }
}
