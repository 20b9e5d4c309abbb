//! What `"use client"`, `"use server"` and `"use cache"` do to a module, per graph.
//!
//! | module | react-server graph | ssr and client graphs |
//! |---|---|---|
//! | `"use client"` | a reference per export | as written |
//! | `"use server"` | each export registered as a server reference | a stub per export that calls the server |
//! | inline `"use server"` | hoisted, registered, bound to what it captures | an error |
//! | `"use cache"` | results of each exported function are kept | an error |
//! | inline `"use cache"` | the function's results are kept | an error |
//!
//! The transform works on oxc's AST, before types and JSX are compiled, and learns on the way what the rest of the
//! build wants to know of a module: its directive, its exports, its segment configuration.
//!
//! ```
//! use oxc::allocator::Allocator;
//! use oxc::parser::Parser;
//! use oxc::span::SourceType;
//! use vinext_compiler::directives::{Directive, Graph, ModuleContext, transform};
//!
//! let source = "\"use client\";\nexport function Counter() {}";
//! let allocator = Allocator::default();
//! let mut program = Parser::new(&allocator, source, SourceType::tsx()).parse().program;
//! let context = ModuleContext::new("app/counter.tsx", "app/counter.tsx", source, Graph::Rsc);
//! let info = transform(&mut program, &allocator, &context)?;
//! assert_eq!(info.directive, Some(Directive::UseClient));
//! assert_eq!(info.exports, ["Counter"]);
//! # Ok::<(), Vec<vinext_compiler::diagnostics::Diagnostic>>(())
//! ```
//!
//! References are React's: <https://react.dev/reference/rsc/use-client>, <https://react.dev/reference/rsc/use-server>.

mod cached;
mod client;
mod commonjs;
mod config;
mod detect;
mod dynamic;
mod exports;
mod fragment;
mod imports;
mod inline;
mod misuse;
mod proxy;
mod server;
mod uses;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Expression, Program};
use oxc::span::Span;

pub(crate) use dynamic::dynamic_id;

pub use config::{Dynamic, EnsureStatic, Revalidate, SegmentConfig};
pub use proxy::{ProxyFile, ProxyKind, ProxyMatcherItem, proxy_file};

use crate::diagnostics::Diagnostic;

/// A module graph of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Graph {
    /// Server components: React's `react-server` condition.
    Rsc,
    /// Client components, rendered on the server.
    Ssr,
    /// Client components in the browser.
    Client,
}

/// A directive at the top of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Directive {
    /// `"use client"`.
    UseClient,
    /// `"use server"`.
    UseServer,
    /// `"use cache"`, whichever cache it names.
    UseCache,
}

/// A server function of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// Its id in requests: 42 hexadecimal digits. See [`ModuleContext::action_id`].
    pub id: String,
    /// The export that is called.
    pub name: String,
    /// Whether it stands inside of a module instead of being one of its exports.
    pub is_inline: bool,
    /// Whether it is a cached function: the browser may call it if code for browsers imports it, and not otherwise.
    pub is_cached: bool,
}

/// What a module says about itself.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ModuleInfo {
    /// Its directive.
    pub directive: Option<Directive>,
    /// The values it exports, `default` included, in source order.
    pub exports: Vec<String>,
    /// Segment configuration.
    pub config: SegmentConfig,
    /// Server functions.
    pub actions: Vec<ActionInfo>,
    /// The names that it asks of other modules; `*` is all of them.
    pub imported_names: Vec<String>,
}

/// What the transform has to know about a module.
#[derive(Debug, Clone, Copy)]
pub struct ModuleContext<'a> {
    path_id: &'a str,
    file_name: &'a str,
    source: &'a str,
    graph: Graph,
    is_package: bool,
    action_salt: &'a str,
    caches: Option<&'a [String]>,
    has_components: bool,
}

impl<'a> ModuleContext<'a> {
    /// `path_id` names the module on every machine; `file_name` names it in messages; `source` is its text.
    #[must_use]
    pub fn new(path_id: &'a str, file_name: &'a str, source: &'a str, graph: Graph) -> Self {
        Self {
            path_id,
            file_name,
            source,
            graph,
            is_package: file_name.contains("node_modules/"),
            action_salt: "",
            caches: None,
            has_components: false,
        }
    }

    /// Whether pages are rendered as far as they are the same for everybody, and the rest per request (`cacheComponents`).
    #[must_use]
    pub fn with_components(mut self, has_components: bool) -> Self {
        self.has_components = has_components;
        self
    }

    /// The caches that `"use cache: name"` may name besides Next's own; `None` refuses the directive.
    #[must_use]
    pub fn with_caches(mut self, caches: Option<&'a [String]>) -> Self {
        self.caches = caches;
        self
    }

    /// What the ids of server functions depend on besides their names: without it they tell nobody anything.
    #[must_use]
    pub fn with_action_salt(mut self, salt: &'a str) -> Self {
        self.action_salt = salt;
        self
    }

    /// The id of a server function. Its first byte says which arguments it uses (bits 6 to 1 the first six, bit 0 all
    /// others), so that the browser need not send what nobody reads.
    fn action_id(&self, name: &str, arguments: u8) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [self.action_salt, self.path_id, name] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        format!("{:02x}{}", arguments & 0x7f, &hasher.finalize().to_hex()[..40])
    }

    /// Whether the module is a package's, whose author our hints cannot reach. What matters only to authors is not
    /// reported then. Without this, a file in `node_modules` is taken for one.
    #[must_use]
    pub fn with_package(mut self, is_package: bool) -> Self {
        self.is_package = is_package;
        self
    }

    /// Whether the file is one that a router reads configuration from.
    fn is_segment_file(&self) -> bool {
        !self.is_package && ["page", "layout", "route", "default", "not-found", "template"].contains(&self.stem())
    }

    fn is_layout(&self) -> bool {
        !self.is_package && self.stem() == "layout"
    }

    /// The file's name up to its first dot.
    fn stem(&self) -> &str {
        let name = self.file_name.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }

    fn is_framework(&self) -> bool {
        self.path_id.starts_with("vinext:")
    }

    fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        let (offset, length) = (span.start as usize, span.size() as usize);
        Diagnostic::error(message).with_source(self.file_name, self.source).with_label(offset, length, label)
    }
}

/// The id of the module at `path_id` in Flight rows: the same on every machine and in every build.
///
/// ```
/// use vinext_compiler::directives::reference_id;
/// assert_eq!(reference_id("app/counter.tsx").len(), 16);
/// assert_ne!(reference_id("app/counter.tsx"), reference_id("app/Counter.tsx"));
/// ```
#[must_use]
pub fn reference_id(path_id: &str) -> String {
    blake3::hash(path_id.as_bytes()).to_hex()[..16].to_owned()
}

/// The names of the values that a module exports. A file that is no module exports nothing: who compiles it says so.
///
/// ```
/// use vinext_compiler::directives::exported_names;
///
/// let source = "export const size = { width: 1, height: 1 }; export default function Icon() {}";
/// assert_eq!(exported_names("icon.tsx".into(), source), ["size", "default"]);
/// ```
#[must_use]
pub fn exported_names(file: &camino::Utf8Path, source: &str) -> Vec<String> {
    let allocator = Allocator::default();
    let kind = oxc::span::SourceType::from_path(file).unwrap_or_else(|_| oxc::span::SourceType::tsx());
    let parsed = oxc::parser::Parser::new(&allocator, source, kind).parse();
    exports::of(&parsed.program).into_iter().map(|export| export.name).collect()
}

/// Applies the directives of a module for one graph, and says what the module is.
///
/// On mistakes the program is left as it was, and every mistake is returned.
pub fn transform<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
) -> Result<ModuleInfo, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let directive = detect::module_directive(program, context, &mut problems);
    let exports = exports::of(program);
    let imported_names = if context.graph == Graph::Rsc { imports::names(program) } else { Vec::new() };
    let config = config::read(program, &exports, directive == Some(Directive::UseClient), context, &mut problems);
    if !context.is_package && !context.is_framework() {
        misuse::check(program, directive, &exports, context, &mut problems);
    }
    // Looking for a text is much cheaper than walking the tree.
    let has_inline = context.source.contains("use server");
    let has_cached = context.source.contains("use cache") && !context.is_framework();
    if has_cached {
        cached::check(program, context, directive, &mut problems);
    }
    let mut exported = Vec::new();
    match (directive, context.graph) {
        (Some(Directive::UseClient), graph) => {
            if graph == Graph::Rsc {
                client::check(program, context, &mut problems);
            }
            if has_inline {
                inline::refuse(program, context, &mut problems);
            }
        }
        (Some(Directive::UseServer), _) => exported = server::exported(program, context, &mut problems),
        // What else it exports, the check of its own says.
        (Some(Directive::UseCache), _) => exported = server::exported(program, context, &mut Vec::new()),
        (None, Graph::Ssr | Graph::Client) if has_inline => inline::refuse(program, context, &mut problems),
        (None, _) => {}
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if has_cached && context.graph == Graph::Rsc && directive != Some(Directive::UseClient) {
        cached::wrap(program, allocator, context, directive)?;
    }
    let mut actions = Vec::new();
    match (directive, context.graph) {
        (Some(Directive::UseClient), Graph::Rsc) => {
            let names = client::replace_by_references(program, allocator, context, &exports);
            return Ok(ModuleInfo { directive, exports: names, config, ..ModuleInfo::default() });
        }
        (Some(Directive::UseServer), Graph::Rsc) => {
            actions = inline::hoist(program, allocator, context, directive)?;
            actions.extend(server::register(program, allocator, context, &exported));
        }
        (Some(Directive::UseServer | Directive::UseCache), Graph::Ssr | Graph::Client) => {
            actions = server::replace_by_stubs(program, allocator, context, &exported);
        }
        (Some(Directive::UseCache), Graph::Rsc) => {
            if has_inline {
                actions = inline::hoist(program, allocator, context, directive)?;
            }
            let callable = server::register(program, allocator, context, &exported);
            actions.extend(callable.into_iter().map(|action| ActionInfo { is_cached: true, ..action }));
        }
        (None, Graph::Rsc) if has_inline => actions = inline::hoist(program, allocator, context, directive)?,
        _ => {}
    }
    if context.graph == Graph::Ssr && context.source.contains("next/dynamic") {
        dynamic::name_modules(program, allocator, context);
    }
    program.directives.retain(|directive| detect::named(&directive.expression.value).is_none());
    let exports = exports.into_iter().map(|export| export.name).collect();
    Ok(ModuleInfo { directive, exports, config, actions, imported_names })
}

/// The expression without what has no effect: parentheses and what TypeScript puts around it.
fn bare<'a, 'b>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    match expression.without_parentheses() {
        Expression::TSAsExpression(inner) => bare(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => bare(&inner.expression),
        Expression::TSNonNullExpression(inner) => bare(&inner.expression),
        other => other,
    }
}

#[cfg(test)]
mod tests;
