//! The names that a `CommonJS` module exports, as far as its text tells.
//!
//! Packages with client components are often published as `CommonJS`. Their references need names, and what compilers
//! write has them in plain sight: `exports.Button = …`, `Object.defineProperty(exports, "Button", …)`, and esbuild's
//! `0 && (module.exports = { Button })`, which is there for readers like this one.

use oxc::ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, CallExpression, Expression, ObjectExpression, ObjectPropertyKind,
    Program, Statement,
};
use oxc::ast_visit::{Visit, walk};

/// The names that `program` exports, `default` first, if it is `CommonJS`.
pub(super) fn exports(program: &Program<'_>) -> Option<Vec<String>> {
    if program.body.iter().any(is_esm) {
        return None;
    }
    let mut names = Names { names: vec!["default".to_owned()], is_commonjs: false };
    names.visit_program(program);
    names.is_commonjs.then_some(names.names)
}

fn is_esm(statement: &Statement<'_>) -> bool {
    matches!(
        statement,
        Statement::ImportDeclaration(_)
            | Statement::ExportAllDeclaration(_)
            | Statement::ExportDeclaration(_)
            | Statement::ExportDefaultDeclaration(_)
            | Statement::ExportFromDeclaration(_)
            | Statement::ExportNamedDeclaration(_)
    )
}

struct Names {
    names: Vec<String>,
    is_commonjs: bool,
}

impl Names {
    fn add(&mut self, name: &str) {
        self.is_commonjs = true;
        if name != "__esModule" && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn add_keys(&mut self, object: &ObjectExpression<'_>) {
        for property in &object.properties {
            if let ObjectPropertyKind::ObjectProperty(property) = property
                && let Some(name) = property.key.static_name()
            {
                self.add(&name);
            }
        }
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if let AssignmentTarget::StaticMemberExpression(target) = &assignment.left {
            if is_exports(&target.object) {
                self.add(&target.property.name);
            } else if target.property.name == "exports" && is_named(&target.object, "module") {
                self.is_commonjs = true;
                if let Expression::ObjectExpression(object) = &assignment.right {
                    self.add_keys(object);
                }
            }
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Expression::StaticMemberExpression(callee) = &call.callee
            && callee.property.name == "defineProperty"
            && is_named(&callee.object, "Object")
            && let [Argument::StringLiteral(name), ..] = call.arguments.get(1..).unwrap_or_default()
            && call.arguments[0].as_expression().is_some_and(is_exports)
        {
            self.add(&name.value);
        }
        walk::walk_call_expression(self, call);
    }
}

/// Whether an expression is `exports` or `module.exports`.
fn is_exports(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::StaticMemberExpression(member) => {
            member.property.name == "exports" && is_named(&member.object, "module")
        }
        other => is_named(other, "exports"),
    }
}

fn is_named(expression: &Expression<'_>, name: &str) -> bool {
    matches!(expression, Expression::Identifier(identifier) if identifier.name == name)
}
