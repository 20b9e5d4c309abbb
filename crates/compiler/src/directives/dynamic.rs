//! Tells `next/dynamic` in the ssr graph which modules a call loads, so that the document can name their scripts.
//!
//! ```js
//! const Chart = dynamic(() => import("./chart"));
//! // becomes
//! const Chart = dynamic(() => import("./chart"), void 0, ["<id of this file and ./chart>"]);
//! ```
//!
//! And refuses `ssr: false` in server components, where nothing is left to the browser.

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    Argument, CallExpression, Expression, ImportDeclarationSpecifier, ImportExpression, ObjectPropertyKind, Program,
    Statement,
};
use oxc::ast_visit::{Visit, VisitMut, walk, walk_mut};
use oxc::span::{GetSpan as _, Span};

use super::fragment::{expression, quoted};
use super::{ModuleContext, bare, reference_id};
use crate::diagnostics::Diagnostic;

/// The id under which the scripts of `import(specifier)` in the module at `path_id` are known.
pub(crate) fn dynamic_id(path_id: &str, specifier: &str) -> String {
    reference_id(&format!("{path_id} -> {specifier}"))
}

/// Adds the ids of what is imported to each call of `dynamic`.
pub(super) fn name_modules<'a>(program: &mut Program<'a>, allocator: &'a Allocator, context: &ModuleContext<'_>) {
    if let Some(local) = local_name(program) {
        Namer { local, allocator, path_id: context.path_id }.visit_program(program);
    }
}

/// Reports `dynamic(…, { ssr: false })` in a module of the react-server graph.
pub(super) fn refuse_browser_only(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    let Some(local) = local_name(program) else { return };
    let mut found = BrowserOnly { local, spans: Vec::new() };
    found.visit_program(program);
    problems.extend(found.spans.into_iter().map(|span| {
        context
            .error(
                span,
                "`ssr: false` is not allowed with `next/dynamic` in Server Components",
                "only a client component can be left to the browser",
            )
            .with_code("vinext::dynamic_in_server_component")
            .with_help("move the call of `dynamic` to a file with \"use client\"")
    }));
}

/// What the module calls the default export of `next/dynamic`.
fn local_name(program: &Program<'_>) -> Option<String> {
    program.body.iter().find_map(|statement| match statement {
        Statement::ImportDeclaration(import) if matches!(&*import.source.value, "next/dynamic" | "next/dynamic.js") => {
            import.specifiers.iter().flatten().find_map(|specifier| match specifier {
                ImportDeclarationSpecifier::ImportDefaultSpecifier(item) => Some(item.local.name.to_string()),
                ImportDeclarationSpecifier::ImportSpecifier(item) if item.imported.name() == "default" => {
                    Some(item.local.name.to_string())
                }
                _ => None,
            })
        }
        _ => None,
    })
}

fn calls(call: &CallExpression<'_>, local: &str) -> bool {
    matches!(&call.callee, Expression::Identifier(callee) if callee.name == local)
}

struct Namer<'a, 'b> {
    local: String,
    allocator: &'a Allocator,
    path_id: &'b str,
}

impl<'a> VisitMut<'a> for Namer<'a, '_> {
    fn visit_call_expression(&mut self, call: &mut CallExpression<'a>) {
        walk_mut::walk_call_expression(self, call);
        if !calls(call, &self.local) || call.arguments.is_empty() || call.arguments.len() > 2 {
            return;
        }
        let mut found = Imports::default();
        call.arguments.iter().for_each(|argument| found.visit_argument(argument));
        if found.specifiers.is_empty() {
            return;
        }
        let ids: Vec<String> =
            found.specifiers.iter().map(|specifier| quoted(&dynamic_id(self.path_id, specifier))).collect();
        if call.arguments.len() == 1
            && let Some(nothing) = expression(self.allocator, "void 0")
        {
            call.arguments.push(Argument::from(nothing));
        }
        if let Some(list) = expression(self.allocator, &format!("[{}]", ids.join(", "))) {
            call.arguments.push(Argument::from(list));
        }
    }
}

/// What is imported by `import("literal")`.
#[derive(Default)]
struct Imports {
    specifiers: Vec<String>,
}

impl<'a> Visit<'a> for Imports {
    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Expression::StringLiteral(source) = &import.source {
            self.specifiers.push(source.value.to_string());
        }
        walk::walk_import_expression(self, import);
    }
}

struct BrowserOnly {
    local: String,
    spans: Vec<Span>,
}

impl<'a> Visit<'a> for BrowserOnly {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if calls(call, &self.local) {
            let options = call.arguments.iter().filter_map(Argument::as_expression).map(bare);
            for option in options {
                let Expression::ObjectExpression(object) = option else { continue };
                self.spans.extend(object.properties.iter().filter_map(|property| match property {
                    ObjectPropertyKind::ObjectProperty(property)
                        if property.key.static_name().is_some_and(|name| name == "ssr")
                            && matches!(bare(&property.value), Expression::BooleanLiteral(value) if !value.value) =>
                    {
                        Some(property.span())
                    }
                    _ => None,
                }));
            }
        }
        walk::walk_call_expression(self, call);
    }
}
