//! Runs the three graphs and puts their results together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arcstr::ArcStr;
use camino::Utf8PathBuf;
use rolldown::{BundleOutput, Bundler, BundlerBuilder};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::actions::{ServerGraphs, unseen_server_files, with_server_files};
use super::client_output::{ChunkFile, ClientScripts, client_scripts};
use super::config::bundler_options;
use super::error::{BuildError, from_bundler, missing_import, same, style_failed};
use super::first_load::{self, Sizes, gzip_size};
use super::groups::{ReferenceGroup, group_references};
use super::options::BuildOptions;
use super::output::{BuildOutput, GraphTimings, ReferenceAssets};
use super::plugin::GraphPlugin;
use super::reach::{RscGraph, client_stylesheets, file_id, stylesheets};
use super::record::ModuleGraph;
use super::session::Session;
use super::virtual_modules::{ENTRY_CLIENT, ENTRY_RSC, ENTRY_SSR};
use super::write;
use crate::css::sheets;
use crate::diagnostics::Diagnostic;
use crate::directives::Graph;

/// A graph that is being built.
struct Running {
    plugin: Arc<GraphPlugin>,
    task: tokio::task::JoinHandle<Result<Finished, Vec<Diagnostic>>>,
    scanned: oneshot::Receiver<ModuleGraph>,
    started: Instant,
}

/// A graph that is built and written.
struct Finished {
    output: BundleOutput,
    warnings: Vec<Diagnostic>,
    generated: Instant,
    written: Instant,
}

/// Builds an application.
pub async fn build(options: BuildOptions) -> Result<BuildOutput, BuildError> {
    let session = Arc::new(Session::start(options));
    let out = session.options.out_dir.clone();
    for folder in ["server", "client"] {
        write::empty(&out.join(folder))?;
    }
    write::file(&out.join("server/package.json"), b"{\"type\":\"module\"}\n")?;

    let mut rsc_sources: FxHashMap<String, String> = session.options.server_modules.clone().into_iter().collect();
    rsc_sources.insert(ENTRY_RSC.to_owned(), session.options.rsc_entry.clone());
    let mut rsc = start(&session, Graph::Rsc, rsc_sources.clone(), &[], "server/rsc")?;
    let Ok(mut rsc_modules) = (&mut rsc.scanned).await else {
        // The scan ended early; the task knows why.
        return Err(failure(&session, vec![rsc]).await);
    };
    let graph = RscGraph::of(&rsc_modules, session.root(), &session.options.routes);
    let groups = group_references(&graph);
    let entries = (session.options.entries)(&graph);

    let ssr_sources = FxHashMap::from_iter([(ENTRY_SSR.to_owned(), entries.ssr)]);
    let ssr = start(&session, Graph::Ssr, ssr_sources, &[], "server/ssr")?;
    let client_sources = groups
        .iter()
        .map(|group| (group.module.clone(), group.source.clone()))
        .chain([(ENTRY_CLIENT.to_owned(), entries.client)])
        .collect();
    let mut client = start(&session, Graph::Client, client_sources, &groups, "client")?;
    let Ok(client_modules) = (&mut client.scanned).await else {
        return Err(failure(&session, vec![rsc, ssr, client]).await);
    };

    let mut problems = Vec::new();
    let mut output = BuildOutput::default();
    let unseen = unseen_server_files(&client_modules, &rsc_modules);
    if !unseen.is_empty() {
        // Only client components import them, so the server's graph has to be built again with them.
        if join(&session, rsc, &mut problems, &mut output).await.is_none() {
            return Err(failure_with(&session, vec![ssr, client], problems).await);
        }
        write::empty(&out.join("server/rsc"))?;
        rsc_sources.insert(ENTRY_RSC.to_owned(), with_server_files(&session.options.rsc_entry, &unseen));
        rsc = start(&session, Graph::Rsc, rsc_sources, &[], "server/rsc")?;
        let Ok(all) = (&mut rsc.scanned).await else {
            return Err(failure(&session, vec![rsc, ssr, client]).await);
        };
        rsc_modules = all;
    }
    let rsc = join(&session, rsc, &mut problems, &mut output).await;
    let ssr = join(&session, ssr, &mut problems, &mut output).await;
    let client_plugin = Arc::clone(&client.plugin);
    let client = join(&session, client, &mut problems, &mut output).await;
    let (Some((rsc_bundle, rsc_timings)), Some((ssr_bundle, ssr_timings)), Some((bundle, client_timings))) =
        (rsc, ssr, client)
    else {
        return Err(BuildError::Source(problems));
    };
    output.timings.rsc = rsc_timings;
    output.timings.ssr = ssr_timings;
    output.timings.client = client_timings;

    let assets_started = Instant::now();
    let scripts = scripts_of(&bundle, &groups, &client_plugin.take_dynamic());
    let styles = write_styles(&session, &rsc_modules, &client_modules, &graph)?;
    write::media(&out.join("client"), &session.assets.all())?;
    let sizes: Sizes = std::thread::scope(|scope| {
        // Compressing is what takes long here; each file is a task of its own.
        let tasks: Vec<_> = write::chunks(&bundle)
            .map(|chunk| scope.spawn(|| (chunk.filename.to_string(), gzip_size(chunk.code.as_bytes()))))
            .collect();
        tasks.into_iter().filter_map(|task| task.join().ok()).collect()
    });
    output.shared = first_load::shared(&session, &scripts, &sizes);
    output.first_load = first_load::per_route(&session, &graph, &scripts, &sizes);
    output.rsc_entry = Utf8PathBuf::from("server/rsc/index.js");
    output.ssr_entry = Utf8PathBuf::from("server/ssr/index.js");
    output.client_entry = session.url(&scripts.entry);
    output.preload = scripts.preload.iter().map(|file| session.url(file)).collect();
    output.references = reference_assets(&session, &graph, &scripts, &styles);
    output.actions = ServerGraphs {
        root: session.root(),
        rsc: &rsc_modules,
        client: &client_modules,
        routes: &session.options.routes,
        references: &graph,
    }
    .functions(&rsc_bundle, &[&ssr_bundle, &bundle]);
    output.css = styles.by_file;
    output.files = graph.files;
    output.client_references = graph.client_references;
    output.timings.assets = assets_started.elapsed();
    output.timings.total = session.started.elapsed();
    Ok(output)
}

/// What the client loads for each reference, and for each dynamic import.
fn reference_assets(
    session: &Session,
    graph: &RscGraph,
    scripts: &ClientScripts,
    styles: &Styles,
) -> BTreeMap<String, ReferenceAssets> {
    let references = graph.client_references.iter().map(|reference| {
        let chunks = scripts.references.get(&reference.id).into_iter().flatten();
        let assets = ReferenceAssets {
            chunks: chunks.map(|file| session.url(file)).collect(),
            css: styles.by_reference.get(&reference.id).cloned().unwrap_or_default(),
        };
        (reference.id.clone(), assets)
    });
    let dynamic = scripts.dynamic.iter().map(|(id, files)| {
        // Their stylesheets belong to the files that bring them.
        let chunks = files.iter().map(|file| session.url(file)).collect();
        (id.clone(), ReferenceAssets { chunks, css: Vec::new() })
    });
    references.chain(dynamic).collect()
}

fn start(
    session: &Arc<Session>,
    graph: Graph,
    sources: FxHashMap<String, String>,
    groups: &[ReferenceGroup],
    folder: &str,
) -> Result<Running, BuildError> {
    let started = Instant::now();
    let (plugin, scanned) = GraphPlugin::new(graph, Arc::clone(session), sources);
    let bundler = BundlerBuilder::default()
        .with_options(bundler_options(session, graph, groups))
        .with_plugins(vec![Arc::clone(&plugin) as Arc<dyn rolldown_plugin::Pluginable>])
        .build()
        .map_err(|problems| {
            BuildError::Source(problems.into_vec().iter().map(|problem| from_bundler(session, problem)).collect())
        })?;
    let dir = session.options.out_dir.join(folder);
    let task = tokio::spawn(run(Arc::clone(session), Arc::clone(&plugin), bundler, dir));
    Ok(Running { plugin, task, scanned, started })
}

async fn run(
    session: Arc<Session>,
    plugin: Arc<GraphPlugin>,
    mut bundler: Bundler,
    dir: Utf8PathBuf,
) -> Result<Finished, Vec<Diagnostic>> {
    let translate = |problem: &rolldown_error::BuildDiagnostic| from_bundler(&session, problem);
    let generated = bundler.generate().await;
    plugin.close();
    let output = generated.map_err(|problems| problems.into_vec().iter().map(translate).collect::<Vec<_>>())?;
    // The bundler leaves what it cannot find to run time; in the app's own files that is a mistake.
    let missing: Vec<Diagnostic> =
        output.warnings.iter().filter_map(|warning| missing_import(&session, warning)).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let generated = Instant::now();
    let written = write::bundle(&dir, &output);
    written.map_err(|error| vec![Diagnostic::error(error.to_string())])?;
    let warnings = Vec::new();
    Ok(Finished { output, warnings, generated, written: Instant::now() })
}

/// Waits for a graph and files what it has to say.
async fn join(
    session: &Session,
    running: Running,
    problems: &mut Vec<Diagnostic>,
    build: &mut BuildOutput,
) -> Option<(BundleOutput, GraphTimings)> {
    let Running { plugin, task, started, .. } = running;
    let result =
        task.await.unwrap_or_else(|error| Err(vec![Diagnostic::error(format!("the bundler panicked: {error}"))]));
    let mut found = plugin.take_problems();
    let finished = match result {
        Ok(finished) => Some(finished),
        Err(more) => {
            // What the plugin reported is why the bundler stopped; its own words add nothing.
            if found.is_empty() {
                found.extend(more);
            }
            None
        }
    };
    for problem in found {
        if !problems.iter().any(|known| same(known, &problem)) {
            problems.push(problem);
        }
    }
    let finished = finished?;
    build.warnings.extend(finished.warnings);
    let scan_ended = plugin.scan_ended().unwrap_or(started);
    let timings = GraphTimings {
        started_at: started.duration_since(session.started),
        scan: scan_ended.duration_since(started),
        generate: finished.generated.duration_since(scan_ended),
        write: finished.written.duration_since(finished.generated),
    };
    Some((finished.output, timings))
}

async fn failure(session: &Session, graphs: Vec<Running>) -> BuildError {
    failure_with(session, graphs, Vec::new()).await
}

async fn failure_with(session: &Session, graphs: Vec<Running>, mut problems: Vec<Diagnostic>) -> BuildError {
    for graph in graphs {
        join(session, graph, &mut problems, &mut BuildOutput::default()).await;
    }
    if problems.is_empty() {
        return BuildError::Bundler("it stopped without saying why".to_owned());
    }
    BuildError::Source(problems)
}

fn scripts_of(bundle: &BundleOutput, groups: &[ReferenceGroup], dynamic: &BTreeMap<String, String>) -> ClientScripts {
    let chunks: Vec<ChunkFile> = write::chunks(bundle)
        .map(|chunk| ChunkFile {
            file: chunk.filename.to_string(),
            entry: (chunk.is_entry || chunk.is_dynamic_entry)
                .then(|| chunk.facade_module_id.as_ref().map(ToString::to_string))
                .flatten(),
            imports: chunk.imports.iter().map(ToString::to_string).collect(),
        })
        .collect();
    client_scripts(&chunks, groups, dynamic)
}

/// Stylesheet URLs by what needs them.
struct Styles {
    by_file: BTreeMap<String, Vec<String>>,
    by_reference: BTreeMap<String, Vec<String>>,
}

/// Joins the stylesheets, writes them, and says which URL is for what.
fn write_styles(
    session: &Session,
    rsc: &ModuleGraph,
    client: &ModuleGraph,
    graph: &RscGraph,
) -> Result<Styles, BuildError> {
    let mut files: Vec<&String> = session.options.routes.iter().flat_map(|route| &route.files).collect();
    files.sort_unstable();
    files.dedup();
    let by_file: Vec<(&String, Vec<ArcStr>)> = files
        .into_iter()
        .map(|file| (file, stylesheets(rsc, client, &file_id(session.root(), file))))
        .filter(|(_, sheets)| !sheets.is_empty())
        .collect();
    let by_reference: Vec<(&String, Vec<ArcStr>)> = graph
        .client_references
        .iter()
        .map(|reference| (&reference.id, client_stylesheets(client, &ArcStr::from(reference.module.as_str()))))
        .filter(|(_, sheets)| !sheets.is_empty())
        .collect();
    let lists: Vec<Vec<ArcStr>> = by_file.iter().chain(&by_reference).map(|(_, list)| list.clone()).collect();
    let mut url_of = BTreeMap::new();
    for run in sheets::join(&lists) {
        let mut imports = String::new();
        let mut rules = String::new();
        for sheet in &run {
            let compiled =
                session.styles.get(sheet).map_err(|error| BuildError::Source(vec![style_failed(session, &error)]))?;
            compiled.external_imports.iter().for_each(|import| imports.push_str(import));
            rules.push_str(&compiled.code);
        }
        imports.push_str(&rules);
        let name = format!("_next/static/css/{}.css", &blake3::hash(imports.as_bytes()).to_hex()[..16]);
        write::file(&session.options.out_dir.join("client").join(&name), imports.as_bytes())?;
        let url = session.url(&name);
        url_of.extend(run.into_iter().map(|sheet| (sheet, url.clone())));
    }
    let urls = |lists: Vec<(&String, Vec<ArcStr>)>| {
        lists.into_iter().map(|(key, list)| (key.clone(), sheets::urls(&list, &url_of))).collect()
    };
    Ok(Styles { by_file: urls(by_file), by_reference: urls(by_reference) })
}
