//! Finds cached functions, and what each of them captures.

use oxc::ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, FormalParameters, Function, MethodDefinition, Program,
    VariableDeclarator,
};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{Scoping, SymbolId};
use oxc::span::Span;
use oxc::syntax::scope::{ScopeFlags, ScopeId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::ModuleContext;
use super::super::uses::{Assigned, Captures, Uses};
use super::{directive_of, exported};
use crate::diagnostics::Diagnostic;

/// A cached function.
#[derive(Debug)]
pub(super) struct Found {
    /// The cache that keeps its results.
    pub(super) kind: String,
    /// What tells it from every other function of the app.
    pub(super) id: String,
    /// Bindings of surrounding functions that it uses, in the order of their first use.
    pub(super) captured: Vec<String>,
    /// How many arguments it takes; `None` for as many as it is given.
    pub(super) arguments: Option<usize>,
}

/// Finds every cached function of a module, by where it stands. `of_file` is the cache that the file itself names.
pub(super) fn find(
    program: &Program<'_>,
    scoping: &Scoping,
    context: &ModuleContext<'_>,
    of_file: Option<&str>,
) -> Result<FxHashMap<Span, Found>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let exported = match of_file {
        Some(_) => exported::spans(program, context, &mut problems),
        None => FxHashSet::default(),
    };
    let mut finder = Finder {
        scoping,
        context,
        of_file,
        exported,
        found: FxHashMap::default(),
        problems,
        assigned: Assigned::default(),
    };
    finder.visit_program(program);
    if finder.problems.is_empty() { Ok(finder.found) } else { Err(finder.problems) }
}

struct Finder<'c, 's> {
    scoping: &'c Scoping,
    context: &'c ModuleContext<'s>,
    of_file: Option<&'c str>,
    exported: FxHashSet<Span>,
    found: FxHashMap<Span, Found>,
    problems: Vec<Diagnostic>,
    assigned: Assigned,
}

/// What all kinds of functions have in common.
struct Candidate<'b> {
    span: Span,
    scope: Option<ScopeId>,
    is_async: bool,
    parameters: &'b FormalParameters<'b>,
    /// The function's own name, and that of the variable it is assigned to.
    symbols: [Option<SymbolId>; 2],
}

impl Finder<'_, '_> {
    /// The cache of a function that says `own`, if it has one.
    fn kind(&self, own: Option<(&str, Span)>, span: Span) -> Option<String> {
        match own {
            Some((kind, _)) => Some(kind.to_owned()),
            None => self.of_file.filter(|_| self.exported.contains(&span)).map(str::to_owned),
        }
    }

    fn add(&mut self, candidate: &Candidate<'_>, kind: String, uses: Uses<'_>) {
        if !candidate.is_async {
            let problem = self.context.error(candidate.span, "a cached function must be async", "add `async`");
            self.problems.push(
                problem
                    .with_code("vinext::cached_function_async")
                    .with_help("what is kept is looked up before the function runs: its result comes later"),
            );
            return;
        }
        let Captures { bindings, receivers, .. } = Captures::of(uses, candidate.scope, &candidate.symbols);
        for (span, what) in receivers {
            self.receiver(span, what);
        }
        let captured = bindings.into_iter().map(|(name, _)| name).collect();
        let id = self.context.action_id(&format!("$$cache_{}", self.found.len()), 0x7f);
        let parameters = candidate.parameters;
        let arguments = parameters.rest.is_none().then_some(parameters.items.len());
        self.found.insert(candidate.span, Found { kind, id, captured, arguments });
    }

    fn receiver(&mut self, span: Span, what: &str) {
        self.problems.push(
            self.context
                .error(
                    span,
                    format!("a cached function cannot use `{what}`"),
                    "no part of what its results are kept by",
                )
                .with_code("vinext::cached_function_receiver")
                .with_help("put what you need into a parameter, or into a variable outside of the function"),
        );
    }
}

impl<'a> Visit<'a> for Finder<'_, '_> {
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        self.assigned.see(declarator);
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if let Some(body) = &function.body
            && let Some(kind) = self.kind(directive_of(&body.directives), function.span)
        {
            let own = function.id.as_ref().map(oxc::ast::ast::BindingIdentifier::symbol_id);
            let candidate = Candidate {
                span: function.span,
                scope: function.scope_id.get(),
                is_async: function.r#async && !function.generator,
                parameters: &function.params,
                symbols: [own, self.assigned.take(function.span.start)],
            };
            let mut uses = Uses::new(self.scoping);
            uses.visit_formal_parameters(&function.params);
            uses.visit_function_body(body);
            self.add(&candidate, kind, uses);
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let own = match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => directive_of(&body.directives),
            _ => None,
        };
        if let Some(kind) = self.kind(own, arrow.span) {
            let candidate = Candidate {
                span: arrow.span,
                scope: arrow.scope_id.get(),
                is_async: arrow.r#async,
                parameters: &arrow.params,
                symbols: [self.assigned.take(arrow.span.start), None],
            };
            let mut uses = Uses::new(self.scoping);
            uses.visit_formal_parameters(&arrow.params);
            uses.visit_arrow_function_body(&arrow.body);
            self.add(&candidate, kind, uses);
        }
        walk::walk_arrow_function_expression(self, arrow);
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        match method.value.body.as_ref().and_then(|body| directive_of(&body.directives)) {
            Some((_, span)) if !method.r#static => self.problems.push(
                self.context
                    .error(span, "a method of an instance cannot be cached", "\"use cache\" in a method")
                    .with_code("vinext::cached_method")
                    .with_help("write it as a function, as a static method, or as a property of an object"),
            ),
            _ => walk::walk_method_definition(self, method),
        }
    }
}
