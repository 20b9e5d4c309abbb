//! `"use cache"`: functions whose results are kept, by what they are given and what they capture.
//!
//! ```js
//! export async function price(id) { "use cache"; return db(id, currency); }
//! // becomes
//! export async function price(...$$args) {
//!   return $$cached("default", "<id>", [currency], 1, async (id) => { return db(id, currency); }, $$args);
//! }
//! ```
//!
//! The function stays where it is, under its name: only its body moves into an arrow function. What it captures is read
//! when it is called. A directive at the top of a file is one of each function that the file exports.
//!
//! Source: <https://nextjs.org/docs/app/api-reference/directives/use-cache>.

mod exported;
mod find;
mod wrap;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Directive as DirectiveNode, Program};
use oxc::ast_visit::{Visit, VisitMut as _};
use oxc::semantic::SemanticBuilder;
use oxc::span::Span;

use self::wrap::Wrapper;
use super::fragment::{quoted, statements};
use super::{Directive, Graph, ModuleContext};
use crate::diagnostics::Diagnostic;

/// The module that keeps results.
const MODULE: &str = "vinext:runtime/server/cache/use-cache.ts";

/// The kinds of caches that every app has.
const BUILT_IN: [&str; 3] = ["default", "private", "remote"];

/// The cache that a directive names, if it is one of these.
pub(super) fn kind_of(text: &str) -> Option<&str> {
    match text.strip_prefix("use cache")? {
        "" => Some("default"),
        named => named.strip_prefix(": "),
    }
}

/// The directive among `directives`, and the cache it names.
fn directive_of<'b>(directives: &'b [DirectiveNode<'_>]) -> Option<(&'b str, Span)> {
    directives.iter().find_map(|directive| Some((kind_of(&directive.expression.value)?, directive.span)))
}

/// Reports directives that name no cache, or that the app has not turned on, or that stand in code for browsers.
pub(super) fn check(
    program: &Program<'_>,
    context: &ModuleContext<'_>,
    directive: Option<Directive>,
    problems: &mut Vec<Diagnostic>,
) {
    // Of a file of server functions, code for browsers gets no more than their names.
    let in_client = match directive {
        Some(Directive::UseClient) => true,
        Some(Directive::UseServer | Directive::UseCache) => false,
        None => context.graph != Graph::Rsc,
    };
    Checker { context, problems, in_client }.visit_program(program);
}

struct Checker<'c, 's> {
    context: &'c ModuleContext<'s>,
    problems: &'c mut Vec<Diagnostic>,
    in_client: bool,
}

impl<'a> Visit<'a> for Checker<'_, '_> {
    fn visit_directive(&mut self, directive: &DirectiveNode<'a>) {
        let Some(kind) = kind_of(&directive.expression.value) else { return };
        let text = &directive.expression.value;
        if self.in_client {
            self.problems.push(in_client(self.context, directive.span));
            return;
        }
        let problem = match self.context.caches {
            None => self
                .context
                .error(directive.span, format!("\"{text}\" needs `cacheComponents` in next.config"), "written here")
                .with_help("add `cacheComponents: true` to next.config"),
            Some(own) if BUILT_IN.contains(&kind) || own.iter().any(|name| name == kind) => return,
            Some(_) => self
                .context
                .error(directive.span, format!("there is no cache `{kind}`"), "unknown cache kind")
                .with_help(format!("add `{kind}` to `cacheHandlers` in next.config, or write \"use cache\"")),
        };
        self.problems.push(problem.with_code("vinext::use_cache"));
    }
}

/// Has the results of the module's cached functions kept.
pub(super) fn wrap<'a>(
    program: &mut Program<'a>,
    allocator: &'a Allocator,
    context: &ModuleContext<'_>,
    directive: Option<Directive>,
) -> Result<(), Vec<Diagnostic>> {
    let of_file = match directive {
        Some(Directive::UseCache) => directive_of(&program.directives).map(|(kind, _)| kind.to_owned()),
        _ => None,
    };
    let found = {
        let semantic = SemanticBuilder::new().build(program).semantic;
        find::find(program, semantic.scoping(), context, of_file.as_deref())?
    };
    if found.is_empty() {
        return Ok(());
    }
    let import = format!("import {{ cached as $$cached }} from {};", quoted(MODULE));
    Wrapper::new(allocator, found).visit_program(program);
    let mut body = statements(allocator, &import);
    body.append(&mut program.body);
    program.body = body;
    Ok(())
}

fn in_client(context: &ModuleContext<'_>, span: Span) -> Diagnostic {
    context
        .error(span, "a client component cannot define a cached function", "\"use cache\" in client code")
        .with_code("vinext::cached_function_in_client")
        .with_help("move the function to a file of its own that starts with \"use cache\", and import it")
}
