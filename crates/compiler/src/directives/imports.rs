//! What a module asks of others by name.

use oxc::ast::ast::{ImportDeclarationSpecifier, Program, Statement};

/// The names that `program` imports or passes on, whoever they come from; `*` is everything.
pub(super) fn names(program: &Program<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) => {
                for specifier in import.specifiers.iter().flatten() {
                    names.push(match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(specifier) => specifier.imported.name().to_string(),
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => "default".to_owned(),
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => "*".to_owned(),
                    });
                }
            }
            Statement::ExportFromDeclaration(export) => {
                names.extend(export.specifiers.iter().map(|specifier| specifier.local.name().to_string()));
            }
            Statement::ExportAllDeclaration(_) => names.push("*".to_owned()),
            _ => {}
        }
    }
    names
}
