//! What a function uses of what is around it.

use oxc::ast::ast::{Class, Function, IdentifierReference, Super, ThisExpression, VariableDeclarator};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{Scoping, SymbolId};
use oxc::span::{GetSpan as _, Span};
use oxc::syntax::scope::{ScopeFlags, ScopeId};

use super::bare;

/// The variable that the next function is the value of, and where that function begins.
#[derive(Default)]
pub(super) struct Assigned(Option<(SymbolId, u32)>);

impl Assigned {
    /// Comes to a variable.
    pub(super) fn see(&mut self, declarator: &VariableDeclarator<'_>) {
        if let (Some(id), Some(init)) = (declarator.id.get_binding_identifier(), &declarator.init) {
            self.0 = Some((id.symbol_id(), bare(init).span().start));
        }
    }

    /// The variable of the function that begins at `start`.
    pub(super) fn take(&mut self, start: u32) -> Option<SymbolId> {
        self.0.take_if(|(_, function)| *function == start).map(|(symbol, _)| symbol)
    }
}

/// What of its uses a function has to be given.
#[derive(Default)]
pub(super) struct Captures {
    /// Bindings of the functions around it, in the order of their first use.
    pub(super) bindings: Vec<(String, SymbolId)>,
    /// The name by which it calls itself, if it does.
    pub(super) own_name: Option<String>,
    /// `this` and its like, which nobody can give it.
    pub(super) receivers: Vec<(Span, &'static str)>,
}

impl Captures {
    /// Of the function whose scope is `scope`, and that `own` are the names of.
    pub(super) fn of(uses: Uses<'_>, scope: Option<ScopeId>, own: &[Option<SymbolId>]) -> Self {
        let Uses { scoping, found, .. } = uses;
        let mut captures = Self::default();
        for used in found {
            let (name, symbol) = match used {
                Use::Symbol(name, symbol) => (name, symbol),
                Use::Receiver(span, what) => {
                    captures.receivers.push((span, what));
                    continue;
                }
            };
            let home = scoping.symbol_scope_id(symbol);
            if home == scoping.root_scope_id() {
                continue;
            }
            if own.contains(&Some(symbol)) {
                captures.own_name = Some(name);
                continue;
            }
            let is_inner = scoping.scope_ancestors(home).any(|ancestor| Some(ancestor) == scope);
            if !is_inner && !captures.bindings.iter().any(|(known, _)| *known == name) {
                captures.bindings.push((name, symbol));
            }
        }
        captures
    }
}

/// The binding that a name stands for, if it is used as a value.
pub(super) fn symbol_of(scoping: &Scoping, identifier: &IdentifierReference<'_>) -> Option<SymbolId> {
    let reference = scoping.get_reference(identifier.reference_id.get()?);
    if reference.is_value() { reference.symbol_id() } else { None }
}

/// Something a function uses.
enum Use {
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
