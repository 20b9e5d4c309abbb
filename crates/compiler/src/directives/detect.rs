//! Finds a module's directive, and what was meant to be one.

use oxc::ast::ast::{Directive as DirectiveNode, Expression, FunctionBody, Program, Statement};
use oxc::ast_visit::{Visit, walk};
use oxc::span::Span;

use super::{Directive, ModuleContext, bare, cached};
use crate::diagnostics::Diagnostic;

/// The directive of the module, and what is wrong with what looks like one.
pub(super) fn module_directive(
    program: &Program<'_>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Directive> {
    let mut found: Option<(Directive, Span)> = None;
    // Packages are often several modules in one file, each with its own directive somewhere in the middle.
    let is_own = !context.is_package && !context.is_framework();
    for directive in &program.directives {
        let Some(kind) = named(&directive.expression.value) else {
            if is_own {
                problems.extend(unknown(directive, context));
            }
            continue;
        };
        match found {
            Some((first, span)) if first != kind => problems.push(
                context
                    .error(
                        directive.span,
                        "a module is one of \"use client\", \"use server\" and \"use cache\"",
                        "the second directive",
                    )
                    .with_label(span.start as usize, span.size() as usize, "the first directive")
                    .with_code("vinext::both_directives")
                    .with_help("move the server functions to a file of their own and import them"),
            ),
            Some(_) => {}
            None => found = Some((kind, directive.span)),
        }
    }
    if is_own {
        for statement in &program.body {
            if let Statement::ExpressionStatement(statement) = statement
                && let Some(text) = string_of(&statement.expression)
                && named(text).is_some()
            {
                problems.push(ineffective(context, statement.span, text, "file"));
            }
        }
        // Looking for a text is much cheaper than walking the tree.
        if ["'use ", "\"use ", "`use "].iter().any(|text| context.source.contains(text)) {
            InFunctions { context, problems }.visit_program(program);
        }
    }
    found.map(|(kind, _)| kind)
}

/// A text where a directive stands that is almost one.
fn unknown(directive: &DirectiveNode<'_>, context: &ModuleContext<'_>) -> Option<Diagnostic> {
    let meant = misspelt(&directive.expression.value)?;
    let problem =
        context.error(directive.span, format!("`{}` is not a directive", directive.expression.value), "written here");
    Some(problem.with_code("vinext::unknown_directive").with_help(format!("did you mean \"{meant}\"?")))
}

/// Reports what was meant to be a function's directive.
struct InFunctions<'b, 'c> {
    context: &'b ModuleContext<'c>,
    problems: &'b mut Vec<Diagnostic>,
}

impl<'a> Visit<'a> for InFunctions<'_, '_> {
    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        for directive in &body.directives {
            self.problems.extend(unknown(directive, self.context));
        }
        for statement in &body.statements {
            if let Statement::ExpressionStatement(statement) = statement
                && let Some(text) = string_of(&statement.expression)
                && matches!(named(text), Some(Directive::UseServer | Directive::UseCache))
            {
                self.problems.push(ineffective(self.context, statement.span, text, "function"));
            }
        }
        walk::walk_function_body(self, body);
    }
}

/// A directive that is only an expression: too late in the file or function (`whole`), or written in another way.
fn ineffective(context: &ModuleContext<'_>, span: Span, text: &str, whole: &str) -> Diagnostic {
    let before = if whole == "file" { "the imports" } else { "the other statements" };
    let problem = if context.source[span.start as usize..].starts_with(['(', '`']) {
        context
            .error(span, format!("\"{text}\" must be a plain string"), "this is an expression, not a directive")
            .with_help(format!("write \"{text}\" without parentheses or backticks, above {before}"))
    } else {
        context
            .error(span, format!("\"{text}\" must be the first statement of the {whole}"), "too late here")
            .with_help(format!("move it above {before}"))
    };
    problem.with_code("vinext::late_directive")
}

fn string_of<'b>(expression: &'b Expression<'_>) -> Option<&'b str> {
    match bare(expression) {
        Expression::StringLiteral(literal) => Some(literal.value.as_str()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first().map(|quasi| quasi.value.raw.as_str())
        }
        _ => None,
    }
}

pub(super) fn named(text: &str) -> Option<Directive> {
    match text {
        "use client" => Some(Directive::UseClient),
        "use server" => Some(Directive::UseServer),
        _ => cached::kind_of(text).map(|_| Directive::UseCache),
    }
}

/// The directive that was probably meant.
pub(super) fn misspelt(text: &str) -> Option<&'static str> {
    let is_known = named(text).is_some()
        || matches!(text, "use strict" | "use asm" | "use workflow" | "use step" | "use memo" | "use no memo");
    if is_known {
        return None;
    }
    ["use client", "use server", "use cache"].into_iter().find(|known| distance(text, known) <= 2)
}

/// How many letters have to be changed, added, removed or swapped with a neighbour.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (table[i - 1][j - 1] + change).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}
