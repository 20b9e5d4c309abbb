//! Finds inline server functions and decides, from scopes, what becomes of each.

use oxc::ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, Expression, Function, FunctionType, IdentifierReference,
    MethodDefinition, ObjectProperty, Program, PropertyKind, VariableDeclarator,
};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{Scoping, SymbolId};
use oxc::span::Span;
use oxc::syntax::scope::{ScopeFlags, ScopeId};
use rustc_hash::FxHashMap;

use super::super::ModuleContext;
use super::super::fragment::DEFAULT;
use super::super::server::arguments_of;
use super::super::uses::{Assigned, Captures, Uses, symbol_of};
use super::use_server;
use crate::diagnostics::Diagnostic;

/// A server function to register.
#[derive(Debug)]
pub(super) struct Found {
    /// The whole function.
    pub(super) span: Span,
    /// The name it is registered under.
    pub(super) name: String,
    /// Bindings of surrounding functions that it uses, in the order of their first use.
    pub(super) captured: Vec<Captured>,
    /// The name by which it calls itself, if it does.
    pub(super) own_name: Option<String>,
    /// The arguments that it uses: see `ModuleContext::action_id`.
    pub(super) arguments: u8,
    /// Where it stands.
    pub(super) place: Place,
}

/// A binding that is bound to a hoisted function.
#[derive(Debug)]
pub(super) struct Captured {
    pub(super) name: String,
    /// Where it is declared.
    pub(super) declared_at: u32,
}

/// Where a server function stands, which says what is left there.
#[derive(Debug)]
pub(super) enum Place {
    /// Declared at the module's top under this name: it stays.
    Top {
        local: String,
        /// Whether it has to be registered.
        action: bool,
    },
    /// Declared in a block.
    Declared {
        local: String,
        /// Whether something before the declaration uses it, as hoisting permits.
        is_used_before: bool,
    },
    /// Anything else: its reference takes its place.
    Expression,
}

/// Finds every inline server function, outer ones before inner ones, in source order.
pub(super) fn find(
    program: &Program<'_>,
    scoping: &Scoping,
    context: &ModuleContext<'_>,
) -> Result<Vec<Found>, Vec<Diagnostic>> {
    let mut first_uses = FirstUses { scoping, uses: FxHashMap::default() };
    first_uses.visit_program(program);
    let mut finder = Finder {
        scoping,
        first_uses: first_uses.uses,
        context,
        found: Vec::new(),
        problems: Vec::new(),
        assigned: Assigned::default(),
    };
    finder.visit_program(program);
    if finder.problems.is_empty() { Ok(finder.found) } else { Err(finder.problems) }
}

struct FirstUses<'s> {
    scoping: &'s Scoping,
    uses: FxHashMap<SymbolId, u32>,
}

impl<'a> Visit<'a> for FirstUses<'_> {
    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        if let Some(symbol) = symbol_of(self.scoping, identifier) {
            let first = self.uses.entry(symbol).or_insert(identifier.span.start);
            *first = identifier.span.start.min(*first);
        }
    }
}

struct Finder<'c, 's> {
    scoping: &'c Scoping,
    first_uses: FxHashMap<SymbolId, u32>,
    context: &'c ModuleContext<'s>,
    found: Vec<Found>,
    problems: Vec<Diagnostic>,
    assigned: Assigned,
}

/// What both kinds of functions have in common.
struct Candidate {
    span: Span,
    scope: Option<ScopeId>,
    is_async: bool,
    is_generator: bool,
    /// The arguments that it uses, without and with what is sealed before them.
    arguments: [u8; 2],
    /// The function's own name, and that of the variable it is assigned to.
    symbols: [Option<SymbolId>; 2],
}

impl Finder<'_, '_> {
    fn add(&mut self, candidate: &Candidate, place: Place, uses: Uses<'_>) {
        if let Some(problem) = self.unsuitable(candidate) {
            self.problems.push(problem);
            return;
        }
        let Captures { bindings, own_name, receivers } = Captures::of(uses, candidate.scope, &candidate.symbols);
        for (span, what) in receivers {
            self.receiver(span, what);
        }
        let declared = |(name, symbol)| Captured { name, declared_at: self.scoping.symbol_span(symbol).start };
        let captured: Vec<Captured> = bindings.into_iter().map(declared).collect();
        let name = format!("$$action_{}", self.found.len());
        let arguments = candidate.arguments[usize::from(!captured.is_empty())];
        self.found.push(Found { span: candidate.span, name, captured, own_name, arguments, place });
    }

    fn unsuitable(&self, candidate: &Candidate) -> Option<Diagnostic> {
        let (message, label, help) = if candidate.is_generator {
            ("a server function cannot be a generator", "remove the `*`", "return an array, or a stream")
        } else if !candidate.is_async {
            ("a server function must be async", "add `async`", "what the browser calls over the network answers later")
        } else {
            return None;
        };
        let problem = self.context.error(candidate.span, message, label);
        Some(problem.with_code("vinext::server_function_async").with_help(help))
    }

    fn receiver(&mut self, span: Span, what: &str) {
        self.problems.push(
            self.context
                .error(span, format!("a server function cannot use `{what}`"), "the browser's call brings none")
                .with_code("vinext::server_function_receiver")
                .with_help("put what you need into a parameter, or into a variable outside of the function"),
        );
    }

    fn method(&mut self, span: Span) {
        self.problems.push(
            self.context
                .error(span, "a method cannot be a server function", "\"use server\" in a method")
                .with_code("vinext::server_function_method")
                .with_help("write it as a function: `save: async () => { \"use server\"; … }`"),
        );
    }

    fn place(&self, function: &Function<'_>) -> Place {
        if function.r#type != FunctionType::FunctionDeclaration {
            return Place::Expression;
        }
        let Some(id) = &function.id else {
            // Only `export default` declares a function without a name.
            return Place::Top { local: DEFAULT.to_owned(), action: true };
        };
        let local = id.name.to_string();
        let symbol = id.symbol_id();
        if self.scoping.symbol_scope_id(symbol) == self.scoping.root_scope_id() {
            return Place::Top { local, action: true };
        }
        let is_used_before = self.first_uses.get(&symbol).is_some_and(|first| *first < function.span.start);
        Place::Declared { local, is_used_before }
    }
}

impl<'a> Visit<'a> for Finder<'_, '_> {
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        self.assigned.see(declarator);
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if let Some(body) = &function.body
            && use_server(&body.directives).is_some()
        {
            let own = function.id.as_ref().map(oxc::ast::ast::BindingIdentifier::symbol_id);
            let candidate = Candidate {
                span: function.span,
                scope: function.scope_id.get(),
                is_async: function.r#async,
                is_generator: function.generator,
                arguments: [0, 1].map(|before| arguments_of(&function.params, before)),
                symbols: [own, self.assigned.take(function.span.start)],
            };
            let mut uses = Uses::new(self.scoping);
            uses.visit_formal_parameters(&function.params);
            uses.visit_function_body(body);
            self.add(&candidate, self.place(function), uses);
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        if let ArrowFunctionBody::FunctionBody(body) = &arrow.body
            && use_server(&body.directives).is_some()
        {
            let candidate = Candidate {
                span: arrow.span,
                scope: arrow.scope_id.get(),
                is_async: arrow.r#async,
                is_generator: false,
                arguments: [0, 1].map(|before| arguments_of(&arrow.params, before)),
                symbols: [self.assigned.take(arrow.span.start), None],
            };
            let mut uses = Uses::new(self.scoping);
            uses.visit_formal_parameters(&arrow.params);
            uses.visit_function_body(body);
            self.add(&candidate, Place::Expression, uses);
        }
        walk::walk_arrow_function_expression(self, arrow);
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        match method.value.body.as_ref().and_then(|body| use_server(&body.directives)) {
            Some(span) => self.method(span),
            None => walk::walk_method_definition(self, method),
        }
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if (property.method || property.kind != PropertyKind::Init)
            && let Expression::FunctionExpression(function) = &property.value
            && let Some(span) = function.body.as_ref().and_then(|body| use_server(&body.directives))
        {
            self.method(span);
            return;
        }
        walk::walk_object_property(self, property);
    }
}
