//! What a function uses of what is around it.

use oxc::ast::ast::{Class, Function, IdentifierReference, Super, ThisExpression};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{Scoping, SymbolId};
use oxc::span::Span;
use oxc::syntax::scope::ScopeFlags;

/// The binding that a name stands for, if it is used as a value.
pub(super) fn symbol_of(scoping: &Scoping, identifier: &IdentifierReference<'_>) -> Option<SymbolId> {
    let reference = scoping.get_reference(identifier.reference_id.get()?);
    if reference.is_value() { reference.symbol_id() } else { None }
}

/// Something a function uses.
pub(super) enum Use {
    Symbol(String, SymbolId),
    /// `this` and its like, which a function does not have that runs on its own.
    Receiver(Span, &'static str),
}

/// Collects what a function uses.
pub(super) struct Uses<'s> {
    scoping: &'s Scoping,
    found: Vec<Use>,
    /// How many functions or classes around have a `this` of their own.
    receivers: usize,
}

impl<'s> Uses<'s> {
    pub(super) fn new(scoping: &'s Scoping) -> Self {
        Self { scoping, found: Vec::new(), receivers: 0 }
    }

    /// What was found, in the order in which it is used.
    pub(super) fn into_found(self) -> Vec<Use> {
        self.found
    }

    fn receiver(&mut self, span: Span, what: &'static str) {
        if self.receivers == 0 {
            self.found.push(Use::Receiver(span, what));
        }
    }
}

impl<'a> Visit<'a> for Uses<'_> {
    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        if let Some(symbol) = symbol_of(self.scoping, identifier) {
            self.found.push(Use::Symbol(identifier.name.to_string(), symbol));
        } else if identifier.name == "arguments" {
            self.receiver(identifier.span, "arguments");
        }
    }

    fn visit_this_expression(&mut self, this: &ThisExpression) {
        self.receiver(this.span, "this");
    }

    fn visit_super(&mut self, node: &Super) {
        self.receiver(node.span, "super");
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        self.receivers += 1;
        walk::walk_function(self, function, flags);
        self.receivers -= 1;
    }

    fn visit_class(&mut self, class: &Class<'a>) {
        self.receivers += 1;
        walk::walk_class(self, class);
        self.receivers -= 1;
    }
}
