//! The bundler's hooks: what a specifier means, what a module of ours contains, what a directive does to a module.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use arcstr::ArcStr;
use rolldown_common::ImportKind;
use rolldown_common::side_effects::HookSideEffects;
use rolldown_ecmascript::{EcmaAst, WithMutFields};
use rolldown_plugin::{
    HookBuildEndArgs, HookLoadArgs, HookLoadReturn, HookNoopReturn, HookResolveIdArgs, HookResolveIdOutput,
    HookResolveIdReturn, HookTransformAstArgs, HookTransformAstReturn, HookUsage, Plugin, PluginContext,
    PluginContextResolveOptions, SharedLoadPluginContext,
};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::error::{flight_missing, misused, react_missing, runtime_missing};
use super::load;
use super::record::{ModuleGraph, ModuleRecord};
use super::resolve::{Meaning, meaning};
use super::session::Session;
use super::virtual_modules::{self as virtuals, RUNTIME, is_virtual};
use crate::css::is_stylesheet;
use crate::diagnostics::Diagnostic;
use crate::directives::{self, Graph, ModuleContext, ModuleInfo};
use crate::path_id::path_id;

/// One graph's plugin. It lives for one build.
#[derive(Debug)]
pub(crate) struct GraphPlugin {
    /// Which graph.
    graph: Graph,
    session: Arc<Session>,
    /// Sources of entries and reference groups, by module id.
    sources: FxHashMap<String, String>,
    infos: Mutex<FxHashMap<ArcStr, ModuleInfo>>,
    problems: Mutex<Vec<Diagnostic>>,
    scanned: Mutex<Option<oneshot::Sender<ModuleGraph>>>,
    scan_ended: OnceLock<Instant>,
    /// What the browser imports when it needs it: module ids by [`directives::dynamic_id`].
    dynamic: Mutex<BTreeMap<String, String>>,
}

impl GraphPlugin {
    /// A plugin for `graph` with the given entries, and the end of a channel that gets the graph when it is scanned.
    pub(crate) fn new(
        graph: Graph,
        session: Arc<Session>,
        sources: FxHashMap<String, String>,
    ) -> (Arc<Self>, oneshot::Receiver<ModuleGraph>) {
        let (sender, receiver) = oneshot::channel();
        let plugin = Self {
            graph,
            session,
            sources,
            infos: Mutex::default(),
            problems: Mutex::default(),
            scanned: Mutex::new(Some(sender)),
            scan_ended: OnceLock::new(),
            dynamic: Mutex::default(),
        };
        (Arc::new(plugin), receiver)
    }

    /// Mistakes found so far.
    pub(crate) fn take_problems(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is imported by `import()`.
    pub(crate) fn take_dynamic(&self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.dynamic.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the last module was scanned.
    pub(crate) fn scan_ended(&self) -> Option<Instant> {
        self.scan_ended.get().copied()
    }

    /// The bundler has ended: nobody has to wait for a graph that will not come.
    pub(crate) fn close(&self) {
        self.scanned.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn report(&self, problem: Diagnostic) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    /// Resolves as if `specifier` stood in a file of the project's root.
    async fn resolve_from_root(
        &self,
        ctx: &PluginContext,
        specifier: &str,
        kind: ImportKind,
    ) -> anyhow::Result<Option<HookResolveIdOutput>> {
        self.resolve_from_folder(ctx, self.session.root(), specifier, kind).await
    }

    async fn resolve_from_folder(
        &self,
        ctx: &PluginContext,
        folder: &camino::Utf8Path,
        specifier: &str,
        kind: ImportKind,
    ) -> anyhow::Result<Option<HookResolveIdOutput>> {
        let importer = folder.join("package.json");
        let options = PluginContextResolveOptions { import_kind: kind, ..PluginContextResolveOptions::default() };
        let resolved = ctx.resolve(specifier, Some(importer.as_str()), Some(options)).await?;
        Ok(resolved.ok().map(HookResolveIdOutput::from_resolved_id))
    }

    /// Leaves the lookup to the bundler, and keeps what came of it.
    async fn resolve_dynamic(&self, ctx: &PluginContext, specifier: &str, importer: &str) -> HookResolveIdReturn {
        let options = PluginContextResolveOptions {
            import_kind: ImportKind::DynamicImport,
            ..PluginContextResolveOptions::default()
        };
        let Ok(resolved) = ctx.resolve(specifier, Some(importer), Some(options)).await? else { return Ok(None) };
        let key = directives::dynamic_id(&path_id(self.session.root(), importer), specifier);
        self.dynamic.lock().unwrap_or_else(PoisonError::into_inner).insert(key, resolved.id.to_string());
        Ok(Some(HookResolveIdOutput::from_resolved_id(resolved)))
    }

    fn runtime_module(&self, path: &str) -> Option<HookResolveIdOutput> {
        let found = virtuals::runtime_candidates(path)
            .find(|candidate| self.session.options.runtime.source(candidate).is_some())?;
        Some(HookResolveIdOutput::from_id(format!("{RUNTIME}{found}")))
    }

    async fn resolve(&self, ctx: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        let options = &self.session.options;
        let specifier = args.specifier;
        let importer = args.importer.unwrap_or_default();
        match meaning(self.graph, specifier, args.importer, &options.next_modules, &options.external_packages) {
            Meaning::Ordinary if self.graph == Graph::Client && args.kind == ImportKind::DynamicImport => {
                self.resolve_dynamic(ctx, specifier, importer).await
            }
            Meaning::Ordinary => Ok(None),
            Meaning::Virtual(id) => Ok(Some(HookResolveIdOutput::from_id(id))),
            Meaning::External(id) => Ok(Some(external(id))),
            Meaning::FromRoot => self.resolve_from_root(ctx, specifier, args.kind).await,
            Meaning::Runtime(path) => {
                if let Some(found) = self.runtime_module(&path) {
                    return Ok(Some(found));
                }
                self.report(runtime_missing(&self.session, specifier, importer));
                Ok(Some(external(specifier.to_owned())))
            }
            Meaning::React => {
                if let Some(found) = self.resolve_from_root(ctx, specifier, args.kind).await? {
                    return Ok(Some(found));
                }
                self.report(react_missing(&self.session, specifier, importer));
                Ok(Some(external(specifier.to_owned())))
            }
            Meaning::Flight => {
                if let Some(found) = self.resolve_from_root(ctx, specifier, args.kind).await? {
                    return Ok(Some(found));
                }
                if let Some(folder) = &options.react_dir
                    && let Some(found) = self.resolve_from_folder(ctx, folder, specifier, args.kind).await?
                {
                    return Ok(Some(found));
                }
                self.report(flight_missing(&self.session));
                Ok(Some(external(specifier.to_owned())))
            }
            Meaning::Misuse(misuse) => {
                self.report(misused(&self.session, self.graph, &misuse, specifier, importer));
                Ok(Some(external(specifier.to_owned())))
            }
        }
    }

    /// Runs the directive transform over a module and keeps what it learned.
    fn transform(&self, id: &str, ast: &mut EcmaAst) {
        let path_id = path_id(self.session.root(), id);
        let file_name = self.session.display(id).to_owned();
        let result = ast.program.with_mut(|WithMutFields { source, allocator, program }| {
            let context = ModuleContext::new(&path_id, &file_name, source, self.graph)
                .with_action_salt(&self.session.options.action_salt)
                .with_caches(self.session.options.caches.as_deref())
                .with_components(self.session.options.cache_components);
            directives::transform(program, allocator, &context)
        });
        match result {
            Ok(info) => {
                self.infos.lock().unwrap_or_else(PoisonError::into_inner).insert(ArcStr::from(id), info);
            }
            Err(problems) => self.problems.lock().unwrap_or_else(PoisonError::into_inner).extend(problems),
        }
    }

    fn snapshot(&self, ctx: &PluginContext) -> ModuleGraph {
        let mut infos = std::mem::take(&mut *self.infos.lock().unwrap_or_else(PoisonError::into_inner));
        let modules = ctx.get_module_ids().into_iter().filter_map(|id| {
            let module = ctx.get_module_info(&id)?;
            let ids = |ids: &mut dyn Iterator<Item = &rolldown_common::ModuleId>| {
                ids.map(|id| id.as_arc_str().clone()).collect()
            };
            let record = ModuleRecord {
                imports: ids(&mut module.imported_ids.iter()),
                dynamic_imports: ids(&mut module.dynamically_imported_ids.iter()),
                info: infos.remove(&id),
            };
            Some((id, record))
        });
        ModuleGraph { modules: modules.collect() }
    }
}

fn external(id: String) -> HookResolveIdOutput {
    let builtin = id.starts_with("node:");
    HookResolveIdOutput {
        id: id.into(),
        external: Some(true.into()),
        side_effects: builtin.then_some(HookSideEffects::False),
        ..HookResolveIdOutput::default()
    }
}

impl Plugin for GraphPlugin {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("vinext")
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load | HookUsage::TransformAst | HookUsage::BuildEnd
    }

    async fn resolve_id(&self, ctx: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        self.resolve(ctx, args).await
    }

    async fn load(&self, _ctx: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        if let Some(source) = self.sources.get(args.id) {
            return Ok(Some(load::typescript(source)));
        }
        match load::load(&self.session, args.id, args.asserted_module_type) {
            Ok(output) => Ok(output),
            Err(problem) => {
                self.report(*problem);
                Ok(Some(load::nothing()))
            }
        }
    }

    async fn transform_ast(&self, _ctx: &PluginContext, mut args: HookTransformAstArgs<'_>) -> HookTransformAstReturn {
        use rolldown_common::ModuleType::{Js, Jsx, Ts, Tsx};
        let code = matches!(args.module_type, Js | Jsx | Ts | Tsx) && !is_stylesheet(args.id);
        let ours = is_virtual(args.id) && !args.id.starts_with(RUNTIME);
        if code && !ours && !args.id.starts_with('\0') {
            self.transform(args.id, &mut args.ast);
        }
        Ok(args.ast)
    }

    async fn build_end(&self, ctx: &PluginContext, args: Option<&HookBuildEndArgs<'_>>) -> HookNoopReturn {
        if args.is_some() {
            return Ok(());
        }
        // Every mistake of a graph is known only now; stopping at the first would show one at a time.
        if !self.problems.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            anyhow::bail!(Reported);
        }
        let _ = self.scan_ended.set(Instant::now());
        if let Some(scanned) = self.scanned.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nobody listens when another graph has failed already.
            let _ = scanned.send(self.snapshot(ctx));
        }
        Ok(())
    }
}

/// Stops the bundler; what went wrong is in the plugin's own list.
#[derive(Debug, thiserror::Error)]
#[error("the build was stopped by diagnostics already reported")]
pub(crate) struct Reported;
