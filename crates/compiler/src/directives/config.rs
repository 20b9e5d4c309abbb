//! Segment configuration: `export const dynamic = "…"` and its siblings, read without running anything.

use oxc::ast::ast::{Declaration, Expression, Program, Statement};
use oxc::syntax::operator::UnaryOperator;

/// `export const dynamic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dynamic {
    /// `"auto"`.
    Auto,
    /// `"force-dynamic"`.
    ForceDynamic,
    /// `"error"`.
    Error,
    /// `"force-static"`.
    ForceStatic,
}

/// `export const revalidate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Revalidate {
    /// `false`: never.
    Never,
    /// Seconds.
    Seconds(f64),
}

/// What a page, layout or route handler says about how it is rendered.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SegmentConfig {
    /// `dynamic`.
    pub dynamic: Option<Dynamic>,
    /// `revalidate`.
    pub revalidate: Option<Revalidate>,
    /// `dynamicParams`.
    pub dynamic_params: Option<bool>,
    /// `fetchCache`.
    pub fetch_cache: Option<String>,
    /// `runtime`.
    pub runtime: Option<String>,
    /// `maxDuration`, in seconds.
    pub max_duration: Option<f64>,
    /// Whether `generateStaticParams` is exported.
    pub has_static_params: bool,
}

/// Reads the configuration of a module. What is not written as a literal is left out.
pub(super) fn read(program: &Program<'_>) -> SegmentConfig {
    let mut config = SegmentConfig::default();
    for statement in &program.body {
        let Statement::ExportDeclaration(export) = statement else { continue };
        match &export.declaration {
            Declaration::FunctionDeclaration(function) => {
                config.has_static_params |= function.id.as_ref().is_some_and(|id| id.name == "generateStaticParams");
            }
            Declaration::VariableDeclaration(variables) => {
                for declarator in &variables.declarations {
                    let (Some(id), Some(init)) = (declarator.id.get_binding_identifier(), &declarator.init) else {
                        continue;
                    };
                    config.set(&id.name, init);
                }
            }
            _ => {}
        }
    }
    config
}

impl SegmentConfig {
    fn set(&mut self, name: &str, value: &Expression<'_>) {
        match name {
            "dynamic" => {
                self.dynamic = match text(value) {
                    Some("auto") => Some(Dynamic::Auto),
                    Some("force-dynamic") => Some(Dynamic::ForceDynamic),
                    Some("error") => Some(Dynamic::Error),
                    Some("force-static") => Some(Dynamic::ForceStatic),
                    _ => None,
                }
            }
            "revalidate" => {
                self.revalidate = match boolean(value) {
                    Some(false) => Some(Revalidate::Never),
                    _ => number(value).map(Revalidate::Seconds),
                }
            }
            "dynamicParams" => self.dynamic_params = boolean(value),
            "fetchCache" => self.fetch_cache = text(value).map(str::to_owned),
            "runtime" => self.runtime = text(value).map(str::to_owned),
            "maxDuration" => self.max_duration = number(value),
            "generateStaticParams" => self.has_static_params = true,
            _ => {}
        }
    }
}

/// The expression without what TypeScript puts around it: `"auto" as const`.
fn bare<'a, 'b>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    match expression.without_parentheses() {
        Expression::TSAsExpression(inner) => bare(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => bare(&inner.expression),
        other => other,
    }
}

fn text<'b>(expression: &'b Expression<'_>) -> Option<&'b str> {
    match bare(expression) {
        Expression::StringLiteral(literal) => Some(literal.value.as_str()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first().map(|quasi| quasi.value.raw.as_str())
        }
        _ => None,
    }
}

fn boolean(expression: &Expression<'_>) -> Option<bool> {
    match bare(expression) {
        Expression::BooleanLiteral(literal) => Some(literal.value),
        _ => None,
    }
}

fn number(expression: &Expression<'_>) -> Option<f64> {
    match bare(expression) {
        Expression::NumericLiteral(literal) => Some(literal.value),
        Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation => {
            number(&unary.argument).map(|value| -value)
        }
        // `60 * 60`
        Expression::BinaryExpression(binary) if binary.operator == oxc::syntax::operator::BinaryOperator::Multiplication => {
            Some(number(&binary.left)? * number(&binary.right)?)
        }
        Expression::Identifier(id) if id.name == "Infinity" => Some(f64::INFINITY),
        _ => None,
    }
}
