//! What a module exports.

use oxc::ast::ast::{
    Declaration, ExportDefaultDeclarationKind, ExportSpecifier, Function, ImportDeclarationSpecifier, Program,
    Statement,
};
use oxc::span::{GetSpan as _, Span};
use rustc_hash::FxHashSet;

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
    let types = types(program);
    let mut exports: Vec<Export> = Vec::new();
    let mut add = |name: &str, span: Span| {
        if !exports.iter().any(|export| export.name == name) {
            exports.push(Export { name: name.to_owned(), span });
        }
    };
    for statement in &program.body {
        match statement {
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
                ExportDefaultDeclarationKind::FunctionDeclaration(function) if is_signature(function) => {}
                _ => add("default", export.span),
            },
            Statement::ExportDeclaration(export) => declared(&export.declaration, &mut add),
            Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in values(&export.specifiers, &types) {
                    add(specifier.exported.name().as_str(), specifier.span);
                }
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                    add(specifier.exported.name().as_str(), specifier.span);
                }
            }
            Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => {
                if let Some(name) = &export.exported {
                    add(name.name().as_str(), export.span);
                }
            }
            _ => {}
        }
    }
    exports
}

fn declared(declaration: &Declaration<'_>, add: &mut impl FnMut(&str, Span)) {
    match declaration {
        Declaration::FunctionDeclaration(function) if !is_signature(function) => {
            if let Some(id) = &function.id {
                add(&id.name, function.span);
            }
        }
        Declaration::ClassDeclaration(class) if !class.declare => {
            if let Some(id) = &class.id {
                add(&id.name, class.span);
            }
        }
        Declaration::VariableDeclaration(variables) if !variables.declare => {
            for declarator in &variables.declarations {
                for id in declarator.id.get_binding_identifiers() {
                    add(&id.name, id.span);
                }
            }
        }
        Declaration::TSEnumDeclaration(item) if !item.declare => add(&item.id.name, item.span()),
        _ => {}
    }
}

/// Whether a function is a type only: an overload, or ambient.
pub(super) fn is_signature(function: &Function<'_>) -> bool {
    function.declare || function.body.is_none()
}

/// The specifiers of `export { … }` that export values.
pub(super) fn values<'b, 'a>(
    specifiers: &'b [ExportSpecifier<'a>],
    types: &'b FxHashSet<&str>,
) -> impl Iterator<Item = &'b ExportSpecifier<'a>> {
    specifiers
        .iter()
        .filter(|specifier| !specifier.export_kind.is_type() && !types.contains(specifier.local.name().as_str()))
}

/// The names at the module's top that are types and nothing else. TypeScript lets `export { T }` export them.
pub(super) fn types<'b>(program: &'b Program<'_>) -> FxHashSet<&'b str> {
    let mut types = FxHashSet::default();
    let mut values = FxHashSet::default();
    for statement in &program.body {
        match statement {
            Statement::TSInterfaceDeclaration(item) => {
                types.insert(item.id.name.as_str());
            }
            Statement::TSTypeAliasDeclaration(item) => {
                types.insert(item.id.name.as_str());
            }
            Statement::ImportDeclaration(import) => {
                for specifier in import.specifiers.iter().flatten() {
                    let is_type = import.import_kind.is_type()
                        || matches!(specifier, ImportDeclarationSpecifier::ImportSpecifier(item) if item.import_kind.is_type());
                    if is_type {
                        types.insert(specifier.local().name.as_str());
                    }
                }
            }
            Statement::VariableDeclaration(item) => {
                for declarator in &item.declarations {
                    values.extend(declarator.id.get_binding_identifiers().iter().map(|id| id.name.as_str()));
                }
            }
            Statement::FunctionDeclaration(item) => values.extend(item.id.as_ref().map(|id| id.name.as_str())),
            _ => {}
        }
    }
    // A component and its props may share a name.
    types.retain(|name| !values.contains(name));
    types
}
