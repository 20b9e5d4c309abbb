//! Segment configuration: `export const dynamic = "…"` and its siblings, read without running anything.

use oxc::ast::ast::{ArrayExpressionElement, Declaration, Expression, ModuleExportName, Program, Statement};
use oxc::span::Span;
use oxc::syntax::operator::UnaryOperator;
use rustc_hash::FxHashMap;

use super::exports::Export;
use super::{ModuleContext, bare};
use crate::diagnostics::Diagnostic;

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

/// `export const ensureStatic`: what of a route must not wait for a request. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnsureStatic {
    /// `false`: nothing, and no other segment may ask for it.
    Never,
    /// `"shell"`: what is shown for whatever parameters.
    Shell,
    /// `"prefetch"`: what a link fetches in advance.
    Prefetch,
    /// `"navigation"`: all of it.
    Navigation,
}

/// What a page, layout or route handler says about how it is rendered.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one export is there")]
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
    /// `preferredRegion`, one or several.
    pub preferred_region: Vec<String>,
    /// `maxDuration`, in seconds.
    pub max_duration: Option<f64>,
    /// `unstable_dynamicStaleTime`, in seconds.
    pub stale_time: Option<f64>,
    /// `ensureStatic`; `"auto"` is as nothing.
    pub ensure_static: Option<EnsureStatic>,
    /// Whether `generateStaticParams` is exported.
    pub has_static_params: bool,
    /// Whether `metadata` is exported.
    pub has_metadata: bool,
    /// Whether `generateMetadata` is exported.
    pub has_generate_metadata: bool,
    /// Whether `viewport` is exported.
    pub has_viewport: bool,
    /// Whether `generateViewport` is exported.
    pub has_generate_viewport: bool,
}

/// The exports that configure a segment.
const NAMES: [&str; 11] = [
    "dynamic",
    "revalidate",
    "dynamicParams",
    "fetchCache",
    "runtime",
    "preferredRegion",
    "maxDuration",
    STALE_TIME,
    "instant",
    "prefetch",
    "ensureStatic",
];

/// What only pages can say: layouts are shown for as long as one is below them.
const STALE_TIME: &str = "unstable_dynamicStaleTime";

/// What has no meaning where pages are rendered in parts.
const NOT_WITH_COMPONENTS: [&str; 5] = ["dynamic", "revalidate", "fetchCache", "dynamicParams", "runtime"];

/// What has a meaning only where pages are rendered in parts, and only on the server.
const WITH_COMPONENTS: [&str; 3] = ["instant", "prefetch", "ensureStatic"];

const PREFETCH: [&str; 3] = ["auto", "partial", "force-disabled"];

const FETCH_CACHE: [&str; 7] =
    ["auto", "default-cache", "only-cache", "force-cache", "default-no-store", "only-no-store", "force-no-store"];

const RUNTIME: [&str; 2] = ["nodejs", "edge"];

/// Reads the configuration of a module. In a file that is configured, a value that cannot be read is
/// a mistake: the app would run without what it says.
pub(super) fn read(
    program: &Program<'_>,
    exports: &[Export],
    is_client: bool,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> SegmentConfig {
    let has = |name: &str| exports.iter().any(|export| export.name == name);
    let mut config = SegmentConfig {
        has_static_params: has("generateStaticParams"),
        has_metadata: has("metadata"),
        has_generate_metadata: has("generateMetadata"),
        has_viewport: has("viewport"),
        has_generate_viewport: has("generateViewport"),
        ..SegmentConfig::default()
    };
    if !NAMES.iter().any(|name| has(name)) {
        return config;
    }
    let constants = constants(program);
    for (name, local, span) in configured(program) {
        let value = local.and_then(|local| constants.get(local).copied());
        let place = value.map_or(span, oxc::span::GetSpan::span);
        if name == STALE_TIME && context.is_layout() {
            problems.push(
                context
                    .error(span, format!("`{name}` is for pages only, and this file is a layout"), "exported here")
                    .with_code("vinext::segment_config")
                    .with_help("export it from the pages below this layout"),
            );
        }
        if context.has_components && NOT_WITH_COMPONENTS.contains(&name) && context.is_segment_file() {
            problems.push(
                context
                    .error(span, format!("`{name}` is not compatible with `cacheComponents`"), "exported here")
                    .with_code("vinext::segment_config")
                    .with_help(
                        "remove it: what is kept is said by \"use cache\", and everything else is rendered per request",
                    ),
            );
        }
        if WITH_COMPONENTS.contains(&name) && context.is_segment_file() {
            let refused = match (is_client, context.has_components) {
                (true, _) => Some((
                    "cannot be exported from a Client Component",
                    "move it to a Server Component: a layout above, or a page that shows this one",
                )),
                (false, false) => {
                    Some(("needs `cacheComponents`", "remove it, or set `cacheComponents: true` in next.config"))
                }
                (false, true) => None,
            };
            if let Some((why, help)) = refused {
                problems.push(
                    context
                        .error(span, format!("`{name}` {why}"), "exported here")
                        .with_code("vinext::segment_config")
                        .with_help(help),
                );
            }
        }
        if let Err(expected) = config.set(name, value)
            && context.is_segment_file()
        {
            problems.push(
                context
                    .error(
                        place,
                        format!("`{name}` cannot be used: {expected}"),
                        "not a value that can be read without running it",
                    )
                    .with_code("vinext::segment_config")
                    .with_help(format!("write the value in this file: export const {name} = …")),
            );
        }
    }
    config
}

/// The configuring exports: name, local name if there is one, place.
fn configured<'b>(program: &'b Program<'_>) -> Vec<(&'b str, Option<&'b str>, Span)> {
    let mut found = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(variables) => {
                    for id in variables.declarations.iter().filter_map(|item| item.id.get_binding_identifier()) {
                        found.push((id.name.as_str(), Some(id.name.as_str()), id.span));
                    }
                }
                Declaration::FunctionDeclaration(function) => {
                    found.extend(function.id.as_ref().map(|id| (id.name.as_str(), None, id.span)));
                }
                _ => {}
            },
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    found.push((name_of(&specifier.exported), Some(name_of(&specifier.local)), specifier.span));
                }
            }
            Statement::ExportFromDeclaration(export) => {
                for specifier in &export.specifiers {
                    found.push((name_of(&specifier.exported), None, specifier.span));
                }
            }
            _ => {}
        }
    }
    found.retain(|(name, ..)| NAMES.contains(name));
    found
}

fn name_of<'b>(name: &'b ModuleExportName<'_>) -> &'b str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(name) => name.value.as_str(),
    }
}

/// The values of variables at the module's top.
fn constants<'b, 'a>(program: &'b Program<'a>) -> FxHashMap<&'b str, &'b Expression<'a>> {
    let variables = program.body.iter().filter_map(|statement| match statement {
        Statement::VariableDeclaration(variables) => Some(variables),
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(variables) => Some(variables),
            _ => None,
        },
        _ => None,
    });
    variables
        .flat_map(|variables| &variables.declarations)
        .filter_map(|item| Some((item.id.get_binding_identifier()?.name.as_str(), item.init.as_ref()?)))
        .collect()
}

impl SegmentConfig {
    /// Reads one value, or says what was expected.
    fn set(&mut self, name: &str, value: Option<&Expression<'_>>) -> Result<(), String> {
        match name {
            "dynamic" => {
                let expected = ["auto", "force-dynamic", "error", "force-static"];
                self.dynamic = Some(value.and_then(dynamic).ok_or_else(|| one_of(&expected))?);
            }
            "revalidate" => {
                let expected = "it must be `false` or a whole number of seconds, zero or more, written as one number";
                self.revalidate = Some(value.and_then(revalidate).ok_or(expected)?);
            }
            "dynamicParams" => {
                self.dynamic_params = Some(value.and_then(boolean).ok_or("it must be `true` or `false`")?);
            }
            "fetchCache" => self.fetch_cache = Some(choice(value, &FETCH_CACHE)?),
            "runtime" => self.runtime = Some(choice(value, &RUNTIME)?),
            "preferredRegion" => {
                self.preferred_region = value.and_then(texts).ok_or("it must be a string, or an array of strings")?;
            }
            STALE_TIME => {
                let expected = "it must be a number of seconds, zero or more";
                self.stale_time = Some(value.and_then(number).filter(|seconds| *seconds >= 0.0).ok_or(expected)?);
            }
            "prefetch" => {
                choice(value, &PREFETCH)?;
            }
            "ensureStatic" => {
                self.ensure_static = ensure_static(value)?;
            }
            "maxDuration" => {
                self.max_duration = Some(value.and_then(number).ok_or("it must be a number of seconds")?);
            }
            _ => {}
        }
        Ok(())
    }
}

fn one_of(choices: &[&str]) -> String {
    format!("it must be one of \"{}\"", choices.join("\", \""))
}

fn choice(value: Option<&Expression<'_>>, choices: &[&str]) -> Result<String, String> {
    let value = value.and_then(text).filter(|text| choices.contains(text));
    value.map(str::to_owned).ok_or_else(|| one_of(choices))
}

fn dynamic(value: &Expression<'_>) -> Option<Dynamic> {
    match text(value)? {
        "auto" => Some(Dynamic::Auto),
        "force-dynamic" => Some(Dynamic::ForceDynamic),
        "error" => Some(Dynamic::Error),
        "force-static" => Some(Dynamic::ForceStatic),
        _ => None,
    }
}

/// `"auto"` is as if it was not there.
fn ensure_static(value: Option<&Expression<'_>>) -> Result<Option<EnsureStatic>, &'static str> {
    match (value.and_then(boolean), value.and_then(text)) {
        (Some(false), _) => Ok(Some(EnsureStatic::Never)),
        (_, Some("auto")) => Ok(None),
        (_, Some("shell")) => Ok(Some(EnsureStatic::Shell)),
        (_, Some("prefetch")) => Ok(Some(EnsureStatic::Prefetch)),
        (_, Some("navigation")) => Ok(Some(EnsureStatic::Navigation)),
        _ => Err("it must be \"auto\", \"shell\", \"prefetch\", \"navigation\" or `false`"),
    }
}

fn revalidate(value: &Expression<'_>) -> Option<Revalidate> {
    match boolean(value) {
        Some(false) => Some(Revalidate::Never),
        Some(true) => None,
        None => number(value).filter(|seconds| *seconds >= 0.0 && seconds.fract() == 0.0).map(Revalidate::Seconds),
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

fn texts(expression: &Expression<'_>) -> Option<Vec<String>> {
    let Expression::ArrayExpression(array) = bare(expression) else {
        return text(expression).map(|text| vec![text.to_owned()]);
    };
    let element = |element: &ArrayExpressionElement<'_>| element.as_expression().and_then(text).map(str::to_owned);
    array.elements.iter().map(element).collect()
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
        _ => None,
    }
}
