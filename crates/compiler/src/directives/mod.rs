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
mod config;
mod exports;
mod fragment;
mod inline;
mod misuse;
mod server;

use oxc::allocator::Allocator;
use oxc::ast::ast::{self, Program};
use oxc::span::Span;

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
#[derive(Debug, Clone, Default, PartialEq)]
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
}

/// What the transform has to know about a module.
#[derive(Debug, Clone, Copy)]
pub struct ModuleContext<'a> {
    path_id: &'a str,
    file_name: &'a str,
    source: &'a str,
    graph: Graph,
}

impl<'a> ModuleContext<'a> {
    /// `path_id` names the module on every machine; `file_name` names it in messages; `source` is its text.
    #[must_use]
    pub fn new(path_id: &'a str, file_name: &'a str, source: &'a str, graph: Graph) -> Self {
        Self { path_id, file_name, source, graph }
    }

    /// Whether the module is a package's: its author cannot be reached by our hints.
    fn is_package(&self) -> bool {
        self.file_name.contains("node_modules/")
    }

    fn is_framework(&self) -> bool {
        self.path_id.starts_with("vinext:")
    }

    fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).with_source(self.file_name, self.source).with_label(
            span.start as usize,
            span.size() as usize,
            label,
        )
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
    let directive = module_directive(program, context, &mut problems);
    let exports = exports::of(program);
    let config = config::read(program);
    let has_inline = context.source.contains("use server") && directive != Some(Directive::UseServer);
    if !context.is_package() && !context.is_framework() {
        misuse::check(program, directive, context, &mut problems);
    }
    if directive == Some(Directive::UseClient) && context.graph == Graph::Rsc {
        client::check(program, context, &mut problems);
    }
    let mut info = ModuleInfo {
        directive,
        exports: exports.iter().map(|export| export.name.clone()).collect(),
        config,
        actions: Vec::new(),
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    match (directive, context.graph) {
        (Some(Directive::UseClient), Graph::Rsc) => client::replace_by_references(program, allocator, context, &exports),
        (Some(Directive::UseServer), Graph::Rsc) => {
            info.actions = server::register(program, allocator, context)?;
        }
        (Some(Directive::UseServer), Graph::Ssr | Graph::Client) => {
            info.actions = server::replace_by_stubs(program, allocator, context, &exports);
        }
        _ if has_inline => {
            if context.graph == Graph::Rsc {
                info.actions = inline::hoist(program, allocator, context)?;
            } else {
                inline::refuse(program, context)?;
            }
        }
        _ => {}
    }
    program.directives.retain(|directive| !directive.expression.value.starts_with("use "));
    Ok(info)
}

/// The directive of the module, and what is wrong with what looks like one.
fn module_directive(
    program: &Program<'_>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Directive> {
    let mut found: Option<(Directive, Span)> = None;
    for directive in &program.directives {
        let Some(kind) = named(&directive.expression.value) else {
            if let Some(meant) = misspelt(&directive.expression.value) {
                problems.push(
                    context
                        .error(directive.span, format!("`{}` is not a directive", directive.expression.value), "written here")
                        .with_code("vinext::unknown_directive")
                        .with_help(format!("did you mean \"{meant}\"?")),
                );
            }
            continue;
        };
        match found {
            Some((first, span)) if first != kind => problems.push(
                context
                    .error(directive.span, "a module is either \"use client\" or \"use server\"", "the second directive")
                    .with_label(span.start as usize, span.size() as usize, "the first directive")
                    .with_code("vinext::both_directives")
                    .with_help("move the server functions to a file of their own and import them"),
            ),
            Some(_) => {}
            None => found = Some((kind, directive.span)),
        }
    }
    for statement in &program.body {
        if let ast::Statement::ExpressionStatement(statement) = statement
            && let Some(text) = string_of(&statement.expression)
            && named(text).is_some()
        {
            problems.push(
                context
                    .error(statement.span, format!("\"{text}\" must be the first statement of the file"), "too late here")
                    .with_code("vinext::late_directive")
                    .with_help("move it above the imports, without parentheses or backticks"),
            );
        }
    }
    found.map(|(kind, _)| kind)
}

fn string_of<'a>(expression: &'a ast::Expression<'_>) -> Option<&'a str> {
    match expression.without_parentheses() {
        ast::Expression::StringLiteral(literal) => Some(literal.value.as_str()),
        ast::Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first().map(|quasi| quasi.value.raw.as_str())
        }
        _ => None,
    }
}

fn named(text: &str) -> Option<Directive> {
    match text {
        "use client" => Some(Directive::UseClient),
        "use server" => Some(Directive::UseServer),
        _ => None,
    }
}

/// The directive that was probably meant.
fn misspelt(text: &str) -> Option<&'static str> {
    if matches!(text, "use strict" | "use asm" | "use cache" | "use workflow" | "use step" | "use memo" | "use no memo") {
        return None;
    }
    ["use client", "use server"].into_iter().find(|known| distance(text, known) <= 2)
}

/// How many letters have to be changed, added, removed or swapped with a neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (table[i - 1][j - 1] + change).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests;
