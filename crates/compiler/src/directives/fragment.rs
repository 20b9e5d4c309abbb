//! Small pieces of generated code, parsed into the module's own arena.

use oxc::allocator::{Allocator, Vec as ArenaVec};
use oxc::ast::ast::{Expression, Statement};
use oxc::parser::Parser;
use oxc::span::SourceType;

/// The statements of `code`, which is ours and parses.
pub(super) fn statements<'a>(allocator: &'a Allocator, code: &str) -> ArenaVec<'a, Statement<'a>> {
    let code = allocator.alloc_str(code);
    let parsed = Parser::new(allocator, code, SourceType::mjs()).parse();
    debug_assert!(!parsed.panicked, "generated code parses: {code}");
    parsed.program.body
}

/// The expression `code`, which is ours and parses.
pub(super) fn expression<'a>(allocator: &'a Allocator, code: &str) -> Option<Expression<'a>> {
    let code = allocator.alloc_str(code);
    Parser::new(allocator, code, SourceType::mjs()).parse_expression().ok()
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
