//! The proxy's file, read without running it: what it exports, and which requests it is asked about.

use camino::Utf8Path;
use oxc::allocator::Allocator;
use oxc::ast::ast::{
    Declaration, ExportDefaultDeclarationKind, Expression, ObjectPropertyKind, Program, PropertyKey, Statement,
};
use oxc::span::{GetSpan as _, Span};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::{Graph, ModuleContext, bare, exports};
use crate::diagnostics::Diagnostic;

/// How deep a constant may name others.
const DEPTH: usize = 64;

/// By which name a file is the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// `proxy.ts`.
    Proxy,
    /// `middleware.ts`, as it was called before Next 16.
    Middleware,
}

impl ProxyKind {
    /// The name of the file and of its export.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Middleware => "middleware",
        }
    }
}

/// What a proxy's file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxyFile {
    /// `config.matcher`, as a list; `None` if there is none.
    pub matcher: Option<Vec<ProxyMatcherItem>>,
}

/// An item of `config.matcher`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyMatcherItem {
    /// The item as an object: `source`, `has`, `missing`.
    pub value: Value,
    /// Where it is written: offset and length in bytes.
    pub place: (usize, usize),
}

/// Reads the file of a proxy.
///
/// ```
/// use vinext_compiler::directives::{ProxyKind, proxy_file};
///
/// let source = "export function proxy() {}\nexport const config = { matcher: '/account/:path*' };";
/// let file = proxy_file("proxy.ts".into(), source, ProxyKind::Proxy)?;
/// assert_eq!(file.matcher.unwrap_or_default()[0].value["source"], "/account/:path*");
///
/// assert!(proxy_file("proxy.ts".into(), "export function Proxy() {}", ProxyKind::Proxy).is_err());
/// # Ok::<(), Vec<vinext_compiler::diagnostics::Diagnostic>>(())
/// ```
///
/// # Errors
///
/// Every mistake in it: a file that guards nothing is one.
pub fn proxy_file(file: &Utf8Path, source: &str, kind: ProxyKind) -> Result<ProxyFile, Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let source_type = oxc::span::SourceType::from_path(file).unwrap_or_else(|_| oxc::span::SourceType::tsx());
    let parsed = oxc::parser::Parser::new(&allocator, source, source_type).parse();
    let context = ModuleContext::new(file.as_str(), file.as_str(), source, Graph::Rsc);
    if parsed.panicked {
        // Who compiles it shows what is wrong.
        return Ok(ProxyFile::default());
    }
    let mut problems = Vec::new();
    check_exports(&parsed.program, kind, &context, &mut problems);
    let matcher = config(&parsed.program, kind, &context, &mut problems);
    if problems.is_empty() { Ok(ProxyFile { matcher }) } else { Err(problems) }
}

fn check_exports(program: &Program<'_>, kind: ProxyKind, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    let name = kind.name();
    let exports = exports::of(program);
    let re_exports = program.body.iter().any(|statement| matches!(statement, Statement::ExportAllDeclaration(_)));
    let found = exports.iter().any(|export| export.name == name || export.name == "default");
    if !found {
        let place = exports.first().map_or(Span::new(0, 0), |export| export.span);
        let hint = if re_exports { "; `export *` does not say what there is" } else { "" };
        problems.push(
            context
                .error(
                    place,
                    format!("the {name} file must export a function named `{name}`, or a default function"),
                    format!("no such export{hint}"),
                )
                .with_code("vinext::proxy")
                .with_help(format!("without it no request would be guarded: export function {name}(request) {{ … }}")),
        );
    }
    for (name, value, span) in exported_values(program) {
        if [kind.name(), "default"].contains(&name) && is_no_function(value) {
            problems.push(
                context
                    .error(span, format!("the {} file must export a function", kind.name()), "not a function")
                    .with_code("vinext::proxy"),
            );
        }
    }
    for export in exports.iter().filter(|export| kind == ProxyKind::Proxy && export.name == "runtime") {
        problems.push(no_runtime(export.span, context));
    }
}

fn no_runtime(span: Span, context: &ModuleContext<'_>) -> Diagnostic {
    context
        .error(
            span,
            "route segment config is not allowed in the proxy file",
            "the proxy always runs where the app does",
        )
        .with_code("vinext::proxy")
        .with_help("remove `runtime`")
}

/// The values that are exported in the place where they are written.
fn exported_values<'b, 'a>(program: &'b Program<'a>) -> Vec<(&'b str, &'b Expression<'a>, Span)> {
    let mut values = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export) => {
                let Declaration::VariableDeclaration(variables) = &export.declaration else { continue };
                for item in &variables.declarations {
                    if let (Some(id), Some(value)) = (item.id.get_binding_identifier(), &item.init) {
                        values.push((id.name.as_str(), value, item.span));
                    }
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                if let Some(value) = expression_of(&export.declaration) {
                    values.push(("default", value, export.span));
                }
            }
            _ => {}
        }
    }
    values
}

fn expression_of<'b, 'a>(declaration: &'b ExportDefaultDeclarationKind<'a>) -> Option<&'b Expression<'a>> {
    declaration.as_expression()
}

/// Values that are seen to be something else.
fn is_no_function(value: &Expression<'_>) -> bool {
    matches!(
        bare(value),
        Expression::StringLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::ObjectExpression(_)
            | Expression::ArrayExpression(_)
            | Expression::TemplateLiteral(_)
    )
}

/// `config.matcher`, if `config` is exported.
fn config(
    program: &Program<'_>,
    kind: ProxyKind,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<ProxyMatcherItem>> {
    let export = exports::of(program).into_iter().find(|export| export.name == "config")?;
    let constants = constants(program);
    let Some(value) = constants.get("config").copied() else {
        problems.push(unreadable(export.span, context));
        return None;
    };
    let Expression::ObjectExpression(object) = bare(value) else {
        problems.push(unreadable(value.span(), context));
        return None;
    };
    let mut matcher = None;
    for property in &object.properties {
        let ObjectPropertyKind::ObjectProperty(property) = property else {
            problems.push(unreadable(property.span(), context));
            continue;
        };
        match key(&property.key) {
            Some("matcher") => matcher = Some(&property.value),
            Some("runtime") if kind == ProxyKind::Proxy => problems.push(no_runtime(property.span, context)),
            Some(_) => {}
            None => problems.push(unreadable(property.span, context)),
        }
    }
    let matcher = resolved(matcher?, &constants);
    let items: Vec<&Expression<'_>> = match bare(matcher) {
        Expression::ArrayExpression(array) => {
            let items: Option<Vec<_>> = array.elements.iter().map(|item| item.as_expression()).collect();
            let Some(items) = items else {
                problems.push(unreadable(matcher.span(), context));
                return None;
            };
            items
        }
        _ => vec![matcher],
    };
    Some(items.into_iter().filter_map(|item| matcher_item(item, &constants, context, problems)).collect())
}

fn matcher_item(
    item: &Expression<'_>,
    constants: &Constants<'_, '_>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<ProxyMatcherItem> {
    let span = item.span();
    let mut refuse = |message: &str, label: &str| {
        problems.push(context.error(span, message, label).with_code("vinext::proxy_matcher").with_help(
            "a matcher is a path (\"/account/:path*\"), or an object with `source` and, if wanted, `has` and `missing`",
        ));
        None
    };
    let value = match literal(item, constants, DEPTH) {
        Some(Value::String(source)) => serde_json::json!({ "source": source }),
        Some(value @ Value::Object(_)) => value,
        Some(_) => return refuse("a matcher of the proxy is neither a string nor an object", "not a matcher"),
        None => {
            problems.push(unreadable(span, context));
            return None;
        }
    };
    match value.get("source").and_then(Value::as_str) {
        None => refuse("a matcher of the proxy has no `source`", "which paths is it about?"),
        Some(source) if !source.starts_with('/') => {
            refuse(&format!("the matcher `{source}` must start with `/`"), "`source` must start with `/`")
        }
        Some(_) => Some(ProxyMatcherItem { value, place: (span.start as usize, span.size() as usize) }),
    }
}

fn unreadable(span: Span, context: &ModuleContext<'_>) -> Diagnostic {
    context
        .error(span, "`config` of the proxy cannot be read", "not a value that can be read without running it")
        .with_code("vinext::proxy_config")
        .with_help("write it out in this file: export const config = { matcher: [\"/account/:path*\"] }")
}

type Constants<'b, 'a> = FxHashMap<&'b str, &'b Expression<'a>>;

/// The values of the variables at the module's top that never change.
fn constants<'b, 'a>(program: &'b Program<'a>) -> Constants<'b, 'a> {
    let variables = program.body.iter().filter_map(|statement| match statement {
        Statement::VariableDeclaration(variables) => Some(variables),
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(variables) => Some(variables),
            _ => None,
        },
        _ => None,
    });
    variables
        .filter(|variables| variables.kind.is_const())
        .flat_map(|variables| &variables.declarations)
        .filter_map(|item| Some((item.id.get_binding_identifier()?.name.as_str(), item.init.as_ref()?)))
        .collect()
}

/// What a name stands for, or the expression itself.
fn resolved<'b, 'a>(expression: &'b Expression<'a>, constants: &Constants<'b, 'a>) -> &'b Expression<'a> {
    let mut expression = expression;
    for _ in 0..DEPTH {
        match bare(expression) {
            Expression::Identifier(id) => match constants.get(id.name.as_str()) {
                Some(value) => expression = value,
                None => break,
            },
            _ => break,
        }
    }
    expression
}

/// The value of an expression that is one whatever runs.
fn literal(expression: &Expression<'_>, constants: &Constants<'_, '_>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    match bare(expression) {
        Expression::StringLiteral(text) => Some(Value::from(text.value.as_str())),
        Expression::BooleanLiteral(value) => Some(Value::from(value.value)),
        Expression::NumericLiteral(value) => Some(Value::from(value.value)),
        Expression::NullLiteral(_) => Some(Value::Null),
        Expression::TemplateLiteral(template) => {
            let mut text = String::new();
            for (index, part) in template.quasis.iter().enumerate() {
                text.push_str(part.value.cooked.as_ref()?.as_str());
                if let Some(inner) = template.expressions.get(index) {
                    text.push_str(literal(inner, constants, depth)?.as_str()?);
                }
            }
            Some(Value::from(text))
        }
        Expression::ArrayExpression(array) => {
            let items = array.elements.iter().map(|item| literal(item.as_expression()?, constants, depth));
            items.collect::<Option<Vec<_>>>().map(Value::from)
        }
        Expression::ObjectExpression(object) => {
            let mut members = serde_json::Map::new();
            for property in &object.properties {
                let ObjectPropertyKind::ObjectProperty(property) = property else { return None };
                members.insert(key(&property.key)?.to_owned(), literal(&property.value, constants, depth)?);
            }
            Some(Value::Object(members))
        }
        Expression::Identifier(id) if id.name == "undefined" => Some(Value::Null),
        Expression::Identifier(id) => literal(constants.get(id.name.as_str())?, constants, depth),
        _ => None,
    }
}

fn key<'b>(key: &'b PropertyKey<'_>) -> Option<&'b str> {
    match key {
        PropertyKey::StaticIdentifier(id) => Some(id.name.as_str()),
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sources(source: &str) -> Vec<String> {
        let file = proxy_file("proxy.ts".into(), source, ProxyKind::Proxy).unwrap();
        file.matcher.unwrap().into_iter().map(|item| item.value["source"].as_str().unwrap().to_owned()).collect()
    }

    fn refused(source: &str) -> String {
        let problems = proxy_file("proxy.ts".into(), source, ProxyKind::Proxy).unwrap_err();
        problems.iter().map(|problem| problem.message().to_owned()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_matcher_is_a_text_a_list_or_objects() {
        let proxy = "export default () => {};\n";
        assert_eq!(sources(&format!("{proxy}export const config = {{ matcher: '/a' }}")), ["/a"]);
        assert_eq!(
            sources(&format!("{proxy}export const config = {{ matcher: ['/a', {{ source: `/b` }}] as const }}")),
            ["/a", "/b"]
        );
        assert_eq!(sources(&format!("{proxy}const own = ['/a'];\nexport const config = {{ matcher: own }}")), ["/a"]);
        assert!(sources(&format!("{proxy}export const config = {{ matcher: [] }}")).is_empty());
        assert_eq!(proxy_file("proxy.ts".into(), proxy, ProxyKind::Proxy).unwrap().matcher, None);
    }

    #[test]
    fn a_file_that_guards_nothing_is_a_mistake() {
        for source in [
            "",
            "export function middleware() {}",
            "function proxy() {}",
            "export type proxy = string",
            "export * from './other'",
        ] {
            assert!(refused(source).contains("must export a function"), "{source}");
        }
        for source in ["export const proxy = 1", "export default {}", "export const proxy = 'x' as const"] {
            assert!(refused(source).contains("must export a function"), "{source}");
        }
        for source in [
            "export const proxy = wrap(() => {})",
            "export default wrap",
            "export { a as proxy }; const a = 1",
            "export { proxy } from './other'",
        ] {
            assert!(proxy_file("proxy.ts".into(), source, ProxyKind::Proxy).is_ok(), "{source}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_ignored() {
        let with = |config: &str| refused(&format!("export function proxy() {{}}\n{config}"));
        for config in [
            "export const config = make()",
            "export const config = { matcher: list() }",
            "export const config = { matcher: ['/a', ...more] }",
            "export const config = { ...base }",
            "export let config = { matcher: '/a' }",
            "export { config } from './other'",
            "export const config = { matcher: [`/${name}`] }",
        ] {
            assert!(with(config).contains("cannot be read"), "{config}");
        }
        assert!(with("export const config = { matcher: 'a' }").contains("must start with `/`"));
        assert!(with("export const config = { matcher: 5 }").contains("neither"));
        assert!(with("export const config = { matcher: [{ has: [] }] }").contains("no `source`"));
        assert!(with("export const config = { runtime: 'edge' }").contains("not allowed"));
        assert!(with("export const runtime = 'edge'").contains("not allowed"));
    }

    #[test]
    fn a_middleware_goes_by_its_own_name_and_may_say_where_it_runs() {
        let source = "export function middleware() {}\nexport const config = { runtime: 'nodejs', matcher: '/a' }";
        assert!(proxy_file("middleware.ts".into(), source, ProxyKind::Middleware).is_ok());
        assert!(proxy_file("middleware.ts".into(), "export function proxy() {}", ProxyKind::Middleware).is_err());
    }

    #[test]
    fn constants_that_name_each_other_end() {
        let source = "export default () => {};\nconst a = b, b = a;\nexport const config = { matcher: [a] };";
        assert!(refused(source).contains("cannot be read"));
    }
}
