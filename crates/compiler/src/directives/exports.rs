//! What a module exports.

use oxc::ast::ast::{Declaration, ExportDefaultDeclarationKind, Program, Statement};
use oxc::span::{GetSpan as _, Span};

/// An exported value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    /// The name others import it by.
    pub(super) name: String,
    /// Where it is exported.
    pub(super) span: Span,
}

/// The values that `program` exports by name, in source order. `export *` has no names to give.
pub(super) fn of(program: &Program<'_>) -> Vec<Export> {
    let mut exports: Vec<Export> = Vec::new();
    let mut add = |name: String, span: Span| {
        if !exports.iter().any(|export| export.name == name) {
            exports.push(Export { name, span });
        }
    };
    for statement in &program.body {
        match statement {
            Statement::ExportDefaultDeclaration(export) => {
                if !matches!(export.declaration, ExportDefaultDeclarationKind::TSInterfaceDeclaration(_)) {
                    add("default".to_owned(), export.span);
                }
            }
            Statement::ExportDeclaration(export) => declared(&export.declaration, &mut add),
            Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                    add(specifier.exported.name().to_string(), specifier.span);
                }
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                    add(specifier.exported.name().to_string(), specifier.span);
                }
            }
            Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => {
                if let Some(name) = &export.exported {
                    add(name.name().to_string(), export.span);
                }
            }
            _ => {}
        }
    }
    exports
}

fn declared(declaration: &Declaration<'_>, add: &mut impl FnMut(String, Span)) {
    match declaration {
        Declaration::FunctionDeclaration(function) if !function.declare && function.body.is_some() => {
            if let Some(id) = &function.id {
                add(id.name.to_string(), function.span);
            }
        }
        Declaration::ClassDeclaration(class) if !class.declare => {
            if let Some(id) = &class.id {
                add(id.name.to_string(), class.span);
            }
        }
        Declaration::VariableDeclaration(variables) if !variables.declare => {
            for declarator in &variables.declarations {
                for id in declarator.id.get_binding_identifiers() {
                    add(id.name.to_string(), id.span);
                }
            }
        }
        Declaration::TSEnumDeclaration(item) if !item.declare => add(item.id.name.to_string(), item.span()),
        _ => {}
    }
}
