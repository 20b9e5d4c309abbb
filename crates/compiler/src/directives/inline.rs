//! Functions that say `"use server"` themselves: hoisted to the module's top, registered, and bound to what they capture.

use std::collections::VecDeque;
use std::fmt::Write as _;

use oxc::allocator::{Allocator, TakeIn as _};
use oxc::ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, Directive as DirectiveNode, Expression, FormalParameters, Function,
    FunctionBody, FunctionType, IdentifierReference, MethodDefinition, ObjectProperty, Program, PropertyKind, Statement,
};
use oxc::ast_visit::{Visit, VisitMut, walk, walk_mut};
use oxc::semantic::{Scoping, SemanticBuilder};
use oxc::span::{GetSpan as _, Span};
use oxc::syntax::scope::{ScopeFlags, ScopeId};

use super::fragment::{expression, quoted, statements};
use super::{ActionInfo, ModuleContext, reference_id};
use crate::diagnostics::Diagnostic;

/// A function to hoist.
#[derive(Debug)]
struct Found {
    span: Span,
    name: String,
    captured: Vec<String>,
    /// Declared at the module's top under this name: it stays where it is.
    stays_as: Option<String>,
}

/// Hoists the inline server functions of a module in the react-server graph.
pub(super) fn hoist<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
) -> Result<Vec<ActionInfo>, Vec<Diagnostic>> {
    let semantic = SemanticBuilder::new().build(program).semantic;
    let scoping = semantic.into_scoping();
    let mut finder = Finder { scoping: &scoping, context, found: Vec::new(), problems: Vec::new(), depth: 0 };
    finder.visit_program(program);
    let Finder { found, problems, .. } = finder;
    if !problems.is_empty() {
        return Err(problems);
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let id = reference_id(context.path_id);
    let mut code = String::from("import { registerServerReference as $$register } from \"react-server-dom-webpack/server.node\";\n");
    let mut exports = String::new();
    for Found { name, stays_as, .. } in &found {
        let local = stays_as.as_deref().unwrap_or(name);
        let _ = writeln!(code, "$$register({local}, {}, {});", quoted(&id), quoted(name));
        if stays_as.is_some() {
            let _ = writeln!(exports, "export {{ {local} as {name} }};");
        }
    }
    let actions = found.iter().map(|found| ActionInfo { id: format!("{id}#{}", found.name), name: found.name.clone() });
    let actions = actions.collect();

    let mut hoister = Hoister { allocator, found: found.into(), hoisted: Vec::new() };
    hoister.visit_program(program);
    let hoisted = hoister.hoisted;
    // Function declarations are initialised before anything runs, so registering them may come first.
    let first = program.body.iter().position(|statement| !matches!(statement, Statement::ImportDeclaration(_)));
    let first = first.unwrap_or(program.body.len());
    let mut rest = program.body.split_off(first);
    program.body.extend(statements(allocator, &code));
    program.body.append(&mut rest);
    program.body.extend(hoisted);
    program.body.extend(statements(allocator, &exports));
    Ok(actions)
}

/// Reports inline server functions where there can be none.
pub(super) fn refuse(program: &Program<'_>, context: &ModuleContext<'_>) -> Result<(), Vec<Diagnostic>> {
    let mut refuser = Refuser { context, problems: Vec::new() };
    refuser.visit_program(program);
    if refuser.problems.is_empty() { Ok(()) } else { Err(refuser.problems) }
}

fn use_server(directives: &[DirectiveNode<'_>]) -> Option<Span> {
    directives.iter().find(|directive| directive.expression.value == "use server").map(|directive| directive.span)
}

struct Refuser<'c, 's> {
    context: &'c ModuleContext<'s>,
    problems: Vec<Diagnostic>,
}

impl<'a> Visit<'a> for Refuser<'_, '_> {
    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        if let Some(span) = use_server(&body.directives) {
            self.problems.push(
                self.context
                    .error(span, "a client component cannot define a server function", "\"use server\" in client code")
                    .with_code("vinext::server_function_in_client")
                    .with_help("move the function to a file that starts with \"use server\", and import it"),
            );
        }
        walk::walk_function_body(self, body);
    }
}

struct Finder<'c, 's> {
    scoping: &'c Scoping,
    context: &'c ModuleContext<'s>,
    found: Vec<Found>,
    problems: Vec<Diagnostic>,
    /// How many functions are around.
    depth: usize,
}

impl Finder<'_, '_> {
    fn add(&mut self, span: Span, is_async: bool, stays_as: Option<String>, captured: Vec<String>) {
        if !is_async {
            self.problems.push(
                self.context
                    .error(span, "a server function must be async", "add `async`")
                    .with_code("vinext::server_function_async")
                    .with_help("what the browser calls over the network always answers later"),
            );
            return;
        }
        let name = format!("$$ACTION_{}", self.found.len());
        self.found.push(Found { span, name, captured, stays_as });
    }

    fn unsupported(&mut self, span: Span) {
        self.problems.push(
            self.context
                .error(span, "a method cannot be a server function", "\"use server\" in a method")
                .with_code("vinext::server_function_method")
                .with_help("write it as a function: `save: async () => { \"use server\"; … }`"),
        );
    }
}

impl<'a> Visit<'a> for Finder<'_, '_> {
    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        let directive = function.body.as_ref().and_then(|body| use_server(&body.directives));
        if directive.is_some() {
            let captured = captures(self.scoping, function.scope_id.get(), |visitor| visitor.visit_function(function, flags));
            let declared = function.r#type == FunctionType::FunctionDeclaration && self.depth == 0;
            let stays_as = function.id.as_ref().filter(|_| declared).map(|id| id.name.to_string());
            self.add(function.span, function.r#async, stays_as, captured);
            return;
        }
        self.depth += 1;
        walk::walk_function(self, function, flags);
        self.depth -= 1;
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        if let ArrowFunctionBody::FunctionBody(body) = &arrow.body
            && use_server(&body.directives).is_some()
        {
            let captured =
                captures(self.scoping, arrow.scope_id.get(), |visitor| visitor.visit_arrow_function_expression(arrow));
            self.add(arrow.span, arrow.r#async, None, captured);
            return;
        }
        self.depth += 1;
        walk::walk_arrow_function_expression(self, arrow);
        self.depth -= 1;
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        match method.value.body.as_ref().and_then(|body| use_server(&body.directives)) {
            Some(span) => self.unsupported(span),
            None => walk::walk_method_definition(self, method),
        }
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if (property.method || property.kind != PropertyKind::Init)
            && let Expression::FunctionExpression(function) = &property.value
            && let Some(span) = function.body.as_ref().and_then(|body| use_server(&body.directives))
        {
            self.unsupported(span);
            return;
        }
        walk::walk_object_property(self, property);
    }
}

/// The bindings of surrounding functions that a function uses, in the order of their first use.
fn captures(scoping: &Scoping, scope: Option<ScopeId>, visit: impl FnOnce(&mut Captures<'_>)) -> Vec<String> {
    let Some(scope) = scope else { return Vec::new() };
    let mut captures = Captures { scoping, scope, names: Vec::new() };
    visit(&mut captures);
    captures.names
}

struct Captures<'s> {
    scoping: &'s Scoping,
    scope: ScopeId,
    names: Vec<String>,
}

impl<'a> Visit<'a> for Captures<'_> {
    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        let Some(reference) = identifier.reference_id.get().map(|id| self.scoping.get_reference(id)) else { return };
        if !reference.is_value() {
            return;
        }
        let Some(symbol) = reference.symbol_id() else { return };
        let home = self.scoping.symbol_scope_id(symbol);
        let is_own = self.scoping.scope_ancestors(home).any(|ancestor| ancestor == self.scope);
        let is_global = home == self.scoping.root_scope_id();
        if !is_own && !is_global && !self.names.iter().any(|name| name == identifier.name.as_str()) {
            self.names.push(identifier.name.to_string());
        }
    }
}

struct Hoister<'a> {
    allocator: &'a Allocator,
    found: VecDeque<Found>,
    hoisted: Vec<Statement<'a>>,
}

impl<'a> Hoister<'a> {
    fn next(&mut self, span: Span) -> Option<Found> {
        (self.found.front()?.span == span).then(|| self.found.pop_front()).flatten()
    }

    /// `export async function NAME(captured…, parameters…) { body }`
    fn lift(
        &mut self,
        found: &Found,
        mut parameters: oxc::allocator::Box<'a, FormalParameters<'a>>,
        mut body: oxc::allocator::Box<'a, FunctionBody<'a>>,
    ) {
        body.directives.retain(|directive| directive.expression.value != "use server");
        let code = format!("export async function {}({}) {{}}", found.name, found.captured.join(", "));
        let mut declaration = statements(self.allocator, &code);
        if let Some(Statement::ExportDeclaration(export)) = declaration.first_mut()
            && let oxc::ast::ast::Declaration::FunctionDeclaration(function) = &mut export.declaration
        {
            function.params.items.append(&mut parameters.items);
            function.params.rest = parameters.rest.take();
            function.body = Some(body);
        }
        self.hoisted.extend(declaration);
    }

    /// What stands in the function's place.
    fn reference(&self, found: &Found) -> Option<Expression<'a>> {
        expression(self.allocator, &bind_captures(&found.name, &found.captured))
    }
}

/// The reference with its captured values bound. What is bound travels to the browser and back.
fn bind_captures(name: &str, captured: &[String]) -> String {
    if captured.is_empty() { name.to_owned() } else { format!("{name}.bind(null, {})", captured.join(", ")) }
}

impl<'a> VisitMut<'a> for Hoister<'a> {
    fn visit_expression(&mut self, node: &mut Expression<'a>) {
        let found = match node {
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => self.next(node.span()),
            _ => None,
        };
        let Some(found) = found else {
            walk_mut::walk_expression(self, node);
            return;
        };
        let Some(reference) = self.reference(&found) else { return };
        match std::mem::replace(node, reference) {
            Expression::ArrowFunctionExpression(mut arrow) => {
                if let ArrowFunctionBody::FunctionBody(body) = &mut arrow.body {
                    let body = body.take_in_box(&self.allocator);
                    let parameters = arrow.params.take_in_box(&self.allocator);
                    self.lift(&found, parameters, body);
                }
            }
            Expression::FunctionExpression(mut function) => {
                if let Some(body) = function.body.take() {
                    let parameters = function.params.take_in_box(&self.allocator);
                    self.lift(&found, parameters, body);
                }
            }
            _ => {}
        }
    }

    fn visit_statement(&mut self, node: &mut Statement<'a>) {
        let span = match node {
            Statement::FunctionDeclaration(function) => function.span,
            Statement::ExportDeclaration(export) => match &export.declaration {
                oxc::ast::ast::Declaration::FunctionDeclaration(function) => function.span,
                _ => return walk_mut::walk_statement(self, node),
            },
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                oxc::ast::ast::ExportDefaultDeclarationKind::FunctionDeclaration(function) => function.span,
                _ => return walk_mut::walk_statement(self, node),
            },
            _ => return walk_mut::walk_statement(self, node),
        };
        let Some(found) = self.next(span) else { return walk_mut::walk_statement(self, node) };
        if found.stays_as.is_some() {
            strip_directive(node);
            return;
        }
        let Statement::FunctionDeclaration(function) = node else { return };
        let local = function.id.as_ref().map(|id| id.name.to_string()).unwrap_or_default();
        let (Some(body), parameters) = (function.body.take(), function.params.take_in_box(&self.allocator)) else { return };
        self.lift(&found, parameters, body);
        // `var`, because the declaration could be used before its line as well.
        let code = format!("var {local} = {};", bind_captures(&found.name, &found.captured));
        if let Some(statement) = statements(self.allocator, &code).into_iter().next() {
            *node = statement;
        }
    }
}

fn strip_directive(node: &mut Statement<'_>) {
    use oxc::ast::ast::{Declaration, ExportDefaultDeclarationKind};
    let function = match node {
        Statement::FunctionDeclaration(function) => Some(function),
        Statement::ExportDeclaration(export) => match &mut export.declaration {
            Declaration::FunctionDeclaration(function) => Some(function),
            _ => None,
        },
        Statement::ExportDefaultDeclaration(export) => match &mut export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => Some(function),
            _ => None,
        },
        _ => None,
    };
    if let Some(body) = function.and_then(|function| function.body.as_mut()) {
        body.directives.retain(|directive| directive.expression.value != "use server");
    }
}
