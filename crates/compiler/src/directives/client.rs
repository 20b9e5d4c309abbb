//! `"use client"` in the react-server graph: the module becomes a list of references.

use std::fmt::Write as _;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Program, Statement};

use super::exports::Export;
use super::fragment::{export_name, quoted, statements};
use super::{ModuleContext, commonjs, reference_id};
use crate::diagnostics::Diagnostic;

/// Reports what a module of references cannot express.
pub(super) fn check(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    for statement in &program.body {
        if let Statement::ExportAllDeclaration(export) = statement
            && !export.export_kind.is_type()
            && export.exported.is_none()
        {
            problems.push(
                context
                    .error(export.span, "a \"use client\" file cannot `export *`", "these names are not known here")
                    .with_code("vinext::client_export_star")
                    .with_help("export each component by name: export { Button } from \"./button\""),
            );
        }
    }
}

/// Replaces the module's body by a reference per export, and gives the names of those.
pub(super) fn replace_by_references<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    exports: &[Export],
) -> Vec<String> {
    let names =
        commonjs::exports(program).unwrap_or_else(|| exports.iter().map(|export| export.name.clone()).collect());
    let id = quoted(&reference_id(context.path_id));
    let mut code = String::from("import { registerClientReference } from \"react-server-dom-webpack/server.node\";\n");
    for (index, name) in names.iter().enumerate() {
        let message = if name == "default" {
            format!(
                "Attempted to call the default export of {} from the server, but it's on the client. It can only be \
                 rendered as a component or passed to props of a client component.",
                context.file_name
            )
        } else {
            format!(
                "Attempted to call {name}() from the server but {name} is on the client. It can only be rendered as a \
                 component or passed to props of a client component."
            )
        };
        let message = quoted(&message);
        let call = format!(
            "/*#__PURE__*/ registerClientReference(function () {{ throw new Error({message}); }}, {id}, {})",
            quoted(name)
        );
        let _ = match name.as_str() {
            "default" => writeln!(code, "export default {call};"),
            _ => writeln!(code, "const r{index} = {call};\nexport {{ r{index} as {} }};", export_name(name)),
        };
    }
    program.body = statements(allocator, &code);
    program.directives.clear();
    program.comments.clear();
    names
}
