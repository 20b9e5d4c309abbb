//! The functions that a file exports which says `"use cache"` at its top.

use oxc::ast::ast::{Declaration, ExportDefaultDeclarationKind, Expression, Program, Statement};
use oxc::span::{GetSpan as _, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::exports::{is_signature, types, values};
use super::super::{ModuleContext, bare};
use crate::diagnostics::Diagnostic;

/// Where they stand; reports what is exported besides.
pub(super) fn spans(
    program: &Program<'_>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> FxHashSet<Span> {
    let types = types(program);
    let locals = locals(program);
    let mut found = FxHashSet::default();
    let mut take = |function: Option<Span>, exported: Span| match function {
        Some(span) => {
            found.insert(span);
        }
        None => problems.push(refused(context, exported)),
    };
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::FunctionDeclaration(function) if !is_signature(function) => {
                    take(Some(function.span), function.span);
                }
                Declaration::VariableDeclaration(variables) if !variables.declare => {
                    for declarator in &variables.declarations {
                        take(declarator.init.as_ref().and_then(function_in), declarator.span);
                    }
                }
                Declaration::ClassDeclaration(class) if !class.declare => take(None, class.span),
                Declaration::TSEnumDeclaration(item) if !item.declare => take(None, item.span),
                _ => {}
            },
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
                ExportDefaultDeclarationKind::FunctionDeclaration(function) if is_signature(function) => {}
                ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                    take(Some(function.span), function.span);
                }
                other => {
                    let function = other.as_expression().and_then(|expression| match bare(expression) {
                        Expression::Identifier(name) => locals.get(name.name.as_str()).copied(),
                        _ => function_in(expression),
                    });
                    take(function, export.span);
                }
            },
            Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in values(&export.specifiers, &types) {
                    take(locals.get(specifier.local.name().as_str()).copied(), specifier.span);
                }
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => take(None, export.span),
            Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => take(None, export.span),
            _ => {}
        }
    }
    found
}

/// The functions at the module's top, by name.
fn locals<'b>(program: &'b Program<'_>) -> FxHashMap<&'b str, Span> {
    let mut locals = FxHashMap::default();
    for statement in &program.body {
        match statement {
            Statement::FunctionDeclaration(function) if !is_signature(function) => {
                locals.extend(function.id.as_ref().map(|id| (id.name.as_str(), function.span)));
            }
            Statement::VariableDeclaration(item) if item.kind.is_const() => {
                for declarator in &item.declarations {
                    let function = declarator.init.as_ref().and_then(function_in);
                    let id = declarator.id.get_binding_identifier();
                    locals.extend(id.zip(function).map(|(id, span)| (id.name.as_str(), span)));
                }
            }
            _ => {}
        }
    }
    locals
}

fn function_in(expression: &Expression<'_>) -> Option<Span> {
    match bare(expression) {
        function @ (Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_)) => {
            Some(function.span())
        }
        _ => None,
    }
}

fn refused(context: &ModuleContext<'_>, span: Span) -> Diagnostic {
    context
        .error(span, "a \"use cache\" file can only export async functions", "not an async function")
        .with_code("vinext::cache_export")
        .with_help("write it as an async function, or move it to a file without \"use cache\"")
}
