//! What `"use client"` and `"use server"` do to a module, per graph.
//!
//! | module | react-server graph | ssr and client graphs |
//! |---|---|---|
//! | `"use client"` | a reference per export | as written |
//! | `"use server"` | each export registered as a server reference | a stub per export that calls the server |
//! | inline `"use server"` | hoisted, registered, bound to what it captures | an error |
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

mod client;
mod commonjs;
mod config;
mod detect;
mod dynamic;
mod exports;
mod fragment;
mod inline;
mod misuse;
mod server;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Expression, Program};
use oxc::span::Span;

pub(crate) use dynamic::dynamic_id;

pub use config::{Dynamic, Revalidate, SegmentConfig};

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
}

/// A server function of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// Its id in requests: `<reference id>#<name>`.
    pub id: String,
    /// The export that is called.
    pub name: String,
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
    /// What is questionable, but stops nothing.
    pub warnings: Vec<Diagnostic>,
}

/// What the transform has to know about a module.
#[derive(Debug, Clone, Copy)]
pub struct ModuleContext<'a> {
    path_id: &'a str,
    file_name: &'a str,
    source: &'a str,
    graph: Graph,
    is_package: bool,
}

impl<'a> ModuleContext<'a> {
    /// `path_id` names the module on every machine; `file_name` names it in messages; `source` is its text.
    #[must_use]
    pub fn new(path_id: &'a str, file_name: &'a str, source: &'a str, graph: Graph) -> Self {
        Self { path_id, file_name, source, graph, is_package: file_name.contains("node_modules/") }
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
        let name = self.file_name.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        !self.is_package && ["page", "layout", "route", "default", "not-found", "template"].contains(&stem)
    }

    fn is_framework(&self) -> bool {
        self.path_id.starts_with("vinext:")
    }

    fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        self.at(Diagnostic::error(message), span, label)
    }

    fn warning(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        self.at(Diagnostic::warning(message), span, label)
    }

    fn at(&self, diagnostic: Diagnostic, span: Span, label: impl Into<String>) -> Diagnostic {
        let (offset, length) = (span.start as usize, span.size() as usize);
        diagnostic.with_source(self.file_name, self.source).with_label(offset, length, label)
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

/// Applies the directives of a module for one graph, and says what the module is.
///
/// On mistakes the program is left as it was, and every mistake is returned.
pub fn transform<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
) -> Result<ModuleInfo, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let directive = detect::module_directive(program, context, &mut problems);
    let exports = exports::of(program);
    let config = config::read(program, &exports, context, &mut warnings);
    if !context.is_package && !context.is_framework() {
        misuse::check(program, directive, &exports, context, &mut problems);
        detect::warn_of_use_cache(program, context, &mut warnings);
    }
    // Looking for a text is much cheaper than walking the tree.
    let has_inline = context.source.contains("use server");
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
        (None, Graph::Ssr | Graph::Client) if has_inline => inline::refuse(program, context, &mut problems),
        (None, _) => {}
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut actions = Vec::new();
    match (directive, context.graph) {
        (Some(Directive::UseClient), Graph::Rsc) => {
            let names = client::replace_by_references(program, allocator, context, &exports);
            return Ok(ModuleInfo { directive, exports: names, config, actions, warnings });
        }
        (Some(Directive::UseServer), Graph::Rsc) => {
            actions = inline::hoist(program, allocator, context, directive)?;
            actions.extend(server::register(program, allocator, context, &exported));
        }
        (Some(Directive::UseServer), Graph::Ssr | Graph::Client) => {
            actions = server::replace_by_stubs(program, allocator, context, &exports);
        }
        (None, Graph::Rsc) if has_inline => actions = inline::hoist(program, allocator, context, directive)?,
        _ => {}
    }
    if context.graph == Graph::Ssr && context.source.contains("next/dynamic") {
        dynamic::name_modules(program, allocator, context);
    }
    program.directives.retain(|directive| detect::named(&directive.expression.value).is_none());
    let exports = exports.into_iter().map(|export| export.name).collect();
    Ok(ModuleInfo { directive, exports, config, actions, warnings })
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
