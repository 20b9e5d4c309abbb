//! Functions that say `"use server"` themselves: hoisted to the module's top, registered, and bound to what they capture.
//!
//! ```js
//! export default function Page({ id }) {
//!   async function save(data) { "use server"; await db(id, data); }
//!   return <form action={save} />;
//! }
//! // becomes
//! $$register($$action_0$opened, "<id>");
//! export default function Page({ id }) {
//!   var save = $$action_0$opened.bind(null, $$seal("<id>", [id]));
//!   return <form action={save} />;
//! }
//! export async function $$action_0(id, data) { await db(id, data); }
//! async function $$action_0$opened(box, ...rest) { return $$action_0(...(await $$open("<id>", await box)), ...rest); }
//! ```
//!
//! What is captured travels through the browser, so it is sealed: encrypted and bound to the id of its function.
//!
//! A function declared at the module's top captures nothing and stays where it is.

mod find;
mod lift;

use std::fmt::Write as _;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Directive as DirectiveNode, FunctionBody, Program, Statement};
use oxc::ast_visit::{Visit, VisitMut as _, walk};
use oxc::semantic::SemanticBuilder;
use oxc::span::Span;

use self::find::{Found, Place};
use self::lift::Lifter;
use super::fragment::{quoted, statements};
use super::server::REGISTRY;
use super::{ActionInfo, Directive, ModuleContext};
use crate::diagnostics::Diagnostic;

/// Hoists the inline server functions of a module in the react-server graph.
pub(super) fn hoist<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    directive: Option<Directive>,
) -> Result<Vec<ActionInfo>, Vec<Diagnostic>> {
    let mut found = {
        let semantic = SemanticBuilder::new().build(program).semantic;
        find::find(program, semantic.scoping(), context)?
    };
    if found.is_empty() {
        return Ok(Vec::new());
    }
    if directive == Some(Directive::UseServer) {
        // The functions at the top of such a file are server functions already, if they are exported at all.
        for found in &mut found {
            if let Place::Top { action, .. } = &mut found.place {
                *action = false;
            }
        }
    }
    let mut code = String::new();
    let mut exports = String::new();
    let mut actions = Vec::new();
    for Found { name, place, captured, arguments, .. } in &mut found {
        let id = context.action_id(name, *arguments);
        let local = match place {
            Place::Top { action: false, .. } => continue,
            Place::Top { local, .. } => {
                let _ = writeln!(exports, "export {{ {local} as {name} }};");
                local.clone()
            }
            Place::Declared { .. } | Place::Expression if captured.is_empty() => name.clone(),
            Place::Declared { .. } | Place::Expression => {
                let _ = writeln!(
                    exports,
                    "async function {name}$opened(box, ...rest) {{ return {name}(...(await $$open({}, await box)), ...rest); }}",
                    quoted(&id)
                );
                format!("{name}$opened")
            }
        };
        let _ = writeln!(code, "$$register({local}, {});", quoted(&id));
        actions.push(ActionInfo { id, name: name.clone(), is_inline: true, is_cached: false });
    }
    if !actions.is_empty() {
        code.insert_str(0, &register());
    }

    let id_of = |found: &Found| context.action_id(&found.name, found.arguments);
    let found = found.into_iter().map(|found| (id_of(&found), found)).collect();
    let mut lifter = Lifter::new(allocator, found);
    lifter.visit_program(program);
    let hoisted = lifter.into_hoisted();
    // Function declarations are initialised before anything runs, so registering them may come first.
    let first = program.body.iter().position(|statement| !matches!(statement, Statement::ImportDeclaration(_)));
    let first = first.unwrap_or(program.body.len());
    let mut rest = program.body.split_off(first);
    program.body.extend(statements(allocator, &code));
    program.body.append(&mut rest);
    program.body.extend(hoisted);
    program.body.extend(statements(allocator, &exports));
    Ok(actions)
}

/// The registration, under names that no app uses.
fn register() -> String {
    format!("import {{ registerAction as $$register, seal as $$seal, open as $$open }} from {};\n", quoted(REGISTRY))
}

/// Reports inline server functions where there can be none.
pub(super) fn refuse(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    Refuser { context, problems }.visit_program(program);
}

/// Where the function body says `"use server"`.
fn use_server(directives: &[DirectiveNode<'_>]) -> Option<Span> {
    directives.iter().find(|directive| directive.expression.value == "use server").map(|directive| directive.span)
}

fn strip_directive(body: &mut FunctionBody<'_>) {
    body.directives.retain(|directive| directive.expression.value != "use server");
}

struct Refuser<'c, 's> {
    context: &'c ModuleContext<'s>,
    problems: &'c mut Vec<Diagnostic>,
}

impl<'a> Visit<'a> for Refuser<'_, '_> {
    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        if let Some(span) = use_server(&body.directives) {
            self.problems.push(
                self.context
                    .error(span, "a client component cannot define a server function", "\"use server\" in client code")
                    .with_code("vinext::server_function_in_client")
                    .with_help("move the function to a file that starts with \"use server\", and import it"),
            );
        }
        walk::walk_function_body(self, body);
    }
}
