//! Small pieces of generated code, parsed into the module's own arena.

use oxc::allocator::{Allocator, Vec as ArenaVec};
use oxc::ast::ast::{Expression, Function, Statement};
use oxc::ast_visit::VisitMut;
use oxc::parser::Parser;
use oxc::span::{SourceType, Span};

/// The name of a default export that has none.
pub(super) const DEFAULT: &str = "$$default";

/// The statements of `code`, which is ours and parses.
pub(super) fn statements<'a>(allocator: &'a Allocator, code: &str) -> ArenaVec<'a, Statement<'a>> {
    let code = allocator.alloc_str(code);
    let parsed = Parser::new(allocator, code, SourceType::mjs()).parse();
    debug_assert!(!parsed.panicked, "generated code parses: {code}");
    let mut body = parsed.program.body;
    Unplaced.visit_statements(&mut body);
    body
}

/// The expression `code`, which is ours and parses.
pub(super) fn expression<'a>(allocator: &'a Allocator, code: &str) -> Option<Expression<'a>> {
    let code = allocator.alloc_str(code);
    let mut expression = Parser::new(allocator, code, SourceType::mjs()).parse_expression().ok()?;
    Unplaced.visit_expression(&mut expression);
    Some(expression)
}

/// Takes away places in `code`: in the module's text they would mean something else, or lie beyond its end.
struct Unplaced;

impl VisitMut<'_> for Unplaced {
    fn visit_span(&mut self, span: &mut Span) {
        *span = Span::default();
    }
}

/// Gives a default export without a name the name [`DEFAULT`].
pub(super) fn name_default_function<'a>(function: &mut Function<'a>, allocator: &'a Allocator) {
    if function.id.is_none() {
        let mut named = statements(allocator, &format!("function {DEFAULT}() {{}}"));
        if let Some(Statement::FunctionDeclaration(named)) = named.first_mut() {
            function.id = named.id.take();
        }
    }
}

/// A JavaScript string literal.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether `name` can be written as an identifier. Others are exported as strings.
pub(super) fn is_identifier(name: &str) -> bool {
    oxc::syntax::identifier::is_identifier_name(name)
}

/// `name` in an export clause: `name`, or `"some name"`.
pub(super) fn export_name(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quoted(name) }
}
