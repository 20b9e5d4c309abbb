//! Files that say `"use server"`: their exports are functions that the browser may call.

use std::fmt::Write as _;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Declaration, ExportDefaultDeclarationKind, Expression, Program, Statement};
use oxc::span::{GetSpan as _, Span};

use super::exports::Export;
use super::fragment::{export_name, quoted, statements};
use super::{ActionInfo, Graph, ModuleContext, reference_id};
use crate::diagnostics::Diagnostic;

/// An exported function and the binding that holds it.
struct Exported {
    local: String,
    name: String,
}

/// Registers every export of the module as a server reference.
pub(super) fn register<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
) -> Result<Vec<ActionInfo>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut exported = Vec::new();
    let mut extra = String::new();
    for statement in &program.body {
        exports_of(statement, context, &mut exported, &mut extra, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    name_default(program, allocator);
    let id = quoted(&reference_id(context.path_id));
    let mut code = extra;
    if !exported.is_empty() {
        code.insert_str(0, "import { registerServerReference as $$register } from \"react-server-dom-webpack/server.node\";\n");
    }
    for Exported { local, name } in &exported {
        let _ = writeln!(
            code,
            "if (typeof {local} === \"function\") $$register({local}, {id}, {}); else throw new Error({});",
            quoted(name),
            quoted(&format!(
                "{}: a \"use server\" file can only export async functions, and `{name}` is not a function.",
                context.file_name
            )),
        );
    }
    program.body.extend(statements(allocator, &code));
    Ok(exported.into_iter().map(|export| action(context, export.name)).collect())
}

fn action(context: &ModuleContext<'_>, name: String) -> ActionInfo {
    ActionInfo { id: format!("{}#{name}", reference_id(context.path_id)), name }
}

fn exports_of(
    statement: &Statement<'_>,
    context: &ModuleContext<'_>,
    exported: &mut Vec<Exported>,
    extra: &mut String,
    problems: &mut Vec<Diagnostic>,
) {
    let mut refuse = |span: Span| {
        problems.push(
            context
                .error(span, "a \"use server\" file can only export async functions", "not an async function")
                .with_code("vinext::server_export")
                .with_help("make it `async`, or move it to a file without \"use server\""),
        );
    };
    match statement {
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::FunctionDeclaration(function) => match &function.id {
                Some(_) if function.declare || function.body.is_none() => {}
                Some(id) if function.r#async => {
                    exported.push(Exported { local: id.name.to_string(), name: id.name.to_string() });
                }
                _ => refuse(function.span),
            },
            Declaration::VariableDeclaration(variables) => {
                for declarator in &variables.declarations {
                    if declarator.init.as_ref().is_some_and(is_not_async_function) {
                        refuse(declarator.span);
                        continue;
                    }
                    for id in declarator.id.get_binding_identifiers() {
                        exported.push(Exported { local: id.name.to_string(), name: id.name.to_string() });
                    }
                }
            }
            Declaration::ClassDeclaration(class) => refuse(class.span),
            Declaration::TSEnumDeclaration(item) => refuse(item.span()),
            _ => {}
        },
        Statement::ExportDefaultDeclaration(export) => {
            let local = match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                    if !function.r#async {
                        return refuse(function.span);
                    }
                    function.id.as_ref().map_or_else(|| DEFAULT.to_owned(), |id| id.name.to_string())
                }
                ExportDefaultDeclarationKind::ClassDeclaration(class) => return refuse(class.span),
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => return,
                other => match other.as_expression() {
                    Some(expression) if is_not_async_function(expression) => return refuse(expression.span()),
                    _ => DEFAULT.to_owned(),
                },
            };
            exported.push(Exported { local, name: "default".to_owned() });
        }
        Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
            for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                exported.push(Exported {
                    local: specifier.local.name().to_string(),
                    name: specifier.exported.name().to_string(),
                });
            }
        }
        Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
            for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                let local = format!("$$from_{}", exported.len());
                let _ = writeln!(
                    extra,
                    "import {{ {} as {local} }} from {};",
                    export_name(&specifier.local.name()),
                    quoted(&export.source.value)
                );
                exported.push(Exported { local, name: specifier.exported.name().to_string() });
            }
        }
        Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => refuse(export.span),
        _ => {}
    }
}

/// The name of a default export that has none.
const DEFAULT: &str = "$$default";

/// Gives an anonymous default export a name: `const $$default = …; export { $$default as default }`.
fn name_default<'a>(program: &mut Program<'a>, allocator: &'a Allocator) {
    for index in 0..program.body.len() {
        let Statement::ExportDefaultDeclaration(export) = &mut program.body[index] else { continue };
        match &mut export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                if function.id.is_none() {
                    let mut named = statements(allocator, &format!("function {DEFAULT}() {{}}"));
                    if let Some(Statement::FunctionDeclaration(named)) = named.first_mut() {
                        function.id = named.id.take();
                    }
                }
            }
            declaration => {
                if declaration.as_expression().is_none() {
                    continue;
                }
                let mut code = statements(allocator, &format!("const {DEFAULT} = null;\nexport {{ {DEFAULT} as default }};"));
                if let Some(Statement::VariableDeclaration(variable)) = code.first_mut()
                    && let Some(declarator) = variable.declarations.first_mut()
                    && let Some(expression) = declaration.as_expression_mut()
                {
                    let placeholder = declarator.init.take();
                    if let Some(placeholder) = placeholder {
                        declarator.init = Some(std::mem::replace(expression, placeholder));
                    }
                }
                let mut code = code.into_iter();
                let (Some(variable), Some(clause)) = (code.next(), code.next()) else { continue };
                program.body[index] = variable;
                program.body.push(clause);
            }
        }
        return;
    }
}

/// Whether an expression certainly is something else than an async function.
fn is_not_async_function(expression: &Expression<'_>) -> bool {
    match expression.without_parentheses() {
        Expression::ArrowFunctionExpression(function) => !function.r#async,
        Expression::FunctionExpression(function) => !function.r#async,
        Expression::TSAsExpression(inner) => is_not_async_function(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => is_not_async_function(&inner.expression),
        Expression::ClassExpression(_)
        | Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::TemplateLiteral(_) => true,
        _ => false,
    }
}

/// Replaces the module, where only the browser's side of it is wanted, by functions that call the server.
pub(super) fn replace_by_stubs<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    exports: &[Export],
) -> Vec<ActionInfo> {
    let package = match context.graph {
        Graph::Client => "react-server-dom-webpack/client.browser",
        Graph::Ssr | Graph::Rsc => "react-server-dom-webpack/client.node",
    };
    let id = reference_id(context.path_id);
    let mut code = format!("import {{ createServerReference as $$create }} from {};\n", quoted(package));
    for (index, Export { name, .. }) in exports.iter().enumerate() {
        let reference = quoted(&format!("{id}#{name}"));
        let call = format!(
            "/*#__PURE__*/ $$create({reference}, (id, args) => globalThis.__vinext_call_server__(id, args))"
        );
        let _ = match name.as_str() {
            "default" => writeln!(code, "export default {call};"),
            name => writeln!(code, "const r{index} = {call};\nexport {{ r{index} as {} }};", export_name(name)),
        };
    }
    program.body = statements(allocator, &code);
    program.directives.clear();
    program.comments.clear();
    exports.iter().map(|export| action(context, export.name.clone())).collect()
}
