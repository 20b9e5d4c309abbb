//! Imports and exports that cannot work where they stand.

use oxc::ast::ast::{
    CallExpression, Class, Expression, ImportDeclaration, ImportDeclarationSpecifier, Program, Statement,
};
use oxc::ast_visit::{Visit, walk};
use oxc::span::{GetSpan as _, Span};
use rustc_hash::FxHashMap;

use super::exports::Export;
use super::{Directive, Graph, ModuleContext, dynamic};
use crate::diagnostics::Diagnostic;

/// What `react` has only in client components.
const REACT: [&str; 17] = [
    "Component",
    "PureComponent",
    "createContext",
    "useActionState",
    "useContext",
    "useDeferredValue",
    "useEffect",
    "useEffectEvent",
    "useImperativeHandle",
    "useInsertionEffect",
    "useLayoutEffect",
    "useOptimistic",
    "useReducer",
    "useRef",
    "useState",
    "useSyncExternalStore",
    "useTransition",
];

/// What only server components may export.
const SERVER_EXPORTS: [&str; 8] = [
    "generateMetadata",
    "generateStaticParams",
    "generateViewport",
    "getServerSideProps",
    "getStaticPaths",
    "getStaticProps",
    "metadata",
    "viewport",
];

/// What a module has only in client components; `*` for all of it.
fn client_only(module: &str) -> &'static [&'static str] {
    match module {
        "react" => &REACT,
        "react-dom" => {
            &["createPortal", "flushSync", "unstable_batchedUpdates", "useFormState", "useFormStatus", "createRoot"]
        }
        "next/navigation" => &[
            "useParams",
            "usePathname",
            "useRouter",
            "useSearchParams",
            "useSelectedLayoutSegment",
            "useSelectedLayoutSegments",
            "useServerInsertedHTML",
        ],
        "next/link" => &["useLinkStatus"],
        "next/web-vitals" => &["useReportWebVitals"],
        "react-dom/client" | "next/router" => &["*"],
        _ => &[],
    }
}

/// What a module has only on the server.
fn server_only(module: &str) -> &'static [&'static str] {
    match module {
        "next/cache" => &[
            "cacheLife",
            "cacheTag",
            "refresh",
            "revalidatePath",
            "revalidateTag",
            "unstable_cacheLife",
            "unstable_cacheTag",
            "updateTag",
        ],
        "next/server" => &["after", "connection"],
        _ => &[],
    }
}

/// Reports what is misused in a module of the app's own.
pub(super) fn check(
    program: &Program<'_>,
    directive: Option<Directive>,
    exports: &[Export],
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    let is_client = directive == Some(Directive::UseClient);
    if is_client && context.is_segment_file() {
        server_exports(exports, context, problems);
    }
    if context.graph == Graph::Rsc && context.is_segment_file() {
        two_metadata(exports, context, problems);
    }
    match context.graph {
        Graph::Rsc if !is_client => {
            imports(program, client_only, |span, name| {
                problems.push(needs_client(context, span, name));
            });
            member_uses(program, context, problems);
            dynamic::refuse_browser_only(program, context, problems);
        }
        // Server files are stubs in these graphs: what they import is not there.
        Graph::Ssr | Graph::Client if directive != Some(Directive::UseServer) => {
            imports(program, server_only, |span, name| {
                problems.push(
                    context
                        .error(
                            span,
                            format!("`{name}` works on the server only, and this file is part of the client"),
                            "imported here",
                        )
                        .with_code("vinext::server_only_api")
                        .with_help("call it in a server function: a file that starts with \"use server\""),
                );
            });
        }
        _ => {}
    }
}

/// One of them would be ignored.
fn two_metadata(exports: &[Export], context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    let exported = |name: &str| exports.iter().find(|export| export.name == name);
    if exported("metadata").is_some()
        && let Some(function) = exported("generateMetadata")
    {
        problems.push(
            context
                .error(
                    function.span,
                    "`metadata` and `generateMetadata` cannot be exported together",
                    "the second of the two",
                )
                .with_code("vinext::two_metadata")
                .with_help("keep one of them: the function can return what the object says"),
        );
    }
}

fn needs_client(context: &ModuleContext<'_>, span: Span, name: &str) -> Diagnostic {
    context
        .error(
            span,
            format!("`{name}` works in client components only, and this file is a server component"),
            "used here",
        )
        .with_code("vinext::client_only_api")
        .with_help("put \"use client\" at the top of this file, or move the part that needs it to a file that has it")
}

fn server_exports(exports: &[Export], context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    for export in exports.iter().filter(|export| SERVER_EXPORTS.contains(&export.name.as_str())) {
        problems.push(
            context
                .error(
                    export.span,
                    format!("a \"use client\" file cannot export `{}`", export.name),
                    "only the server reads this",
                )
                .with_code("vinext::server_export_in_client")
                .with_help(
                    "keep the page a server component, and move the interactive part to a file with \"use client\"",
                ),
        );
    }
}

/// Finds what is imported or re-exported by a name that `forbidden` lists for its module.
fn imports(
    program: &Program<'_>,
    forbidden: impl Fn(&str) -> &'static [&'static str],
    mut report: impl FnMut(Span, &str),
) {
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) if !import.import_kind.is_type() => {
                let names = forbidden(&import.source.value);
                for specifier in import.specifiers.iter().flatten() {
                    match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(item) if item.import_kind.is_type() => {}
                        ImportDeclarationSpecifier::ImportSpecifier(item) => {
                            let name = item.imported.name();
                            if names == ["*"] || names.contains(&name.as_str()) {
                                report(item.span, &name);
                            }
                        }
                        _ if names == ["*"] => report(specifier.span(), &import.source.value),
                        _ => {}
                    }
                }
            }
            Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                let names = forbidden(&export.source.value);
                for item in export.specifiers.iter().filter(|item| !item.export_kind.is_type()) {
                    let name = item.local.name();
                    if names == ["*"] || names.contains(&name.as_str()) {
                        report(item.span, &name);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reports `React.useState()`, `ReactDOM.createPortal()` and `class … extends React.Component`.
fn member_uses(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    let mut namespaces = FxHashMap::default();
    for statement in &program.body {
        if let Statement::ImportDeclaration(import) = statement {
            let names = client_only(&import.source.value);
            if !names.is_empty() {
                namespaces.extend(namespace_names(import).map(|local| (local, names)));
            }
        }
    }
    if !namespaces.is_empty() {
        Members { namespaces, context, problems }.visit_program(program);
    }
}

fn namespace_names<'b>(import: &'b ImportDeclaration<'_>) -> impl Iterator<Item = &'b str> {
    import.specifiers.iter().flatten().filter_map(|specifier| match specifier {
        ImportDeclarationSpecifier::ImportDefaultSpecifier(item) => Some(item.local.name.as_str()),
        ImportDeclarationSpecifier::ImportNamespaceSpecifier(item) => Some(item.local.name.as_str()),
        ImportDeclarationSpecifier::ImportSpecifier(_) => None,
    })
}

struct Members<'b, 'c> {
    /// What a local name stands for: what its module has only in client components.
    namespaces: FxHashMap<&'b str, &'static [&'static str]>,
    context: &'b ModuleContext<'c>,
    problems: &'b mut Vec<Diagnostic>,
}

impl Members<'_, '_> {
    fn check(&mut self, expression: &Expression<'_>) {
        if let Expression::StaticMemberExpression(member) = expression
            && let Expression::Identifier(object) = &member.object
            && let Some(names) = self.namespaces.get(object.name.as_str())
            && names.contains(&member.property.name.as_str())
        {
            self.problems.push(needs_client(self.context, member.span, &member.property.name));
        }
    }
}

impl<'a> Visit<'a> for Members<'_, '_> {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        self.check(&call.callee);
        walk::walk_call_expression(self, call);
    }

    fn visit_class(&mut self, class: &Class<'a>) {
        if let Some(heritage) = &class.heritage {
            self.check(&heritage.expression);
        }
        walk::walk_class(self, class);
    }
}
