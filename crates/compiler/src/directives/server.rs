//! Files that say `"use server"`: their exports are functions that the browser may call.

use std::fmt::Write as _;

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    Declaration, ExportDefaultDeclarationKind, Expression, FormalParameters, Function, Program, Statement,
};
use oxc::span::{GetSpan as _, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use super::exports::{is_signature, types, values};
use super::fragment::{DEFAULT, export_name, name_default_function, quoted, statements};
use super::{ActionInfo, Graph, ModuleContext, bare};
use crate::diagnostics::Diagnostic;

/// An exported function and the binding that holds it.
#[derive(Debug)]
pub(super) struct Exported {
    local: String,
    name: String,
    /// The module that it comes from and its name there, for `export { … } from`.
    from: Option<(String, String)>,
    /// Whether the text shows an async function. What it does not show is checked when the module runs.
    is_certain: bool,
    /// The arguments that it uses: see [`ModuleContext::action_id`].
    arguments: u8,
}

/// The server functions that the module exports; reports what cannot be one.
pub(super) fn exported(
    program: &Program<'_>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Exported> {
    let mut collector =
        Collector { context, locals: locals(program), types: types(program), exported: Vec::new(), problems };
    for statement in &program.body {
        collector.statement(statement);
    }
    collector.exported
}

/// Registers every export of the module as a server reference.
pub(super) fn register<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    exported: &[Exported],
) -> Vec<ActionInfo> {
    name_default(program, allocator);
    let mut code = String::new();
    if !exported.is_empty() {
        let _ = writeln!(code, "import {{ registerAction as $$register_export }} from {};", quoted(REGISTRY));
    }
    if exported.iter().any(|export| !export.is_certain) {
        let message =
            quoted(&format!("{}: a \"use server\" file can only export async functions, but not ", context.file_name));
        let _ = writeln!(
            code,
            "function $$register_checked(value, id, name) {{\nif (typeof value !== \"function\") throw new Error({message} + \
             name);\n$$register_export(value, id);\n}}"
        );
    }
    for Exported { local, name, from, is_certain, arguments } in exported {
        if let Some((module, imported)) = from {
            let _ = writeln!(code, "import {{ {} as {local} }} from {};", export_name(imported), quoted(module));
        }
        let id = quoted(&context.action_id(name, *arguments));
        let _ = match is_certain {
            true => writeln!(code, "$$register_export({local}, {id});"),
            false => writeln!(code, "$$register_checked({local}, {id}, {});", quoted(name)),
        };
    }
    program.body.extend(statements(allocator, &code));
    actions(context, exported)
}

fn actions(context: &ModuleContext<'_>, exported: &[Exported]) -> Vec<ActionInfo> {
    let action = |Exported { name, arguments, .. }: &Exported| ActionInfo {
        id: context.action_id(name, *arguments),
        name: name.clone(),
        is_inline: false,
        is_cached: false,
    };
    exported.iter().map(action).collect()
}

/// The module in which server functions are registered.
pub(super) const REGISTRY: &str = "vinext:runtime/server/actions/registry.ts";

/// How many arguments an id speaks of one by one.
const NAMED: usize = 6;

/// All arguments.
pub(super) const ALL: u8 = 0x7f;

/// The arguments that a function with these parameters uses, `before` of which come from elsewhere.
pub(super) fn arguments_of(parameters: &FormalParameters<'_>, before: usize) -> u8 {
    let count = before + parameters.items.len();
    // A rest parameter takes everything that follows.
    let named = if parameters.rest.is_some() { NAMED } else { count.min(NAMED) };
    let first = (0..named).fold(0, |mask, index| mask | (0x40 >> index));
    first | u8::from(parameters.rest.is_some() || count > NAMED)
}

/// What a value is, as far as the text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    AsyncFunction { arguments: u8 },
    SomethingElse,
    Unknown,
}

fn kind_of_function(function: &Function<'_>) -> Kind {
    if function.r#async && !function.generator {
        Kind::AsyncFunction { arguments: arguments_of(&function.params, 0) }
    } else {
        Kind::SomethingElse
    }
}

fn kind_of(expression: &Expression<'_>) -> Kind {
    match bare(expression) {
        Expression::ArrowFunctionExpression(function) if function.r#async => {
            Kind::AsyncFunction { arguments: arguments_of(&function.params, 0) }
        }
        Expression::FunctionExpression(function) => kind_of_function(function),
        Expression::ArrowFunctionExpression(_)
        | Expression::ClassExpression(_)
        | Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::TemplateLiteral(_) => Kind::SomethingElse,
        _ => Kind::Unknown,
    }
}

/// What is declared at the module's top without being exported there.
fn locals<'b>(program: &'b Program<'_>) -> FxHashMap<&'b str, Kind> {
    let mut locals = FxHashMap::default();
    for statement in &program.body {
        match statement {
            Statement::FunctionDeclaration(function) if !is_signature(function) => {
                locals.extend(function.id.as_ref().map(|id| (id.name.as_str(), kind_of_function(function))));
            }
            Statement::ClassDeclaration(class) => {
                locals.extend(class.id.as_ref().map(|id| (id.name.as_str(), Kind::SomethingElse)));
            }
            Statement::TSEnumDeclaration(item) => {
                locals.insert(item.id.name.as_str(), Kind::SomethingElse);
            }
            // What is assigned to a `let` later is not followed.
            Statement::VariableDeclaration(item) if item.kind.is_const() => {
                for declarator in &item.declarations {
                    if let (Some(id), Some(init)) = (declarator.id.get_binding_identifier(), &declarator.init) {
                        locals.insert(id.name.as_str(), kind_of(init));
                    }
                }
            }
            _ => {}
        }
    }
    locals
}

struct Collector<'b, 'c> {
    context: &'b ModuleContext<'c>,
    locals: FxHashMap<&'b str, Kind>,
    types: FxHashSet<&'b str>,
    exported: Vec<Exported>,
    problems: &'b mut Vec<Diagnostic>,
}

impl Collector<'_, '_> {
    fn add(&mut self, local: &str, name: &str, kind: Kind, span: Span) {
        if kind == Kind::SomethingElse {
            self.refuse(span);
            return;
        }
        let (is_certain, arguments) = match kind {
            Kind::AsyncFunction { arguments } => (true, arguments),
            _ => (false, ALL),
        };
        let (local, name) = (local.to_owned(), name.to_owned());
        self.exported.push(Exported { local, name, from: None, is_certain, arguments });
    }

    fn refuse(&mut self, span: Span) {
        self.problems.push(
            self.context
                .error(span, "a \"use server\" file can only export async functions", "not an async function")
                .with_code("vinext::server_export")
                .with_help("make it `async`, or move it to a file without \"use server\""),
        );
    }

    fn statement(&mut self, statement: &Statement<'_>) {
        match statement {
            Statement::ExportDeclaration(export) => self.declaration(&export.declaration),
            Statement::ExportDefaultDeclaration(export) => self.default(&export.declaration),
            Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
                let types = std::mem::take(&mut self.types);
                for specifier in values(&export.specifiers, &types) {
                    let local = specifier.local.name();
                    let kind = self.locals.get(local.as_str()).copied().unwrap_or(Kind::Unknown);
                    self.add(&local, &specifier.exported.name(), kind, specifier.span);
                }
                self.types = types;
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                for specifier in export.specifiers.iter().filter(|specifier| !specifier.export_kind.is_type()) {
                    self.exported.push(Exported {
                        local: format!("$$from_{}", self.exported.len()),
                        name: specifier.exported.name().to_string(),
                        from: Some((export.source.value.to_string(), specifier.local.name().to_string())),
                        is_certain: false,
                        arguments: ALL,
                    });
                }
            }
            Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => self.refuse(export.span),
            _ => {}
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::FunctionDeclaration(function) if !is_signature(function) => {
                if let Some(id) = &function.id {
                    self.add(&id.name, &id.name, kind_of_function(function), function.span);
                }
            }
            Declaration::VariableDeclaration(variables) if !variables.declare => {
                for declarator in &variables.declarations {
                    let is_plain = declarator.id.get_binding_identifier().is_some();
                    let kind = match &declarator.init {
                        Some(init) if is_plain => kind_of(init),
                        _ => Kind::Unknown,
                    };
                    for id in declarator.id.get_binding_identifiers() {
                        self.add(&id.name, &id.name, kind, declarator.span);
                    }
                }
            }
            Declaration::ClassDeclaration(class) if !class.declare => self.refuse(class.span),
            Declaration::TSEnumDeclaration(item) if !item.declare => self.refuse(item.span),
            _ => {}
        }
    }

    fn default(&mut self, declaration: &ExportDefaultDeclarationKind<'_>) {
        match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) if is_signature(function) => {}
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let local = function.id.as_ref().map_or(DEFAULT, |id| id.name.as_str());
                self.add(local, "default", kind_of_function(function), function.span);
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => self.refuse(class.span),
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            other => {
                if let Some(expression) = other.as_expression() {
                    self.add(DEFAULT, "default", kind_of(expression), expression.span());
                }
            }
        }
    }
}

/// Gives an anonymous default export a name: `const $$default = …; export { $$default as default }`.
fn name_default<'a>(program: &mut Program<'a>, allocator: &'a Allocator) {
    for index in 0..program.body.len() {
        let Statement::ExportDefaultDeclaration(export) = &mut program.body[index] else { continue };
        match &mut export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => name_default_function(function, allocator),
            declaration => {
                if declaration.as_expression().is_none() {
                    continue;
                }
                let mut code =
                    statements(allocator, &format!("const {DEFAULT} = null;\nexport {{ {DEFAULT} as default }};"));
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

/// Replaces the module, where only the browser's side of it is wanted, by functions that call the server.
pub(super) fn replace_by_stubs<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    exported: &[Exported],
) -> Vec<ActionInfo> {
    let package = match context.graph {
        Graph::Client => "react-server-dom-webpack/client.browser",
        Graph::Ssr | Graph::Rsc => "react-server-dom-webpack/client.node",
    };
    let mut code = format!("import {{ createServerReference as $$create }} from {};\n", quoted(package));
    // Looked up at each call: the entry that installs it is evaluated after what it imports.
    code.push_str("const $$call = (id, args) => globalThis.__vinext_call_server__(id, args);\n");
    for (index, Exported { name, arguments, .. }) in exported.iter().enumerate() {
        let reference = quoted(&context.action_id(name, *arguments));
        // The name is what development tools show.
        let call = format!("/*#__PURE__*/ $$create({reference}, $$call, undefined, undefined, {})", quoted(name));
        let _ = match name.as_str() {
            "default" => writeln!(code, "export default {call};"),
            name => writeln!(code, "const r{index} = {call};\nexport {{ r{index} as {} }};", export_name(name)),
        };
    }
    program.body = statements(allocator, &code);
    program.directives.clear();
    program.comments.clear();
    actions(context, exported)
}
