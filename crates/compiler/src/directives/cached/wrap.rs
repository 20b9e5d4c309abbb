//! Moves the body of a cached function into a function of its own, which runs when nothing is kept.

use std::fmt::Write as _;

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    Argument, ArrowFunctionBody, ArrowFunctionExpression, Expression, Function, FunctionBody, Program, Statement,
};
use oxc::ast_visit::{VisitMut, walk_mut};
use oxc::span::Span;
use oxc::syntax::scope::ScopeFlags;
use rustc_hash::FxHashMap;

use super::super::fragment::{expression, quoted};
use super::find::Found;
use super::kind_of;

/// Wraps each function that was found.
pub(super) struct Wrapper<'a> {
    allocator: &'a Allocator,
    found: FxHashMap<Span, Found>,
}

impl<'a> Wrapper<'a> {
    pub(super) fn new(allocator: &'a Allocator, found: FxHashMap<Span, Found>) -> Self {
        Self { allocator, found }
    }

    /// `async (...$$args) => $$cached(KIND, ID, [CAPTURED], ARGUMENTS, async () => {}, $$args)`
    fn outside(&self, Found { kind, id, captured, arguments }: &Found) -> Option<ArrowFunctionExpression<'a>> {
        let mut code = String::from("async (...$$args) => { return $$cached(");
        let count = arguments.map_or_else(|| "null".to_owned(), |count| count.to_string());
        let _ = write!(
            code,
            "{}, {}, [{}], {count}, async () => {{}}, $$args); }}",
            quoted(kind),
            quoted(id),
            captured.join(", ")
        );
        match expression(self.allocator, &code)? {
            Expression::ArrowFunctionExpression(arrow) => Some(arrow.unbox()),
            _ => None,
        }
    }
}

/// The function within what [`Wrapper::outside`] gives.
fn inside<'b, 'a>(outside: &'b mut ArrowFunctionExpression<'a>) -> Option<&'b mut ArrowFunctionExpression<'a>> {
    let ArrowFunctionBody::FunctionBody(body) = &mut outside.body else { return None };
    let Some(Statement::ReturnStatement(statement)) = body.statements.first_mut() else { return None };
    let Some(Expression::CallExpression(call)) = &mut statement.argument else { return None };
    match call.arguments.get_mut(4) {
        Some(Argument::ArrowFunctionExpression(arrow)) => Some(arrow),
        _ => None,
    }
}

fn strip(body: &mut FunctionBody<'_>) {
    body.directives.retain(|directive| kind_of(&directive.expression.value).is_none());
}

impl<'a> VisitMut<'a> for Wrapper<'a> {
    fn visit_program(&mut self, program: &mut Program<'a>) {
        walk_mut::walk_program(self, program);
        program.directives.retain(|directive| kind_of(&directive.expression.value).is_none());
    }

    fn visit_function(&mut self, function: &mut Function<'a>, flags: ScopeFlags) {
        walk_mut::walk_function(self, function, flags);
        let Some(found) = self.found.remove(&function.span) else { return };
        let Some(mut outside) = self.outside(&found) else { return };
        let (Some(inside), Some(mut body)) = (inside(&mut outside), function.body.take()) else { return };
        strip(&mut body);
        std::mem::swap(&mut inside.params.items, &mut function.params.items);
        std::mem::swap(&mut inside.params.rest, &mut function.params.rest);
        inside.body = ArrowFunctionBody::FunctionBody(body);
        std::mem::swap(&mut function.params.rest, &mut outside.params.rest);
        if let ArrowFunctionBody::FunctionBody(body) = outside.body {
            function.body = Some(body);
        }
    }

    fn visit_arrow_function_expression(&mut self, arrow: &mut ArrowFunctionExpression<'a>) {
        walk_mut::walk_arrow_function_expression(self, arrow);
        let Some(found) = self.found.remove(&arrow.span) else { return };
        let Some(mut outside) = self.outside(&found) else { return };
        let Some(inside) = inside(&mut outside) else { return };
        if let ArrowFunctionBody::FunctionBody(body) = &mut arrow.body {
            strip(body);
        }
        std::mem::swap(&mut inside.params.items, &mut arrow.params.items);
        std::mem::swap(&mut inside.params.rest, &mut arrow.params.rest);
        std::mem::swap(&mut inside.body, &mut arrow.body);
        std::mem::swap(&mut arrow.params.rest, &mut outside.params.rest);
        std::mem::swap(&mut arrow.body, &mut outside.body);
    }
}
