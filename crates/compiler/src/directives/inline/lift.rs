//! Moves inline server functions to the module's top and leaves their references behind.

use std::collections::VecDeque;

use oxc::allocator::{Allocator, Box as ArenaBox, TakeIn as _, Vec as ArenaVec};
use oxc::ast::ast::{
    ArrowFunctionBody, Declaration, ExportDefaultDeclarationKind, Expression, FormalParameters, Function, FunctionBody,
    Statement,
};
use oxc::ast_visit::{VisitMut, walk_mut};
use oxc::span::{GetSpan as _, Span};

use super::super::fragment::{expression, name_default_function, quoted, statements};
use super::find::{Captured, Found, Place};
use super::strip_directive;

/// Walks the program in the order in which the functions were found.
pub(super) struct Lifter<'a> {
    allocator: &'a Allocator,
    /// With their ids.
    found: VecDeque<(String, Found)>,
    hoisted: Vec<Statement<'a>>,
    /// Whether the next list of statements is a function's body.
    enters_function: bool,
}

impl<'a> Lifter<'a> {
    pub(super) fn new(allocator: &'a Allocator, found: Vec<(String, Found)>) -> Self {
        Self { allocator, found: found.into(), hoisted: Vec::new(), enters_function: false }
    }

    /// The functions that were lifted.
    pub(super) fn into_hoisted(self) -> Vec<Statement<'a>> {
        self.hoisted
    }

    fn next(&mut self, span: Span) -> Option<(String, Found)> {
        self.found.pop_front_if(|(_, found)| found.span == span)
    }

    /// `export async function NAME(captured…, parameters…) { body }`
    fn lift(
        &mut self,
        id: &str,
        found: &Found,
        mut parameters: ArenaBox<'a, FormalParameters<'a>>,
        mut body: ArenaBox<'a, FunctionBody<'a>>,
    ) {
        self.visit_formal_parameters(&mut parameters);
        self.visit_function_body(&mut body);
        strip_directive(&mut body);
        if let Some(own) = &found.own_name {
            let code = format!("const {own} = {};", bind_captures(id, found));
            let mut statements = statements(self.allocator, &code);
            statements.append(&mut body.statements);
            body.statements = statements;
        }
        let code = format!("export async function {}({}) {{}}", found.name, names(&found.captured));
        let mut declaration = statements(self.allocator, &code);
        if let Some(Statement::ExportDeclaration(export)) = declaration.first_mut()
            && let Declaration::FunctionDeclaration(function) = &mut export.declaration
        {
            function.params.items.append(&mut parameters.items);
            function.params.rest = parameters.rest.take();
            function.body = Some(body);
        }
        self.hoisted.extend(declaration);
    }

    /// Lifts a function declared in a block and gives what declares its reference there.
    fn lift_declaration(
        &mut self,
        function: &mut Function<'a>,
        id: &str,
        found: &Found,
        local: &str,
        in_function: bool,
    ) -> Option<Statement<'a>> {
        let body = function.body.take()?;
        let parameters = function.params.take_in_box(&self.allocator);
        self.lift(id, found, parameters, body);
        // In a function, a declaration may share its name with a parameter or another declaration; in a block, its name
        // must not be seen outside.
        let kind = if in_function { "var" } else { "const" };
        let code = format!("{kind} {local} = {};", bind_captures(id, found));
        statements(self.allocator, &code).into_iter().next()
    }

    /// A function of the module's top: it stays.
    fn keep(&mut self, function: &mut Function<'a>) {
        if self.next(function.span).is_some()
            && let Some(body) = &mut function.body
        {
            strip_directive(body);
        }
    }
}

/// The reference with its captured values bound. What is bound travels to the browser and back.
fn bind_captures(id: &str, Found { name, captured, .. }: &Found) -> String {
    if captured.is_empty() {
        return name.clone();
    }
    format!("{name}$opened.bind(null, $$seal({}, [{}]))", quoted(id), names(captured))
}

fn names(captured: &[Captured]) -> String {
    captured.iter().map(|captured| captured.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl<'a> VisitMut<'a> for Lifter<'a> {
    fn visit_expression(&mut self, node: &mut Expression<'a>) {
        let found = match node {
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => self.next(node.span()),
            _ => None,
        };
        let Some((id, found)) = found else {
            walk_mut::walk_expression(self, node);
            return;
        };
        let Some(reference) = expression(self.allocator, &bind_captures(&id, &found)) else { return };
        match std::mem::replace(node, reference) {
            Expression::ArrowFunctionExpression(mut arrow) => {
                if let ArrowFunctionBody::FunctionBody(body) = &mut arrow.body {
                    let body = body.take_in_box(&self.allocator);
                    let parameters = arrow.params.take_in_box(&self.allocator);
                    self.lift(&id, &found, parameters, body);
                }
            }
            Expression::FunctionExpression(mut function) => {
                if let Some(body) = function.body.take() {
                    let parameters = function.params.take_in_box(&self.allocator);
                    self.lift(&id, &found, parameters, body);
                }
            }
            _ => {}
        }
    }

    fn visit_statement(&mut self, node: &mut Statement<'a>) {
        match node {
            Statement::FunctionDeclaration(function) => self.keep(function),
            Statement::ExportDeclaration(export) => {
                if let Declaration::FunctionDeclaration(function) = &mut export.declaration {
                    self.keep(function);
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                if let ExportDefaultDeclarationKind::FunctionDeclaration(function) = &mut export.declaration
                    && self.found.front().is_some_and(|(_, found)| found.span == function.span)
                {
                    name_default_function(function, self.allocator);
                    self.keep(function);
                }
            }
            _ => {}
        }
        walk_mut::walk_statement(self, node);
    }

    fn visit_function_body(&mut self, body: &mut FunctionBody<'a>) {
        self.enters_function = true;
        walk_mut::walk_function_body(self, body);
        self.enters_function = false;
    }

    fn visit_statements(&mut self, list: &mut ArenaVec<'a, Statement<'a>>) {
        let in_function = std::mem::take(&mut self.enters_function);
        let mut moves = Moves::of(list);
        for (index, statement) in list.iter_mut().enumerate() {
            let declared = match statement {
                Statement::FunctionDeclaration(function) => self
                    .found
                    .pop_front_if(|(_, found)| {
                        found.span == function.span && matches!(found.place, Place::Declared { .. })
                    })
                    .map(|(id, found)| (function, id, found)),
                _ => None,
            };
            let Some((function, id, found)) = declared else {
                self.visit_statement(statement);
                continue;
            };
            let Place::Declared { local, is_used_before } = &found.place else { continue };
            if let Some(reference) = self.lift_declaration(function, &id, &found, local, in_function) {
                *statement = reference;
                moves.place(index, *is_used_before, &found.captured);
            }
        }
        moves.apply(list, self.allocator);
    }
}

/// Where the references of functions that were declared in one list of statements go.
///
/// A function can be used above its declaration; its reference cannot, and it can only be bound to what is there. So it
/// stays in place unless something above uses it or something below is captured; then it follows the last declaration
/// that it captures, or comes first.
struct Moves {
    spans: Vec<Span>,
    is_function: Vec<bool>,
    /// For each statement that moves: after which one it goes, or first of all.
    targets: Vec<(usize, Option<usize>)>,
}

impl Moves {
    fn of(list: &[Statement<'_>]) -> Self {
        Self {
            spans: list.iter().map(oxc::span::GetSpan::span).collect(),
            is_function: list.iter().map(|item| matches!(item, Statement::FunctionDeclaration(_))).collect(),
            targets: Vec::new(),
        }
    }

    fn place(&mut self, index: usize, is_used_before: bool, captured: &[Captured]) {
        // From now on a reference, which is there when its line has run.
        self.is_function[index] = false;
        let target = captured
            .iter()
            .filter_map(|captured| self.statement_at(captured.declared_at))
            .filter(|&statement| !self.is_function[statement])
            .filter_map(|statement| match self.targets.iter().find(|(moved, _)| *moved == statement) {
                Some((_, target)) => *target,
                None => Some(statement),
            })
            .max();
        if is_used_before || target.is_some_and(|target| target > index) {
            self.targets.push((index, target));
        }
    }

    fn statement_at(&self, offset: u32) -> Option<usize> {
        self.spans.iter().position(|span| span.start <= offset && offset < span.end)
    }

    fn apply<'a>(self, list: &mut ArenaVec<'a, Statement<'a>>, allocator: &'a Allocator) {
        if self.targets.is_empty() {
            return;
        }
        let mut statements: Vec<Option<Statement<'a>>> = list.take_in(&allocator).into_iter().map(Some).collect();
        let moved =
            |to: Option<usize>| self.targets.iter().filter(move |(_, target)| *target == to).map(|(from, _)| *from);
        let mut order: Vec<usize> = moved(None).collect();
        for index in 0..statements.len() {
            if !self.targets.iter().any(|(from, _)| *from == index) {
                order.push(index);
            }
            order.extend(moved(Some(index)));
        }
        list.extend(order.into_iter().filter_map(|index| statements[index].take()));
    }
}
